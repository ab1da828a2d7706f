//! Plain SQL beside the session: rows as texts, to compare with what was loaded.

use chrono::NaiveDateTime;
use rusqlite::types::ValueRef;
use rust_decimal::Decimal;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

/// One row of cells, each as text.
pub(super) type Row = Vec<String>;

/// How NULL is written: as no cell of Chinook is.
const NULL: &str = "<null>";

/// A value as plain SQL gives it, whichever the database.
pub(super) trait Cell {
    fn cell(&self) -> String;
}

impl Cell for i32 {
    fn cell(&self) -> String {
        self.to_string()
    }
}

impl Cell for &str {
    fn cell(&self) -> String {
        (*self).to_owned()
    }
}

impl Cell for NaiveDateTime {
    fn cell(&self) -> String {
        self.to_string()
    }
}

/// Without the zeros that SQLite, whose column is a float, does not keep.
impl Cell for Decimal {
    fn cell(&self) -> String {
        self.normalize().to_string()
    }
}

impl<T: Cell> Cell for Option<T> {
    fn cell(&self) -> String {
        self.as_ref().map_or_else(|| NULL.to_owned(), Cell::cell)
    }
}

/// A row of what getters give.
macro_rules! row {
    ($($value:expr),+ $(,)?) => {
        vec![$($crate::chinook::plain::Cell::cell(&$value)),+]
    };
}
pub(super) use row;

pub(super) fn sqlite(connection: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let cells = |row: &rusqlite::Row<'_>| (0..columns).map(|at| Ok(sqlite_cell(row.get_ref(at)?))).collect();
    statement.query_map([], cells)?.collect()
}

fn sqlite_cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => NULL.to_owned(),
        ValueRef::Integer(integer) => integer.to_string(),
        ValueRef::Real(real) => real.to_string(),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).expect("UTF-8"),
        ValueRef::Blob(_) => panic!("there are no blobs in Chinook"),
    }
}

/// By the simple protocol, in which every value comes as text.
pub(super) async fn postgres(connection: &mut sqlx::PgConnection, sql: &str) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(snake_case(sql))).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| row.columns().iter().map(|column| postgres_cell(row, column)).collect()).collect())
}

fn postgres_cell(row: &sqlx::postgres::PgRow, column: &sqlx::postgres::PgColumn) -> String {
    let value = row.try_get_raw(column.ordinal()).expect("a cell");
    if value.is_null() {
        return NULL.to_owned();
    }
    let text = value.as_str().expect("text");
    match column.type_info().name() {
        "NUMERIC" => text.parse::<Decimal>().expect("a decimal").normalize().to_string(),
        _ => text.to_owned(),
    }
}

/// By the text protocol, in which every value comes as text.
pub(super) async fn mysql(connection: &mut sqlx::MySqlConnection, sql: &str) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.replace('"', "`"))).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| row.columns().iter().map(|column| mysql_cell(row, column)).collect()).collect())
}

fn mysql_cell(row: &sqlx::mysql::MySqlRow, column: &sqlx::mysql::MySqlColumn) -> String {
    if row.try_get_raw(column.ordinal()).expect("a cell").is_null() {
        return NULL.to_owned();
    }
    let text: String = row.try_get_unchecked(column.ordinal()).expect("text");
    match column.type_info().name() {
        "DECIMAL" => text.parse::<Decimal>().expect("a decimal").normalize().to_string(),
        _ => text,
    }
}

/// The same SQL where every `"QuotedName"` is a `"quoted_name"`.
pub(super) fn snake_case(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let (mut quoted, mut first) = (false, false);
    for character in sql.chars() {
        match character {
            '"' => (quoted, first) = (!quoted, true),
            upper if quoted && upper.is_ascii_uppercase() => {
                if !std::mem::take(&mut first) {
                    text.push('_');
                }
                text.push(upper.to_ascii_lowercase());
                continue;
            }
            _ => first = false,
        }
        text.push(character);
    }
    text
}

#[test]
fn quoted_names_and_nothing_else_change_their_case() {
    assert_eq!(
        snake_case(r#"SELECT l."InvoiceLineId", 'It''s A' FROM "InvoiceLine" AS l"#),
        r#"SELECT l."invoice_line_id", 'It''s A' FROM "invoice_line" AS l"#
    );
}
