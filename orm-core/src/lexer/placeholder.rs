//! The placeholders of a text: how many values they take, and the text as its server spells them.

use std::fmt::Write as _;

use crate::dialect::Dialect;

use super::{Kind, Lexer, Syntax};

/// How a text spells its placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    /// `?` and `?3` on every database. On PostgreSQL `$3` is one as well, and `??` is a question mark.
    Question,
    /// As the server spells them.
    Native,
}

/// What a text takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Placeholders {
    /// How many values; `None` where only the server can tell.
    pub(crate) count: Option<usize>,
    /// The text for the server, where it is another.
    pub(crate) text: Option<String>,
    /// Which value goes where, for a server that knows no numbers; counted from 0.
    pub(crate) places: Option<Vec<usize>>,
}

/// Why the placeholders of a text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceholderFault {
    /// They are counted from 1.
    Zero,
}

/// Reads the placeholders of a text.
pub(crate) fn placeholders(syntax: Syntax, marks: Marks, sql: &str) -> Result<Placeholders, PlaceholderFault> {
    match (syntax.dialect, marks) {
        (Dialect::Postgres, _) => numbered(syntax, marks, sql),
        (Dialect::MySql, _) => positional(syntax, sql),
        (Dialect::Sqlite, _) => {
            let count = if has_names(syntax, sql) { None } else { positional(syntax, sql)?.count };
            Ok(Placeholders { count, text: None, places: None })
        }
    }
}

/// `?` becomes `$1`, `$2`, .. in their order, `?3` becomes `$3`, `??` a question mark (operators of JSON have some).
fn numbered(syntax: Syntax, marks: Marks, sql: &str) -> Result<Placeholders, PlaceholderFault> {
    let mut tokens = Lexer::new(syntax, sql).peekable();
    let (mut largest, mut last_mark, mut text) = (0_usize, 0_usize, String::new());
    let rewrites = marks == Marks::Question && sql.contains('?');
    while let Some(token) = tokens.next() {
        match token.kind {
            Kind::Dollar(number) => largest = largest.max(known(number)?),
            Kind::Mark(number) if rewrites => {
                if number.is_none()
                    && let Some(doubled) = tokens.next_if(|next| matches!(next.kind, Kind::Mark(_)))
                {
                    text.push_str(doubled.text);
                    continue;
                }
                last_mark = match number {
                    Some(number) => last_mark.max(known(number)?),
                    None => last_mark.saturating_add(1),
                };
                let number = number.unwrap_or(last_mark);
                largest = largest.max(number);
                let _ = write!(text, "${number}");
                continue;
            }
            _ => {}
        }
        if rewrites {
            text.push_str(token.text);
        }
    }
    Ok(Placeholders { count: Some(largest), text: rewrites.then_some(text), places: None })
}

/// The places that each `?` takes its value from, and the text with bare ones: MySQL knows no numbers.
fn positional(syntax: Syntax, sql: &str) -> Result<Placeholders, PlaceholderFault> {
    let mut text = String::with_capacity(sql.len());
    let (mut largest, mut places, mut has_numbers, mut is_certain) = (0_usize, Vec::new(), false, true);
    for token in Lexer::new(syntax, sql) {
        match token.kind {
            Kind::Mark(number) => {
                has_numbers |= number.is_some();
                let number = match number {
                    Some(number) => known(number)?,
                    None => largest.saturating_add(1),
                };
                largest = largest.max(number);
                places.push(number - 1);
                text.push('?');
            }
            kind => {
                // The server's version decides whether it is run.
                is_certain &= kind != Kind::Executable;
                text.push_str(token.text);
            }
        }
    }
    let count = (is_certain || has_numbers).then_some(largest);
    Ok(Placeholders { count, text: has_numbers.then_some(text), places: has_numbers.then_some(places) })
}

/// Whether there are placeholders with names, `:name`, `@name` or `$name`, which only SQLite knows: it counts itself.
fn has_names(syntax: Syntax, sql: &str) -> bool {
    let mut signs = false;
    Lexer::new(syntax, sql).any(|token| {
        let named = signs && token.kind == Kind::Word;
        signs = matches!(token.text, ":" | "@" | "$");
        named
    })
}

fn known(number: usize) -> Result<usize, PlaceholderFault> {
    if number == 0 { Err(PlaceholderFault::Zero) } else { Ok(number) }
}
