//! The escape hatch: a fragment of SQL with bound values.

use crate::value::Value;

/// SQL as it is. `?` stands for the next value (`??` for a question mark), `{name}` for the column of the field `name` under
/// the alias that the query gives its table; both mean nothing inside quotes.
///
/// The text is `'static`: what a user typed into a form cannot end up in it, only in the values.
#[derive(Clone)]
pub struct RawFragment {
    sql: &'static str,
    values: Vec<Value>,
}

/// What a fragment is made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// SQL.
    Text(&'static str),
    /// The next value.
    Value,
    /// The column of a field.
    Field(&'static str),
}

impl RawFragment {
    /// A fragment and its values, in the order of their question marks.
    #[must_use]
    pub fn new(sql: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { sql, values: values.into_iter().collect() }
    }

    pub(crate) fn sql(&self) -> &'static str {
        self.sql
    }

    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = self.sql;
        while let Some((at, length, piece)) = next_placeholder(rest) {
            pieces.extend([Piece::Text(&rest[..at]), piece]);
            rest = &rest[at + length..];
        }
        pieces.push(Piece::Text(rest));
        pieces
    }
}

/// The next placeholder outside quotes: where it starts, its length and what it stands for.
fn next_placeholder(sql: &'static str) -> Option<(usize, usize, Piece)> {
    let mut quote = None;
    for (at, character) in sql.char_indices() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '?') if sql[at + 1..].starts_with('?') => return Some((at, 2, Piece::Text("?"))),
            (None, '?') => return Some((at, 1, Piece::Value)),
            (None, '{') => {
                if let Some(length) = sql[at..].find('}') {
                    return Some((at, length + 1, Piece::Field(sql[at + 1..at + length].trim())));
                }
            }
            (None, _) => {}
        }
    }
    None
}
