//! Every type of column, at its extremes, through every way in and every way out: equal on each database.

use orm_tests::{Outcome, TestDb, each_backend};

mod kinds;

/// Makes a table with a column of the type, and the test that takes the values through it.
macro_rules! round_trip {
    ($name:ident: $type:ty = $values:expr) => {
        mod $name {
            use super::*;

            #[derive(Entity)]
            #[orm(table = "sheets")]
            pub(super) struct Sheet {
                #[orm(primary_key)]
                id: i64,
                #[orm(foreign_key = sheet_id, order_by = id)]
                cells: HasMany<Cell>,
            }

            #[derive(Entity)]
            #[orm(table = "cells")]
            pub(super) struct Cell {
                #[orm(primary_key)]
                id: i64,
                sheet_id: i64,
                value: $type,
                other: Option<$type>,
                #[orm(foreign_key = sheet_id, back_populates = cells)]
                sheet: BelongsTo<Sheet>,
            }

            /// As text: what looks the same is the same, the scale of a decimal too.
            macro_rules! shown {
                ($cells:expr) => {
                    $cells.map(|cell| format!("{:?} {:?}", cell.value(), cell.other())).collect::<Vec<_>>()
                };
            }

            pub(super) async fn go_in_and_come_out(db: TestDb) -> Outcome {
                let db = db.with(schema![Sheet, Cell]).await?;
                let values: Vec<$type> = $values.into();
                let mut session = db.session();
                let sheet = Key::of(&session.insert(Sheet::builder()).await?);
                let builder =
                    |value: &$type| Cell::builder().value(value.clone()).other(Some(value.clone())).sheet(sheet);

                // One by one, then all at once, then all changed at once, each to its neighbour's value.
                let empty = session.insert(Cell::builder().value(values[0].clone()).sheet(sheet)).await?;
                let mut expected = vec![format!("{:?} None", empty.value())];
                for value in &values {
                    let cell = session.insert(builder(value)).await?;
                    expected.push(format!("{:?} {:?}", cell.value(), cell.other()));
                }
                let batch = session.insert_all(values.iter().map(builder)).await?;
                expected.extend(shown!(batch.iter()));
                let changed = session.insert_all(values.iter().map(builder)).await?;
                for (cell, value) in changed.iter().zip(values.iter().cycle().skip(1)) {
                    cell.set_value(value.clone());
                    cell.set_other(Some(value.clone()));
                }
                expected.extend(shown!(changed.iter()));
                session.flush().await?;
                let nothing = session.insert_all(values.iter().map(builder)).await?;
                nothing.iter().for_each(|cell| cell.set_other(None));
                expected.extend(shown!(nothing.iter()));
                session.commit().await?;

                let found = session.get_one(sheet).selectin(Sheet::CELLS).await?;
                assert_eq!(shown!(found.cells().iter()), expected, "selectin");
                let plain = db.all(&Cell::select().order_by(Cell::ID.asc())).await?;
                assert_eq!(shown!(plain.iter()), expected, "a plain read");
                let (joined, joins) = (db.session(), Sheet::select().joined(Sheet::CELLS));
                assert_eq!(shown!(joined.one(&joins).await?.cells().iter()), expected, "joined");
                let fresh = db.session();
                for (id, expected) in (1_i64..).zip(&expected) {
                    let cell = fresh.get_one::<Cell>(id).await?;
                    assert_eq!(shown!([cell].iter()), [expected.as_str()], "get {id}");
                    let same = Cell::VALUE.eq(cell.value().to_owned()) & Cell::ID.eq(id);
                    assert_eq!(fresh.count(&Cell::select().filter(same)).await?, 1, "found by its value: {expected}");
                }
                Ok(())
            }
        }
        use $name::go_in_and_come_out as $name;
    };
}
use round_trip;

each_backend!(an_unset_column_is_none);

async fn an_unset_column_is_none(db: TestDb) -> Outcome {
    use crate::fixtures::User;
    let db = crate::fixtures::people(db).await?;
    let session = db.session();
    assert_eq!(session.insert(User::builder().name("Dan")).await?.nick(), None);
    assert_eq!(session.insert(User::builder().name("Eve").nick(None)).await?.nick(), None);
    Ok(())
}
