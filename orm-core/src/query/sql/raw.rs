//! Raw fragments: placeholders and fields in their places.

use sea_query::Expr;

use crate::expr::{Piece, RawFragment};

use super::{
    carrier::plain,
    context::{Dialect, RenderContext, Scope},
};

/// The fragment in parentheses. A field that the entity does not have stays as it was written, for the database to name in
/// its error.
pub(super) fn raw(context: &RenderContext, scope: &Scope, fragment: &RawFragment) -> Expr {
    let mut template = String::from("(");
    let mut exprs = Vec::new();
    let mut values = fragment.values().iter();
    for piece in fragment.pieces() {
        let expr = match piece {
            Piece::Text(text) => {
                push_text(&mut template, context.dialect, text);
                continue;
            }
            Piece::Value => values.next().map(|value| Expr::Value(plain(value.clone()))),
            Piece::Field(field) => scope.def.column_of_field(field).map(|position| scope.column(position)),
        };
        let expr = expr.unwrap_or_else(|| match piece {
            Piece::Field(field) => Expr::cust(format!("{{{field}}}")),
            _ => Expr::cust("?"),
        });
        exprs.push(expr);
        match context.dialect {
            Dialect::Sqlite | Dialect::MySql => template.push('?'),
            Dialect::Postgres => template.push_str(&format!("${}", exprs.len())),
        }
    }
    template.push(')');
    Expr::cust_with_exprs(template, exprs)
}

/// What would be a placeholder to the writer is doubled; inside quotes it reads no placeholders.
fn push_text(template: &mut String, dialect: Dialect, text: &str) {
    let mark = match dialect {
        Dialect::Sqlite | Dialect::MySql => '?',
        Dialect::Postgres => '$',
    };
    let mut quote = None;
    for character in text.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"' | '`') => quote = Some(character),
            None if character == mark => template.push(mark),
            None => {}
        }
        template.push(character);
    }
}
