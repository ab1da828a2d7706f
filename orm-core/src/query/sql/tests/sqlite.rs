//! The SQLite texts against a database: valid, all of them, and doing what they say.

use rusqlite::{Connection, params_from_iter, types::Value as Cell};

use super::{
    fixtures::{LINE, POST, TAG, USER, post, user},
    pinned::pins,
    written::{count, exists, select, select_by_key, select_related},
};
use crate::{
    expr::{Column, Direction, Node, OrderNode, Predicate},
    query::sql::{Batch, DeleteShape, Dialect, InsertShape, Join, JoinKind, Select, Sql, TextCache, UpdateShape},
    schema::RelationDef,
    value::Value,
};

struct User;

const ID: Column<User, i64> = Column::new(user::ID);
const NAME: Column<User, String> = Column::new(user::NAME);
const NICK: Column<User, Option<String>> = Column::new(user::NICK);
const SCORE: Column<User, f64> = Column::new(user::SCORE);
const BALANCE: Column<User, Option<String>> = Column::new(user::BALANCE);

const SCHEMA: &str = "
    ATTACH ':memory:' AS app;
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, nick_name TEXT, score REAL NOT NULL, balance TEXT,
        mood TEXT NOT NULL DEFAULT 'sad', bio TEXT, manager_id INTEGER, version INTEGER NOT NULL DEFAULT 1, changed_at TEXT);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER NOT NULL, editor_id INTEGER);
    CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE post_tags (post_id INTEGER, tag_id INTEGER, PRIMARY KEY (post_id, tag_id));
    CREATE TABLE lines (order_id INTEGER, sku TEXT, amount INTEGER, bundle_order_id INTEGER, bundle_sku TEXT,
        PRIMARY KEY (order_id, sku));
    CREATE TABLE app.log (at REAL PRIMARY KEY, data BLOB);
    INSERT INTO users (id, name, nick_name, score, balance, manager_id) VALUES
        (1, 'Ada', 'ada', 1.5, '9', NULL), (2, 'Bob_50%', NULL, 2.5, '10.0', 1), (3, 'ada*[x]?', 'A\\b', 3.5, NULL, 1);
    INSERT INTO posts VALUES (1, 'a', 1, NULL), (2, 'b', 1, 2), (3, 'c', 1, NULL), (4, 'd', 2, NULL);
    INSERT INTO tags VALUES (1, 'sql'), (2, 'rust');
    INSERT INTO post_tags VALUES (1, 1), (1, 2), (2, 2), (4, 1);
    INSERT INTO lines VALUES (1, 'a', 1, NULL, NULL), (1, 'b', 2, 1, 'a'), (2, 'a', 3, 1, 'a');
";

fn database() -> Connection {
    let connection = Connection::open_in_memory().expect("a database");
    // Enough of an order for the numbers here.
    let parse = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    let collation = move |a: &str, b: &str| parse(a).total_cmp(&parse(b));
    connection.create_collation("orm_decimal", collation).expect("a collation");
    connection.execute_batch(SCHEMA).expect("a schema");
    connection
}

fn cell(value: &Value) -> Cell {
    match value.clone() {
        Value::Bool(Some(value)) => Cell::Integer(value.into()),
        Value::Int(Some(value)) => Cell::Integer(value.into()),
        Value::BigInt(Some(value)) => Cell::Integer(value),
        Value::BigUnsigned(Some(value)) => Cell::Integer(value.try_into().expect("a number of rows")),
        Value::Double(Some(value)) => Cell::Real(value),
        Value::String(Some(value)) => Cell::Text(value),
        value if value == value.as_null() => Cell::Null,
        value => panic!("{value:?} is not among the tests"),
    }
}

/// The rows, printed.
fn run(connection: &Connection, sql: &Sql) -> Vec<String> {
    let mut statement = connection.prepare(&sql.text).unwrap_or_else(|error| panic!("{error}: {}", sql.text));
    let width = statement.column_count();
    let rows = statement.query_map(params_from_iter(sql.values.iter().map(cell)), |row| {
        let cells = (0..width).map(|index| match row.get::<_, Cell>(index)? {
            Cell::Null => Ok("-".to_owned()),
            Cell::Integer(value) => Ok(value.to_string()),
            Cell::Real(value) => Ok(value.to_string()),
            Cell::Text(value) => Ok(value),
            Cell::Blob(value) => Ok(format!("{value:?}")),
        });
        Ok(cells.collect::<Result<Vec<_>, rusqlite::Error>>()?.join(" "))
    });
    rows.expect("an execution").collect::<Result<_, _>>().expect("rows")
}

fn run_all(connection: &Connection, batches: &[Batch]) -> Vec<String> {
    batches.iter().flat_map(|batch| run(connection, &batch.sql)).collect()
}

fn ids(predicate: Predicate<User>) -> String {
    let query = Select { columns: vec![user::ID].into(), filters: vec![predicate.node()], ..Select::all(&USER) };
    let connection = database();
    let found = run(&connection, &select(Dialect::Sqlite, &query).0);
    assert_eq!(run(&connection, &count(Dialect::Sqlite, &query)), [found.len().to_string()]);
    assert_eq!(run(&connection, &exists(Dialect::Sqlite, &query)), [if found.is_empty() { "0" } else { "1" }]);
    found.join(" ")
}

#[test]
fn every_pinned_text_is_valid() {
    let connection = database();
    for sql in pins(Dialect::Sqlite).statements {
        let statement = connection.prepare(&sql.text).unwrap_or_else(|error| panic!("{error}: {}", sql.text));
        assert_eq!(statement.parameter_count(), sql.values.len(), "{}", sql.text);
    }
}

#[test]
fn user_text_matches_itself() {
    assert_eq!(ids(NAME.contains("_50%")), "2");
    assert_eq!(ids(NAME.contains("_")), "2");
    assert_eq!(ids(NAME.ends_with("%")), "2");
    assert_eq!(ids(NAME.contains("*[x]?")), "3");
    assert_eq!(ids(NAME.starts_with("ada*")), "3");
    assert_eq!(ids(NICK.contains("\\")), "3");
    assert_eq!(ids(NICK.icontains("\\B")), "3");
    assert_eq!(ids(NAME.icontains("_50%")), "2");
}

#[test]
fn case_matters_unless_said() {
    assert_eq!(ids(NAME.starts_with("A")), "1");
    assert_eq!(ids(NAME.like("a%")), "3");
    assert_eq!(ids(NAME.not_like("a%")), "1 2");
    assert_eq!(ids(NAME.like("_da")), "1");
    assert_eq!(ids(NAME.icontains("ADA")), "1 3");
    assert_eq!(ids(NAME.lower().eq("ada")), "1");
}

#[test]
fn lists_are_exact() {
    assert_eq!(ids(ID.in_([1, 3, 9])), "1 3");
    assert_eq!(ids(ID.in_([0_i64; 0])), "");
    assert_eq!(ids(ID.not_in([0_i64; 0])), "1 2 3");
    assert_eq!(ids(NAME.in_(["Ada", "\"", "\u{1}", "é"])), "1");
    assert_eq!(ids(NICK.in_([Some("ada".to_owned()), None])), "1 2");
    assert_eq!(ids(NICK.not_in([Some("ada".to_owned()), None])), "3");
    assert_eq!(ids(NICK.not_in(["ada"])), "3");
    assert_eq!(ids(NICK.ne("ada") | NICK.is_null()), "2 3");
}

#[test]
fn nan_is_greater_than_every_number() {
    assert_eq!(ids(SCORE.eq(f64::NAN)), "");
    assert_eq!(ids(SCORE.ne(f64::NAN)), "1 2 3");
    assert_eq!(ids(SCORE.lt(f64::NAN)), "1 2 3");
    assert_eq!(ids(SCORE.between(2.0, f64::NAN)), "2 3");
    assert_eq!(ids(SCORE.in_([f64::NAN, 1.5])), "1");
    assert_eq!(ids(SCORE.not_in([f64::NAN])), "1 2 3");
}

#[test]
fn decimals_compare_as_numbers() {
    assert_eq!(ids(BALANCE.lt("10")), "1");
    assert_eq!(ids(BALANCE.eq("10")), "2");
    assert_eq!(ids(BALANCE.in_(["10.00", "7"])), "2");
    assert_eq!(ids(BALANCE.between("8", "11")), "1 2");
    let order = [OrderNode::column(user::BALANCE, Direction::Descending)];
    let query = Select { columns: vec![user::ID].into(), order: order.to_vec().into(), ..Select::all(&USER) };
    assert_eq!(run(&database(), &select(Dialect::Sqlite, &query).0), ["2", "1", "3"]);
}

#[test]
fn relationships_are_found_through() {
    let tagged = |name: &str| Predicate::<()>::related(post::TAGS, Column::<(), String>::new(1).eq(name));
    assert_eq!(ids(Predicate::related(user::POSTS, tagged("sql"))), "1 2");
    assert_eq!(ids(!Predicate::related(user::POSTS, tagged("rust"))), "2 3");
    assert_eq!(ids(Predicate::related(user::MANAGER, NAME.eq("Ada"))), "2 3");
    assert_eq!(ids(Predicate::related(user::REPORTS, NAME.starts_with("ada"))), "1");
}

#[test]
fn a_deep_chain_is_within_the_depth_that_sqlite_allows() {
    assert_eq!(ids(Predicate::any_of((0..5000).map(|id| ID.eq(id)))), "1 2 3");
    assert_eq!(ids((0..5000).map(|id| ID.ne(id + 3)).fold(Predicate::all_of([]), Predicate::and)), "1 2");
}

fn numbers(numbers: impl IntoIterator<Item = i64>) -> Vec<Value> {
    numbers.into_iter().map(|number| Value::BigInt(Some(number))).collect()
}

fn related(owner: &'static crate::schema::EntityDef, relation: usize, query: &Select<'_>, keys: &[i64]) -> Vec<String> {
    let relation: &'static RelationDef = &owner.relations[relation];
    let keyed = select_related(Dialect::Sqlite, owner, relation, query, &numbers(keys.iter().copied()));
    run_all(&database(), &keyed.batches)
}

#[test]
fn loaders_find_the_targets_of_many_owners() {
    let posts = Select { columns: vec![post::ID].into(), ..Select::all(&POST) };
    assert_eq!(related(&USER, user::POSTS, &posts, &[1, 2]), ["1 1", "2 1", "3 1", "4 2"]);
    assert_eq!(related(&USER, user::POSTS, &posts, &[]), [""; 0]);
    let newest = [OrderNode::column(post::ID, Direction::Descending)];
    let limited = Select { order: newest.to_vec().into(), limit: Some(2), ..posts };
    assert_eq!(related(&USER, user::POSTS, &limited, &[1, 2]), ["4 2", "3 1", "2 1"]);
    let skipped = Select { offset: Some(1), limit: None, ..limited };
    assert_eq!(related(&USER, user::POSTS, &skipped, &[1, 2]), ["2 1", "1 1"]);
    let tags = Select { columns: vec![1].into(), ..Select::all(&TAG) };
    assert_eq!(related(&POST, post::TAGS, &tags, &[1, 2, 3]), ["sql 1", "rust 1", "rust 2"]);
    assert_eq!(related(&POST, post::TAGS, &Select { limit: Some(1), ..tags }, &[1, 2]), ["sql 1", "rust 2"]);
    let reports = Select { columns: vec![user::ID].into(), ..Select::all(&USER) };
    assert_eq!(related(&USER, user::REPORTS, &reports, &[1]), ["3 1", "2 1"], "by name, downwards");
}

#[test]
fn composite_keys_are_found_pair_by_pair() {
    let amounts = Select { columns: vec![2].into(), ..Select::all(&LINE) };
    let keys = [Value::BigInt(Some(1)), "b".into(), Value::BigInt(Some(2)), "a".into(), 2.into(), "b".into()];
    let keyed = select_by_key(Dialect::Sqlite, &amounts, &[0, 1], &keys);
    assert_eq!(keyed.layout.key_cells, [1, 2]);
    let mut found = run_all(&database(), &keyed.batches);
    found.sort();
    assert_eq!(found, ["2 1 b", "3 2 a"]);
}

#[test]
fn a_limit_counts_owners_whatever_is_joined() {
    let join = |kind, filter| Join { relation: user::POSTS, columns: vec![0].into(), filter, kind, joins: Vec::new() };
    let query = |joins| Select { columns: vec![user::ID].into(), limit: Some(2), joins, ..Select::all(&USER) };
    let rows = |query: &Select<'_>| run(&database(), &select(Dialect::Sqlite, query).0);
    assert_eq!(rows(&query(vec![join(JoinKind::Joined, None)])), ["1 1", "1 2", "1 3", "2 4"]);
    let only: Predicate<()> = Column::<(), String>::new(post::TITLE).in_(["b", "d"]);
    assert_eq!(rows(&query(vec![join(JoinKind::Joined, Some(only.node()))])), ["1 2", "2 4"]);
    let never = Node::Any(Vec::new().into());
    assert_eq!(rows(&query(vec![join(JoinKind::Joined, Some(&never))])), ["1 -", "2 -"]);
    assert_eq!(rows(&query(vec![join(JoinKind::ContainsEager, Some(&never))])), [""; 0]);
    let late: Predicate<()> = Column::<(), String>::new(post::TITLE).eq("d");
    assert_eq!(rows(&query(vec![join(JoinKind::ContainsEager, Some(late.node()))])), ["2 4"]);
}

#[test]
fn batches_write_what_single_rows_would() {
    let connection = database();
    let texts = TextCache::new(Dialect::Sqlite);
    let tag = InsertShape::new(&TAG, &[1], &[0, 1]);
    let values = (0..300).map(|number| Value::String(Some(number.to_string()))).collect();
    let inserted = run_all(&connection, &tag.statements(&texts, 300, values));
    let expected: Vec<String> = (0..300).map(|number| format!("{} {number}", number + 3)).collect();
    assert_eq!(inserted, expected, "keys go up with the rows");

    let renamed = UpdateShape::new(&TAG, &[1], None, &[0]);
    let rows = (0..100).flat_map(|id| [Value::String((id % 2 == 0).then(|| "x".to_owned())), Value::BigInt(Some(id))]);
    assert_eq!(run_all(&connection, &renamed.statements(&texts, 100, rows.collect())).len(), 99, "no row 0");
    let named = |name: &str| {
        let sql = Sql { text: format!("SELECT count(*) FROM tags WHERE name {name}").into(), values: Vec::new() };
        run(&connection, &sql).concat()
    };
    assert_eq!((named("= 'x'"), named("IS NULL")), ("49".to_owned(), "50".to_owned()));

    let stale = UpdateShape::new(&USER, &[user::NAME, user::VERSION], Some(user::VERSION), &[user::ID, user::VERSION]);
    let row = |id: i64, read: i32| ["z".into(), (read + 1).into(), Value::BigInt(Some(id)), read.into()];
    let rows: Vec<Value> = [row(1, 1), row(2, 7), row(3, 1), row(9, 1)].into_iter().flatten().collect();
    let mut updated = run_all(&connection, &stale.statements(&texts, 4, rows));
    updated.sort();
    assert_eq!(updated, ["1 2", "3 2"], "not the one that someone else changed");

    let pairs = DeleteShape::secondary(&POST, &POST.relations[post::TAGS]);
    run_all(&connection, &pairs.statements(&texts, &numbers([1, 1, 2, 2, 9, 9])));
    let left = Sql { text: "SELECT post_id, tag_id FROM post_tags".into(), values: Vec::new() };
    assert_eq!(run(&connection, &left), ["1 2", "4 1"]);
}

#[test]
fn batches_use_the_index_of_the_key() {
    let connection = database();
    let texts = TextCache::new(Dialect::Sqlite);
    let plan = |sql: &Sql| {
        let explained = Sql { text: format!("EXPLAIN QUERY PLAN {}", sql.text).into(), values: sql.values.clone() };
        run(&connection, &explained).join("\n")
    };
    let rows = (0..4).flat_map(|id| [Value::String(None), Value::BigInt(Some(id))]).collect();
    let update = UpdateShape::new(&TAG, &[1], None, &[]).statements(&texts, 4, rows);
    assert!(plan(&update[0].sql).contains("SEARCH t USING INTEGER PRIMARY KEY"), "{}", plan(&update[0].sql));
    let rows = (0..4).flat_map(|id| [Value::Int(None), Value::BigInt(Some(id)), "a".into()]).collect();
    let update = UpdateShape::new(&LINE, &[2], None, &[]).statements(&texts, 4, rows);
    assert!(plan(&update[0].sql).contains("SEARCH t USING"), "{}", plan(&update[0].sql));
    let delete = DeleteShape::new(&LINE, None).statements(&texts, &[1.into(), "a".into(), 2.into(), "b".into()]);
    assert!(plan(&delete[0].sql).contains("SEARCH lines USING"), "{}", plan(&delete[0].sql));
    let delete = DeleteShape::new(&TAG, None).statements(&texts, &numbers([1, 2]));
    assert!(plan(&delete[0].sql).contains("SEARCH tags USING INTEGER PRIMARY KEY"), "{}", plan(&delete[0].sql));
}
