//! A text that the program wrote, before it is sent: what it may not do, how many values it takes, how its server spells it.

use super::statement::{Author, Sql, Statement, StatementKind};
use crate::{
    error::{Error, ErrorKind, Result},
    lexer::{Marks, Syntax, first_words, has_several_statements, placeholders},
};

/// The statement for the server: its text spelled so, its values in their places. One of the library's is as it should be.
///
/// # Errors
/// [`ErrorKind::State`] for what begins or ends a transaction, [`ErrorKind::Unsupported`] for several statements in one text,
/// [`ErrorKind::Value`] for a NUL in it and for another number of values than it takes.
pub(super) fn read(syntax: Syntax, statement: &Statement) -> Result<Option<Statement>> {
    let Author::Program(marks) = statement.author else { return Ok(None) };
    let sql: &str = &statement.sql;
    check_text(syntax, sql)?;
    let found = placeholders(syntax, marks, sql).map_err(|_| counted_from_one(marks))?;
    if let Some(wanted) = found.count
        && wanted != statement.values.len()
    {
        return Err(wrong_number(wanted, statement.values.len()));
    }
    let sql = found.text.map_or_else(|| statement.sql.clone(), Sql::from);
    let values = match found.places {
        Some(places) => places.into_iter().filter_map(|place| statement.values.get(place).cloned()).collect(),
        None => statement.values.clone(),
    };
    Ok(Some(Statement { sql, values, author: statement.author }))
}

fn check_text(syntax: Syntax, sql: &str) -> Result<()> {
    if sql.contains('\0') {
        return Err(Error::new(
            ErrorKind::Value,
            "the text of the statement holds a NUL character, at which databases end it: bind what may hold one as a value",
        ));
    }
    let kind = StatementKind::read(syntax, sql);
    if kind.is_of_transactions() {
        return Err(transaction_frame());
    }
    if !may_have_a_body(syntax, sql, kind) && has_several_statements(syntax, sql) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "several statements in one text, of which none was sent: send them one by one, in one transaction with `db.transaction(..)`",
        ));
    }
    Ok(())
}

/// The refusal of what begins or ends a transaction.
#[cold]
pub(crate) fn transaction_frame() -> Error {
    Error::new(
        ErrorKind::State,
        "a text of the program's own may not begin or end a transaction or savepoint: `db.transaction(..)` and `db.session()` do, with \
         `commit`, `rollback` and `savepoint`",
    )
}

/// Triggers, functions and the compound statements of MariaDB hold statements; their server finds their end.
fn may_have_a_body(syntax: Syntax, sql: &str, kind: StatementKind) -> bool {
    match kind {
        StatementKind::Definition => true,
        StatementKind::Other => first_words(syntax, sql).next().is_none_or(|first| {
            ["BEGIN", "CASE", "DECLARE", "FOR", "IF", "LOOP", "REPEAT", "WHILE"]
                .iter()
                .any(|compound| first.eq_ignore_ascii_case(compound))
        }),
        _ => false,
    }
}

#[cold]
pub(super) fn wrong_number(wanted: usize, given: usize) -> Error {
    let values = |number: usize| if number == 1 { "1 value".to_owned() } else { format!("{number} values") };
    let were = if given == 1 { "was" } else { "were" };
    Error::new(ErrorKind::Value, format!("the statement takes {}, and {} {were} given", values(wanted), values(given)))
}

#[cold]
fn counted_from_one(marks: Marks) -> Error {
    let first = match marks {
        Marks::Question => "`?1`",
        Marks::Native => "the first one",
    };
    Error::new(ErrorKind::Value, format!("placeholders are counted from 1: write {first}"))
}
