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
        if is_clear(&text) && !(self.ends_in_number() && text.starts_with(is_of_names)) {
            self.text.push_str(&text);
            return;
        }
        // Blanks may stand in the template as well.
        let inside = text.trim_matches(' ');
        let before = text.len() - text.trim_start_matches(' ').len();
        let after = text.len() - before - inside.len();
        self.text.extend(std::iter::repeat_n(' ', before));
        self.expr(Expr::cust(inside.to_owned()));
        self.text.extend(std::iter::repeat_n(' ', after));
    }

    fn expr(&mut self, expr: Expr) {
        self.exprs.push(expr);
        match self.dialect {
            // Two next to each other would be a question mark.
            Dialect::Sqlite | Dialect::MySql if self.text.ends_with('?') => self.text.push_str(" ?"),
            Dialect::Sqlite | Dialect::MySql => self.text.push('?'),
            // Behind a letter or number it would be a part of that.
            Dialect::Postgres if self.text.ends_with(is_of_names) => {
                self.text.push_str(&format!(" ${}", self.exprs.len()));
            }
            Dialect::Postgres => self.text.push_str(&format!("${}", self.exprs.len())),
        }
    }

    /// Whether digits or letters that follow would be read as a part of the last placeholder.
    fn ends_in_number(&self) -> bool {
        self.dialect == Dialect::Postgres && self.text.ends_with(|last: char| last.is_ascii_digit())
    }
}

/// Whether every lexer reads the text alike, whatever stands around it.
fn is_clear(text: &str) -> bool {
    let is_clear = |character: char| {
        is_of_names(character) && character != '$'
            || matches!(character, ' ' | '(' | ')' | '<' | '>' | '=' | ',' | '.' | '%' | '+' | '|' | ':')
    };
    text.char_indices().all(|(at, character)| {
        // A hyphen between blanks begins no comment.
        is_clear(character) || (character == '-' && at > 0 && text[at - 1..].starts_with(" - "))
    })
}

fn is_of_names(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$')
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
            "a `$1` would be a value of another part of the statement: write `?` for the next value of the fragment"
                .to_owned()
        }
        RawFault::Zero => "placeholders are counted from 1: write `?1`".to_owned(),
        RawFault::Nul => "it holds a NUL character, at which databases end a text".to_owned(),
    };
    Error::new(ErrorKind::Value, format!("the raw fragment `{}` is refused: {why}", fragment.sql()))
}
