//! A text of SQL as words and brackets, as its server reads it: what is inside of literals and comments is left out.

use crate::lexer::{Kind, Lexer, Syntax, Token};

/// A part of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'s> {
    /// A name or a word of SQL.
    Word(Word<'s>),
    /// Anything else, a literal as a whole.
    Other(&'s str),
}

/// A name or a word of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'s> {
    text: &'s str,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Plain,
    /// In quotes, or after a dot: no word of SQL.
    Name,
}

impl<'s> Piece<'s> {
    pub(super) fn word(&self) -> Option<&Word<'s>> {
        match self {
            Self::Word(word) => Some(word),
            Self::Other(_) => None,
        }
    }

    /// Whether it is this symbol.
    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(self, Self::Other(text) if *text == symbol)
    }

    /// `@`, with which MySQL names what it keeps for the connection; a `;`, after which another statement may begin.
    pub(super) fn sets_a_variable(&self) -> bool {
        match self {
            Self::Other(text) => text.starts_with('@') || *text == ";",
            Self::Word(word) => word.text.starts_with('@'),
        }
    }
}

impl Word<'_> {
    /// Whether it is this word of SQL.
    pub(super) fn is(&self, word: &str) -> bool {
        self.origin == Origin::Plain && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it begins so, in quotes or not.
    pub(super) fn starts_with(&self, start: &str) -> bool {
        let text = self.text.trim_start_matches(['"', '`', '[']);
        text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
    }

    /// Whether it is a name of the program's, for sure.
    pub(super) fn is_name(&self) -> bool {
        self.origin == Origin::Name
    }
}

/// The parts of a text. Comments that MySQL runs (`/*! .. */`) are part of it.
pub(super) fn pieces(syntax: Syntax, sql: &str) -> Vec<Piece<'_>> {
    let mut found: Vec<Piece<'_>> = Vec::new();
    for token in Lexer::new(syntax, sql) {
        let Token { kind, text, .. } = token;
        if token.is_blank() || matches!(kind, Kind::Executable | Kind::ExecutableEnd) {
            continue;
        }
        let after_dot = found.last().is_some_and(|last| last.is("."));
        found.push(match kind {
            // A number's letters are no word, but it is followed by no bracket either.
            Kind::Word if after_dot => Piece::Word(Word { text, origin: Origin::Name }),
            Kind::Word => Piece::Word(Word { text, origin: Origin::Plain }),
            Kind::Name => Piece::Word(Word { text, origin: Origin::Name }),
            _ => Piece::Other(text),
        });
    }
    found
}
