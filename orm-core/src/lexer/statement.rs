//! What kind of statement a text is, as far as its words tell.

use super::{Kind, Lexer, Syntax, Token};

/// The words that a text begins with, comments left out: up to whatever is no word.
pub(crate) fn first_words(syntax: Syntax, sql: &str) -> impl Iterator<Item = &str> {
    Lexer::new(syntax, sql)
        .filter(|token| !token.is_blank() && !matches!(token.kind, Kind::Executable | Kind::ExecutableEnd))
        .skip_while(|token| token.kind == Kind::Semicolon)
        .map_while(|token| (token.kind == Kind::Word).then_some(token.text))
}

/// Whether there is anything behind a `;`. The bodies of triggers and functions have such as well: for texts that have no body.
pub(crate) fn has_several_statements(syntax: Syntax, sql: &str) -> bool {
    let mut said = Lexer::new(syntax, sql)
        .filter(|token| !token.is_blank() && token.kind != Kind::ExecutableEnd)
        .skip_while(|token| token.kind == Kind::Semicolon)
        .skip_while(|token| token.kind != Kind::Semicolon);
    said.any(|token| token.kind != Kind::Semicolon)
}

/// Whether a text that begins with WITH writes: a verb that writes stands where a statement begins, behind a parenthesis.
pub(crate) fn writes_in_with(syntax: Syntax, sql: &str) -> bool {
    let mut said = Lexer::new(syntax, sql)
        .filter(|token| !token.is_blank() && !matches!(token.kind, Kind::Executable | Kind::ExecutableEnd))
        .peekable();
    while let Some(before) = said.next() {
        if !matches!(before.text, "(" | ")") {
            continue;
        }
        let Some(verb) = said.next_if(|token| is_writing_verb(*token)) else { continue };
        // `replace(..)` and MySQL's `insert(..)` are functions.
        if verb.kind == Kind::Word && said.peek().is_some_and(|next| next.text != "(") {
            return true;
        }
    }
    false
}

fn is_writing_verb(token: Token<'_>) -> bool {
    token.kind == Kind::Word
        && ["INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"].iter().any(|verb| token.text.eq_ignore_ascii_case(verb))
}
