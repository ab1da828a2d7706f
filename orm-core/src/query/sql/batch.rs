//! Many rows in few statements: as few as the bind limit allows.

use crate::value::Value;

use super::{context::Dialect, statement::Sql};

/// One of the statements that a list of rows or keys became.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batch {
    pub(crate) sql: Sql,
    /// How many of the rows or keys it carries.
    pub(crate) rows: usize,
}

/// Splits `count` rows of `width` values into statements: one, unless the dialect cannot bind as many values.
pub(super) fn lengths(dialect: Dialect, width: usize, count: usize) -> Vec<usize> {
    let most = (dialect.bind_limit() / width.max(1)).max(1);
    let mut lengths = vec![most; count / most];
    if !count.is_multiple_of(most) {
        lengths.push(count % most);
    }
    lengths
}

/// How many bytes of values one statement carries on MySQL, whose packets are limited: half of what MariaDB takes unless told otherwise. A
/// row of more goes alone.
const PACKET: usize = 8 << 20;

/// Splits rows, whose values are given row by row in one list, into statements of at most so many rows and, on MySQL, bytes.
pub(super) fn portions(dialect: Dialect, width: usize, most: usize, values: &[Value]) -> Vec<usize> {
    let limit = if dialect == Dialect::MySql { PACKET } else { usize::MAX };
    let mut lengths = Vec::new();
    let (mut rows, mut bytes) = (0, 0_usize);
    for row in values.chunks(width.max(1)) {
        let size: usize = row.iter().map(size_of_value).sum();
        if rows == most.max(1) || rows > 0 && bytes.saturating_add(size) > limit {
            lengths.push(rows);
            (rows, bytes) = (0, 0);
        }
        rows += 1;
        bytes = bytes.saturating_add(size);
    }
    if rows > 0 {
        lengths.push(rows);
    }
    lengths
}

/// About how many bytes a value is on its way.
fn size_of_value(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len(),
        Value::Bytes(Some(bytes)) => bytes.len(),
        #[cfg(feature = "serde_json")]
        Value::Json(Some(document)) => size_of_json(document),
        _ => 16,
    }
}

/// About how long a document is as text, without writing it.
#[cfg(feature = "serde_json")]
fn size_of_json(document: &serde_json::Value) -> usize {
    let mut left = vec![document];
    let mut size = 0;
    while let Some(value) = left.pop() {
        size += 24;
        match value {
            serde_json::Value::String(text) => size += text.len(),
            serde_json::Value::Array(values) => left.extend(values),
            serde_json::Value::Object(fields) => {
                size += fields.keys().map(String::len).sum::<usize>();
                left.extend(fields.values());
            }
            _ => {}
        }
    }
    size
}

/// Statements over keys of `width` values: one, unless the dialect cannot bind as many.
pub(super) fn by_keys<'k, E>(
    dialect: Dialect,
    width: usize,
    keys: &'k [Value],
    render: impl Fn(&'k [Value]) -> Result<Sql, E>,
) -> Result<Vec<Batch>, E> {
    let width = width.max(1);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let whole = render(keys)?;
    if whole.values.len() <= dialect.bind_limit() {
        return Ok(vec![Batch { sql: whole, rows: keys.len() / width }]);
    }
    // Lists as short as that are not padded: the second key tells what one takes.
    let one = render(&keys[..width])?.values.len();
    let each = match keys.get(..2 * width) {
        Some(two) => (render(two)?.values.len() - one).max(1),
        None => width,
    };
    // Lists are padded to powers of two.
    let fitting = dialect.bind_limit().saturating_sub(one.saturating_sub(each)) / each;
    let length = if fitting.is_power_of_two() { fitting } else { fitting.next_power_of_two() / 2 };
    let chunks = keys.chunks(length.max(1) * width);
    chunks.map(|keys| Ok(Batch { sql: render(keys)?, rows: keys.len() / width })).collect()
}
