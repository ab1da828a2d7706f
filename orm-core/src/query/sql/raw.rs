//! Raw fragments: placeholders and fields in their places.

use sea_query::Expr;

use crate::{
    error::{Error, ErrorKind},
    expr::{Piece, RawFault, RawFragment},
    lexer::Syntax,
};

use super::{
    carrier::plain,
    context::{Dialect, RenderContext, Scope},
};

/// The fragment in parentheses. A field that the entity does not have stays as it was written, for the database to name in
/// its error.
pub(super) fn raw(context: &RenderContext, scope: &Scope, fragment: &RawFragment) -> Expr {
    let pieces = match fragment.pieces(Syntax::of(context.dialect)) {
        Ok(pieces) => pieces,
        Err(fault) => return context.refuse(refusal(fragment, fault)),
    };
    let mut template = Template::new(context.dialect);
    let mut text = String::from("(");
    for piece in pieces {
        let expr = match piece {
            Piece::Text(piece) => {
                text.push_str(piece);
                continue;
            }
            Piece::Value(place) => fragment.values().get(place).map(|value| Expr::Value(plain(value.clone()))),
            Piece::Field(field) => scope.def.column_of_field(field).map(|position| scope.column(position)),
        };
        let Some(expr) = expr else {
            if let Piece::Field(field) = piece {
                text.push_str(&format!("{{{field}}}"));
            }
            continue;
        };
        template.text(std::mem::take(&mut text));
        template.expr(expr);
    }
    // A comment at its end would take the parenthesis in.
    if text.contains("--") || text.contains('#') {
        text.push('\n');
    }
    text.push(')');
    template.text(text);
    Expr::cust_with_exprs(template.text, template.exprs)
}

/// What sea-query's writer is given: it looks for placeholders with a lexer of its own, which may read a text otherwise. So only what
/// has nothing that could be read in two ways stands in the template; other texts are put in as they are, like the values.
struct Template {
    dialect: Dialect,
    text: String,
    exprs: Vec<Expr>,
}

impl Template {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::new(), exprs: Vec::new() }
    }

    fn text(&mut self, text: String) {
        let is_clear = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b' ' | b'(' | b')' | b'<' | b'>' | b'=' | b',' | b'.' | b'%' | b'+' | b'_' | b'|' | b':')
        };
        // Behind a placeholder, digits would be its number.
        let follows_number = !self.exprs.is_empty() && text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if text.bytes().all(is_clear) && !follows_number {
            self.text.push_str(&text);
        } else {
            self.expr(Expr::cust(text));
        }
    }

    fn expr(&mut self, expr: Expr) {
        self.exprs.push(expr);
        match self.dialect {
            // Two next to each other would be a question mark.
            Dialect::Sqlite | Dialect::MySql if self.text.ends_with('?') => self.text.push_str(" ?"),
            Dialect::Sqlite | Dialect::MySql => self.text.push('?'),
            Dialect::Postgres => self.text.push_str(&format!("${}", self.exprs.len())),
        }
    }
}

fn refusal(fragment: &RawFragment, fault: RawFault) -> Error {
    let why = match fault {
        RawFault::WrongNumber { wanted, given } => {
            format!("it takes {wanted} values, and {given} were given: a `?` for each value, `??` for a question mark")
        }
        RawFault::Unclosed => "a literal, quoted name or comment in it has no end".to_owned(),
        RawFault::Parentheses => "its parentheses do not match".to_owned(),
        RawFault::Semicolon => "a `;` would end the whole statement".to_owned(),
        RawFault::Dollar => {
            "a `$1` would be a value of another part of the statement: write `?` for the next value of the fragment".to_owned()
        }
        RawFault::Zero => "placeholders are counted from 1: write `?1`".to_owned(),
        RawFault::Nul => "it holds a NUL character, at which databases end a text".to_owned(),
    };
    Error::new(ErrorKind::Value, format!("the raw fragment `{}` is refused: {why}", fragment.sql()))
}
