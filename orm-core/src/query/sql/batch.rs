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
    let others = render(&keys[..width])?.values.len().saturating_sub(width);
    // Lists are padded to powers of two.
    let fitting = (dialect.bind_limit() - others) / width;
    let length = if fitting.is_power_of_two() { fitting } else { fitting.next_power_of_two() / 2 };
    let chunks = keys.chunks(length.max(1) * width);
    chunks.map(|keys| Ok(Batch { sql: render(keys)?, rows: keys.len() / width })).collect()
}
