//! Everything twice: what a batch does with a column of each of a server's own types is what one row at a time does.
//!
//! The tables are made by SQL of our own, with types that `create_all` never takes: BIT, YEAR, ENUM, SET, CHAR(n), DECIMAL of other scales.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use orm_core::database::{Backend, Database};
use orm_tests::{Outcome, TestDb, each_backend};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// The text of a column as the server shows it, without the driver's or our decoding.
fn shown(db: &Database) -> &'static str {
    if db.backend() == Backend::MySql {
        "hex(value)"
    } else if db.backend() == Backend::Postgres {
        "value::text"
    } else {
        "typeof(value) || quote(value)"
    }
}

/// The rows of `things` in the order of their keys.
async fn rows(db: &Database) -> Outcome<Vec<String>> {
    let rows = db.sql(format!("SELECT {} FROM things ORDER BY id", shown(db))).all::<Option<String>>().await?;
    Ok(rows.into_iter().map(|row| row.unwrap_or_else(|| "NULL".to_owned())).collect())
}

/// A database with tables whose column `value` has this type. A pool of its own on PostgreSQL: plans of the tables before do not fit.
async fn tables(db: &TestDb, sql_type: &str) -> Outcome<Database> {
    db.run(&[
        "DROP TABLE IF EXISTS uses",
        "DROP TABLE IF EXISTS things",
        &format!("CREATE TABLE things (id bigint NOT NULL PRIMARY KEY, value {sql_type})"),
        &format!("CREATE TABLE uses (id bigint NOT NULL PRIMARY KEY, value {sql_type})"),
    ])
    .await?;
    Ok(if db.is_postgres() { db.options().max_connections(2).connect().await? } else { (**db).clone() })
}

/// The entity whose column has this type, and what is done with it row by row and in batches.
macro_rules! twice {
    ($name:ident: $type:ty = |$db:ident| $table:expr $(; $keys:ident)?) => {
        mod $name {
            use orm_core::{prelude::*, query::on_conflict};

            use super::*;

            #[derive(Entity)]
            #[orm(table = "things")]
            struct Thing {
                #[orm(primary_key, generated = false)]
                id: i64,
                value: Option<$type>,
            }

            /// One statement or more for each row.
            async fn row_by_row(db: &Database, values: &[$type]) -> Outcome<Vec<Vec<String>>> {
                let mut session = db.session();
                let mut states = Vec::new();
                for (id, value) in (0_i64..).zip(values) {
                    session.insert(Thing::builder().id(id).value(value.clone())).await?;
                    session.commit().await?;
                }
                states.push(rows(db).await?);
                for (id, value) in (0_i64..).zip(values.iter().cycle().skip(1)).take(values.len()) {
                    session.get_one::<Thing>(id).await?.set_value(value.clone());
                    session.commit().await?;
                }
                states.push(rows(db).await?);
                for (id, value) in (1_i64..).zip(values) {
                    session.upsert(Thing::builder().id(id).value(value.clone()), on_conflict(Thing::ID)).await?;
                    session.commit().await?;
                }
                states.push(rows(db).await?);
                for id in 0..i64::try_from(values.len())? {
                    session.get_one::<Thing>(id).await?.set_value(None);
                    session.commit().await?;
                }
                states.push(rows(db).await?);
                Ok(states)
            }

            /// The same in few statements.
            async fn by_batch(db: &Database, values: &[$type]) -> Outcome<Vec<Vec<String>>> {
                let mut session = db.session();
                let mut states = Vec::new();
                let all = Thing::select().order_by(Thing::ID.asc());
                let new = |first: i64| {
                    (first..).zip(values).map(|(id, value)| Thing::builder().id(id).value(value.clone()))
                };
                session.insert_all(new(0)).await?;
                session.commit().await?;
                states.push(rows(db).await?);
                for (thing, value) in session.all(&all).await?.iter().zip(values.iter().cycle().skip(1)) {
                    thing.set_value(value.clone());
                }
                session.commit().await?;
                states.push(rows(db).await?);
                session.upsert_all(new(1), on_conflict(Thing::ID)).await?;
                session.commit().await?;
                states.push(rows(db).await?);
                for thing in session.all(&all.limit(values.len().try_into()?)).await? {
                    thing.set_value(None);
                }
                session.commit().await?;
                states.push(rows(db).await?);
                Ok(states)
            }

            pub(super) async fn the_same_twice($db: TestDb) -> Outcome {
                let table: Vec<(&str, Vec<$type>)> = $table;
                for (sql_type, values) in table {
                    let db = tables(&$db, sql_type).await?;
                    let alone = row_by_row(&db, &values).await?;
                    db.execute("DELETE FROM things", vec![]).await?;
                    let together = by_batch(&db, &values).await?;
                    assert_eq!(together, alone, "{sql_type}");
                    $( $keys::found_by_key(&db, sql_type, &values).await?; )?
                }
                Ok(())
            }

            $(twice!(@keys $keys: $type);)?
        }
        use $name::the_same_twice as $name;
    };
    (@keys $keys:ident: $type:ty) => {
        mod $keys {
            use orm_core::prelude::*;

            use super::*;

            #[derive(Entity)]
            #[orm(table = "things")]
            struct Owner {
                #[orm(primary_key, generated = false)]
                id: i64,
                value: Option<$type>,
                #[orm(foreign_key = value, references = value, order_by = id)]
                uses: HasMany<Use>,
            }

            #[derive(Entity)]
            #[orm(table = "uses")]
            struct Use {
                #[orm(primary_key, generated = false)]
                id: i64,
                value: Option<$type>,
                #[orm(foreign_key = value, references = value, back_populates = uses)]
                owner: BelongsTo<Owner>,
            }

            /// The members of one owner at a time and of all of them are the same.
            pub(super) async fn found_by_key(db: &Database, sql_type: &str, values: &[$type]) -> Outcome {
                db.execute("DELETE FROM things", vec![]).await?;
                let mut session = db.session();
                session
                    .insert_all((0_i64..).zip(values).map(|(id, value)| Owner::builder().id(id).value(value.clone())))
                    .await?;
                let twice = values.iter().chain(values);
                session
                    .insert_many((0_i64..).zip(twice).map(|(id, value)| Use::builder().id(id).value(value.clone())))
                    .await?;
                session.commit().await?;
                let mut alone = Vec::new();
                for id in 0..i64::try_from(values.len())? {
                    let owner = session.get_one::<Owner>(id).selectin(Owner::USES).await?;
                    alone.push(owner.uses().iter().map(|used| used.id()).collect::<Vec<_>>());
                }
                let fresh = db.session();
                let owners = fresh.all(&Owner::select().order_by(Owner::ID.asc()).selectin(Owner::USES)).await?;
                let together: Vec<Vec<i64>> =
                    owners.iter().map(|owner| owner.uses().iter().map(|used| used.id()).collect()).collect();
                assert_eq!(together, alone, "selectin by {sql_type}");
                assert!(together.iter().all(|uses| uses.len() == 2), "selectin by {sql_type}: {together:?}");
                let uses = fresh.all(&Use::select().order_by(Use::ID.asc()).selectin(Use::OWNER)).await?;
                let owners: Vec<Option<i64>> = uses.iter().map(|used| used.owner().map(|owner| owner.id())).collect();
                assert!(owners.iter().all(Option::is_some), "their owners by {sql_type}: {owners:?}");
                Ok(())
            }
        }
    };
}

each_backend!(
    whole_numbers,
    unsigned_numbers,
    truths,
    floats,
    decimals,
    texts,
    byte_strings,
    dates,
    times_of_day,
    moments_of_no_zone,
    moments,
    uuids,
    documents
);

/// The types of one server with their values.
fn of<T: Clone>(types: &[&'static str], values: &[T]) -> Vec<(&'static str, Vec<T>)> {
    types.iter().map(|sql_type| (*sql_type, values.to_vec())).collect()
}

twice!(whole_numbers: i64 = |db| if db.is_mysql() {
    let mut table = of(
        &[
            "TINYINT", "TINYINT UNSIGNED", "SMALLINT", "MEDIUMINT", "INT", "INT UNSIGNED", "BIGINT", "BIGINT UNSIGNED", "BIT(8)",
            "BIT(64)", "DECIMAL(20,0)",
        ],
        &[2, 3, 4],
    );
    table.extend(of(&["YEAR"], &[1999, 2024, 2155]));
    table.extend(of(&["INT", "BIGINT"], &[-1, 0, 2_147_483_647]));
    table.extend(of(&["BIT(64)", "BIGINT"], &[0, 48, i64::MAX]));
    table
} else if db.is_postgres() {
    of(&["smallint", "integer", "bigint", "numeric(20)"], &[-1, 3, 4])
} else {
    of(&["INTEGER", "BIGINT", "NUMERIC", "INT2"], &[-1, 3, i64::MAX])
}; keys);

twice!(unsigned_numbers: u64 = |db| if db.is_mysql() {
    let mut table = of(&["BIGINT UNSIGNED", "BIT(64)"], &[2, 3, u64::MAX]);
    table.extend(of(&["INT UNSIGNED", "TINYINT UNSIGNED", "BIT(8)"], &[101, 102, 255]));
    table.extend(of(&["YEAR"], &[1999, 2024, 2155]));
    table
} else if db.is_postgres() {
    of(&["bigint", "integer"], &[2, 3, 4])
} else {
    of(&["INTEGER"], &[2, 3, 4])
}; keys);

twice!(truths: bool = |db| if db.is_mysql() {
    of(&["TINYINT(1)", "BOOLEAN", "BIT(1)", "BIT(8)"], &[true, false, true])
} else {
    of(&["boolean"], &[true, false, true])
});

twice!(floats: f64 = |db| if db.is_mysql() {
    of(&["FLOAT", "DOUBLE", "DECIMAL(10,3)"], &[0.5, -1.25, 3.0])
} else if db.is_postgres() {
    of(&["real", "double precision", "numeric"], &[0.5, -1.25, 3.0])
} else {
    of(&["REAL", "NUMERIC"], &[0.5, -1.25, 3.5])
});

twice!(decimals: Decimal = |db| {
    let values = ["1.1", "-2.50", "300"].map(|text| text.parse().expect("a decimal"));
    if db.is_mysql() {
        of(&["DECIMAL(10,2)", "DECIMAL(65,30)", "DECIMAL(5,1)"], &values)
    } else if db.is_postgres() {
        of(&["numeric", "numeric(10,2)", "numeric(5,1)"], &values)
    } else {
        of(&["TEXT COLLATE orm_decimal"], &values)
    }
}; keys);

twice!(texts: String = |db| {
    let values = ["a", "b", "c"].map(String::from);
    if db.is_mysql() {
        let mut table = of(
            &[
                "CHAR(5)", "VARCHAR(5)", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM('a', 'b', 'c')", "SET('a', 'b', 'c')",
                "CHAR(5) CHARACTER SET latin1", "VARCHAR(5) COLLATE utf8mb4_bin", "VARCHAR(5) CHARACTER SET ascii",
            ],
            &values,
        );
        table.extend(of(&["SET('a', 'b', 'c')"], &["a,b", "b,c", ""].map(String::from)));
        table.extend(of(&["VARCHAR(50)", "TEXT"], &["é", "quo'te \\", "1e5"].map(String::from)));
        table
    } else if db.is_postgres() {
        let mut table = of(&["text", "varchar(5)", "char(5)", "\"char\"", "name"], &values);
        table.extend(of(&["text", "varchar(50)", "char(20)"], &["é", "quo'te \\", "1e5"].map(String::from)));
        table
    } else {
        of(&["TEXT", "VARCHAR(5)", "CHAR(5)", "TEXT COLLATE NOCASE", "BLOB"], &values)
    }
}; keys);

twice!(byte_strings: Vec<u8> = |db| {
    let values = [vec![0, 1, 2, 3], vec![255, 48, 49, 50], vec![97, 98, 99, 100]];
    if db.is_mysql() {
        of(&["BINARY(4)", "VARBINARY(10)", "BLOB", "TINYBLOB", "LONGBLOB"], &values)
    } else if db.is_postgres() {
        of(&["bytea"], &values)
    } else {
        of(&["BLOB", "TEXT"], &values)
    }
}; keys);

twice!(dates: NaiveDate = |db| {
    let values = ["1999-12-31", "2024-02-29", "2038-01-20"].map(|text| text.parse().expect("a day"));
    of(if db.is_sqlite() { &["TEXT"] } else { &["DATE"] }, &values)
}; keys);

twice!(times_of_day: NaiveTime = |db| {
    let values = ["00:00:00", "12:30:15", "23:59:59"].map(|text| text.parse().expect("a time"));
    of(if db.is_mysql() { &["TIME", "TIME(6)"] } else if db.is_postgres() { &["time"] } else { &["TEXT"] }, &values)
}; keys);

fn moments_at() -> [NaiveDateTime; 3] {
    ["1999-12-31T23:59:59", "2024-02-29T12:30:15", "2037-01-20T00:00:00"].map(|text| text.parse().expect("a moment"))
}

twice!(moments_of_no_zone: NaiveDateTime = |db| {
    let types: &[&str] =
        if db.is_mysql() { &["DATETIME", "DATETIME(6)"] } else if db.is_postgres() { &["timestamp"] } else { &["TEXT"] };
    of(types, &moments_at())
}; keys);

twice!(moments: DateTime<Utc> = |db| {
    let types: &[&str] = if db.is_mysql() {
        &["DATETIME", "DATETIME(6)", "TIMESTAMP NULL", "TIMESTAMP(6) NULL"]
    } else if db.is_postgres() {
        &["timestamptz"]
    } else {
        &["TEXT"]
    };
    of(types, &moments_at().map(|moment| moment.and_utc()))
}; keys);

twice!(uuids: Uuid = |db| {
    let types: &[&str] =
        if db.is_mysql() { &["BINARY(16)", "VARBINARY(16)"] } else if db.is_postgres() { &["uuid"] } else { &["TEXT"] };
    of(types, &[1, 2, 3].map(Uuid::from_u128))
}; keys);

twice!(documents: Json = |db| {
    let values = [json!({ "a": [1, "é", null] }), json!("text"), json!(2.5)];
    of(if db.is_mysql() { &["JSON", "LONGTEXT"] } else if db.is_postgres() { &["jsonb", "json"] } else { &["TEXT"] }, &values)
});
