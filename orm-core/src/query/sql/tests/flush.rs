//! The texts of a flush.

use super::{
    fixtures::{LINE, LOG, POST, TAG, USER, post, user},
    pinned::Pins,
};
use crate::{
    query::sql::{DeleteShape, Dialect, InsertShape, SetNullShape, TextCache, UpdateShape},
    value::Value,
};

fn numbers(numbers: impl IntoIterator<Item = i64>) -> Vec<Value> {
    numbers.into_iter().map(|number| Value::BigInt(Some(number))).collect()
}

fn text(text: &str) -> Value {
    Value::String(Some(text.to_owned()))
}

pub(super) fn statements(pins: &mut Pins) {
    let dialect = pins.dialect();
    let texts = TextCache::new(dialect);
    let mut pin = |title: &str, batches: Vec<crate::query::sql::Batch>| {
        let several = batches.len() > 1;
        for batch in batches {
            let title = if several { format!("{title}: {} of them", batch.rows) } else { title.to_owned() };
            pins.pin(&title, batch.sql);
        }
    };
    let tag = InsertShape::new(&TAG, &[1], &[0]);
    pin("insert one", tag.statements(&texts, 1, vec![text("a")]));
    pin("insert many", tag.statements(&texts, 5, "a b c d e".split(' ').map(text).collect()));
    if dialect == Dialect::MySql {
        let counted = InsertShape::new(&TAG, &[1], &[]).counting(&TAG, 0, 3);
        pin("insert one, counted", counted.statements(&texts, 1, vec![text("a")]));
        pin(
            "insert many, counted in steps of three",
            counted.statements(&texts, 3, "a b c".split(' ').map(text).collect()),
        );
    }
    let user = InsertShape::new(&USER, &[user::NAME, user::SCORE, user::MOOD], &[user::ID, user::VERSION]);
    let row = || [text("a"), 1.0.into(), text("sad")];
    pin("insert one with an enum", user.statements(&texts, 1, row().into()));
    let rows: Vec<Value> = (0..4).flat_map(|_| row()).collect();
    pin("insert many with an enum", user.statements(&texts, 4, rows));
    pin("insert defaults", InsertShape::new(&TAG, &[], &[0, 1]).statements(&texts, 1, Vec::new()));
    pin(
        "insert into a schema",
        InsertShape::new(&LOG, &[0, 1], &[]).statements(&texts, 1, vec![0.5.into(), Value::Bytes(None)]),
    );
    let tags = &POST.relations[post::TAGS];
    pin("insert pairs", InsertShape::secondary(&POST, tags).statements(&texts, 4, numbers([1, 2, 1, 3, 2, 2, 2, 3])));

    let renamed = UpdateShape::new(&TAG, &[1], None, &[]);
    pin("update one", renamed.statements(&texts, 1, vec![text("a"), Value::BigInt(Some(1))]));
    let rows: Vec<Value> = (0..4).flat_map(|id| [text("a"), Value::BigInt(Some(id))]).collect();
    pin("update many", renamed.statements(&texts, 4, rows));
    let changed = [user::NAME, user::MOOD, user::VERSION];
    // What MySQL makes at an UPDATE is read afterwards.
    let returning: &[usize] = if dialect == Dialect::MySql { &[] } else { &[user::ID, 9] };
    let versioned = UpdateShape::new(&USER, &changed, Some(user::VERSION), returning);
    let row = |id: i64| [text("a"), text("sad"), 2.into(), Value::BigInt(Some(id)), 1.into()];
    pin("update one of a version, with on_update", versioned.statements(&texts, 1, row(1).into()));
    pin("update many of a version, with on_update", versioned.statements(&texts, 4, (0..4).flat_map(row).collect()));
    let line = UpdateShape::new(&LINE, &[2], None, &[]);
    let rows: Vec<Value> = (0..4).flat_map(|id| [3.into(), Value::BigInt(Some(id)), text("a")]).collect();
    pin("update many of a composite key", line.statements(&texts, 4, rows));

    let delete = DeleteShape::new(&TAG, None);
    pin("delete one", delete.statements(&texts, &numbers([1])));
    pin("delete many", delete.statements(&texts, &numbers([1, 2])));
    let versioned = DeleteShape::new(&USER, Some(user::VERSION));
    let versions: Vec<Value> = (1..=2).flat_map(|id| [Value::BigInt(Some(id)), 1.into()]).collect();
    pin("delete many of a version", versioned.statements(&texts, &versions));
    pin("delete pairs", DeleteShape::secondary(&POST, tags).statements(&texts, &numbers([1, 2, 1, 3])));
    pin(
        "delete all pairs of owners",
        DeleteShape::secondary_of_owner(&POST, tags).statements(&texts, &numbers([1, 2])),
    );
    let orphaned = SetNullShape::new(&USER, &[user::MANAGER_ID], &[user::MANAGER_ID]);
    pin("set a foreign key to NULL", orphaned.statements(dialect, &numbers([1, 2])));
}

#[test]
fn long_lists_stay_within_the_bind_limit() {
    let keys = numbers((0..40_000).flat_map(|key| [key, key]));
    let pairs = DeleteShape::secondary(&POST, &POST.relations[post::TAGS]);
    let batches = pairs.statements(&TextCache::new(Dialect::Sqlite), &keys);
    assert_eq!(batches.iter().map(|batch| batch.rows).collect::<Vec<_>>(), [8192, 8192, 8192, 8192, 7232]);
    assert!(batches.iter().all(|batch| batch.sql.values.len() <= 32_766));
}

#[test]
fn an_insert_is_one_statement_up_to_the_bind_limit() {
    let shape = InsertShape::new(&TAG, &[1], &[0]);
    let texts = TextCache::new(Dialect::Sqlite);
    let rows = |count: usize| -> Vec<usize> {
        let values = (0..count).map(|number| text(&number.to_string())).collect();
        shape.statements(&texts, count, values).iter().map(|batch| batch.rows).collect()
    };
    assert_eq!(rows(1000), [1000]);
    assert_eq!(rows(40_000), [32_766, 7_234]);
}
