//! LIKE, so that text matches itself on each database, whatever is in it and however the server is set.

use sea_query::{BinOper, Expr, ExprTrait, Func, LikeExpr};

use crate::{
    error::{Error, ErrorKind},
    expr::{Pattern, escaped_by_exclamation, like_to_glob},
};

use super::context::{Dialect, RenderContext};

/// The longest pattern that SQLite takes.
const LONGEST_GLOB: usize = 50_000;

/// The text matches the pattern, in which `\` escapes; upper and lower case differ.
pub(super) fn like(context: &RenderContext, text: Expr, pattern: &str) -> Expr {
    match context.dialect {
        Dialect::Postgres => text.like(LikeExpr::new(pattern).escape('\\')),
        Dialect::MySql => text.like(LikeExpr::new(escaped_by_exclamation(pattern)).escape('!')),
        Dialect::Sqlite => match Pattern::of(pattern) {
            Pattern::Contains(part) => contains(text, part),
            Pattern::EndsWith(end) => ends_with(text, end),
            // An index finds it; what follows a NUL in the column does not matter to it.
            Pattern::StartsWith(start) if is_glob(&start) => glob(text, pattern),
            Pattern::StartsWith(start) => starts_with(text, start),
            Pattern::Other if pattern.contains('\0') => context.refuse(nul()),
            Pattern::Other => glob(text, pattern),
        },
    }
}

/// The same, upper and lower case being the same.
pub(super) fn ilike(context: &RenderContext, text: Expr, pattern: &str) -> Expr {
    let lower = |text: Expr| Expr::from(Func::lower(text));
    match context.dialect {
        // Written out: sea-query's own ILIKE exists with PostgreSQL's feature alone. `\` escapes by default.
        Dialect::Postgres => text.binary(BinOper::Custom("ILIKE"), Expr::val(pattern)),
        Dialect::MySql => {
            let pattern = lower(Expr::val(escaped_by_exclamation(pattern)));
            lower(text).binary(BinOper::Like, pattern.binary(BinOper::Escape, Expr::Constant("!".into())))
        }
        Dialect::Sqlite => match Pattern::of(pattern) {
            Pattern::Contains(part) => contains(lower(text), part.to_ascii_lowercase()),
            _ if pattern.contains('\0') => context.refuse(nul()),
            _ => text.like(LikeExpr::new(pattern).escape('\\')),
        },
    }
}

/// SQLite's LIKE and GLOB end a text at a NUL; `instr` and the functions of bytes do not.
fn contains(text: Expr, part: String) -> Expr {
    Expr::from(Func::cust("instr").args([text, Expr::val(part)])).gt(Expr::cust("0"))
}

fn starts_with(text: Expr, start: String) -> Expr {
    let length = i64::try_from(start.len()).unwrap_or(i64::MAX);
    bytes_of(text, [Expr::cust("1"), Expr::val(length)]).eq(blob(Expr::val(start)))
}

fn ends_with(text: Expr, end: String) -> Expr {
    match i64::try_from(end.len()) {
        Ok(length) if length > 0 => bytes_of(text, [Expr::val(-length)]).eq(blob(Expr::val(end))),
        // Every text does.
        _ => contains(text, end),
    }
}

fn bytes_of<const N: usize>(text: Expr, range: [Expr; N]) -> Expr {
    Func::cust("substr").args(std::iter::once(blob(text)).chain(range)).into()
}

fn blob(text: Expr) -> Expr {
    Func::cast_as(text, "BLOB").into()
}

fn glob(text: Expr, pattern: &str) -> Expr {
    text.binary(BinOper::Custom("GLOB"), Expr::val(like_to_glob(pattern)))
}

fn is_glob(text: &str) -> bool {
    // A sign of a pattern takes three.
    !text.contains('\0') && text.len() < LONGEST_GLOB / 3
}

#[cold]
fn nul() -> Error {
    Error::new(
        ErrorKind::Value,
        "SQLite ends a LIKE pattern at a NUL character; nothing was sent. `contains`, `starts_with` and `ends_with` find one",
    )
}
