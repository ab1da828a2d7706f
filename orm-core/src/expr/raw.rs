//! The escape hatch: a fragment of SQL with bound values.

use crate::{
    lexer::{Ending, Kind, Lexer, Syntax, Token},
    value::Value,
};

/// SQL as it is. `?` stands for the next value (`??` for a question mark), `{name}` for the column of the field `name` under
/// the alias that the query gives its table; both mean nothing inside quotes and comments.
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
    /// The value at this place.
    Value(usize),
    /// The column of a field.
    Field(&'static str),
}

/// Why a fragment cannot be a part of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawFault {
    /// It takes another number of values than it has.
    WrongNumber { wanted: usize, given: usize },
    /// A literal, quoted name or comment has no end.
    Unclosed,
    /// Its parentheses do not match.
    Parentheses,
    /// A `;`, which ends the whole statement.
    Semicolon,
    /// A `$1`, which would be a value of another part of the statement.
    Dollar,
    /// `?0`.
    Zero,
    /// A NUL character.
    Nul,
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

    /// What the fragment is made of, as a server reads it.
    pub(crate) fn pieces(&self, syntax: Syntax) -> Result<Vec<Piece>, RawFault> {
        let tokens: Vec<Token<'static>> = Lexer::new(syntax, self.sql).collect();
        check(self.sql, &tokens)?;
        let (mut pieces, mut wanted, mut rest) = (Vec::new(), 0_usize, tokens.as_slice());
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            match token.kind {
                Kind::Mark(None) if matches!(after.first(), Some(next) if matches!(next.kind, Kind::Mark(_))) => {
                    // Doubled, it is itself.
                    pieces.extend(after.first().map(|doubled| Piece::Text(doubled.text)));
                    rest = &after[1..];
                }
                Kind::Mark(Some(0)) => return Err(RawFault::Zero),
                Kind::Mark(number) => {
                    let number = number.unwrap_or_else(|| wanted.saturating_add(1));
                    wanted = wanted.max(number);
                    pieces.push(Piece::Value(number - 1));
                }
                _ => match field(token, after) {
                    Some((name, length)) => {
                        pieces.push(Piece::Field(name));
                        rest = &after[length..];
                    }
                    None => pieces.push(Piece::Text(token.text)),
                },
            }
        }
        let given = self.values.len();
        if wanted == given { Ok(pieces) } else { Err(RawFault::WrongNumber { wanted, given }) }
    }
}

/// Whether the fragment is a whole that can stand in parentheses.
fn check(sql: &str, tokens: &[Token<'_>]) -> Result<(), RawFault> {
    if sql.contains('\0') {
        return Err(RawFault::Nul);
    }
    let (mut open, mut executable) = (0_usize, 0_usize);
    for token in tokens {
        match (token.kind, token.text) {
            _ if token.ending == Ending::Missing => return Err(RawFault::Unclosed),
            (Kind::Semicolon, _) => return Err(RawFault::Semicolon),
            (Kind::Dollar(_), _) => return Err(RawFault::Dollar),
            (Kind::Executable, _) => executable += 1,
            (Kind::ExecutableEnd, _) => executable = executable.saturating_sub(1),
            (Kind::Symbol, "(") => open += 1,
            (Kind::Symbol, ")") => open = open.checked_sub(1).ok_or(RawFault::Parentheses)?,
            _ => {}
        }
    }
    match (open, executable) {
        (0, 0) => Ok(()),
        (0, _) => Err(RawFault::Unclosed),
        _ => Err(RawFault::Parentheses),
    }
}

/// The name between braces, and how many tokens behind the first brace belong to it.
fn field(token: &Token<'static>, after: &[Token<'static>]) -> Option<(&'static str, usize)> {
    if token.text != "{" {
        return None;
    }
    let name = after.iter().position(|token| token.kind != Kind::Space)?;
    let end = name + 1 + after.get(name + 1..)?.iter().position(|token| token.kind != Kind::Space)?;
    let named = after.get(name)?;
    (named.kind == Kind::Word && after.get(end)?.text == "}").then_some((named.text, end + 1))
}
