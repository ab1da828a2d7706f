//! SQL text as tokens: the one place that knows comments, literals, quoted names and placeholders of each database.
//!
//! Everything that looks into a text that somebody else wrote asks here: what kind of statement it is, whether there are several, where
//! its placeholders are. The tokens of a text, put together, are the text.

mod placeholder;
mod quoted;
mod statement;

#[cfg(test)]
mod tests;

use crate::dialect::Dialect;

pub(crate) use self::{
    placeholder::{Marks, placeholders},
    statement::{first_words, has_several_statements, writes_in_with},
};

/// How a server reads a text: its dialect, and the settings that change what quotes and backslashes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) dialect: Dialect,
    pub(crate) backslash: Backslash,
    pub(crate) double_quotes: DoubleQuotes,
}

/// What a backslash is inside of a plain literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backslash {
    /// A character like any other.
    Plain,
    /// It takes the next character literally.
    Escapes,
}

/// What stands between double quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DoubleQuotes {
    /// A name.
    Name,
    /// A literal: MySQL without `ANSI_QUOTES`.
    Literal,
}

impl Syntax {
    /// A server with the settings that it has by default, which are those of our own connections.
    pub(crate) const fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite | Dialect::Postgres => {
                Self { dialect, backslash: Backslash::Plain, double_quotes: DoubleQuotes::Name }
            }
            Dialect::MySql => Self { dialect, backslash: Backslash::Escapes, double_quotes: DoubleQuotes::Literal },
        }
    }
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// White space.
    Space,
    /// A comment to the end of its line; the line's end does not belong to it.
    LineComment,
    /// A comment between `/*` and `*/`.
    BlockComment,
    /// `/*!` or `/*M!` and a version: MySQL and MariaDB run what follows.
    Executable,
    /// The `*/` that ends what MySQL runs.
    ExecutableEnd,
    /// A key word, a name without quotes, a number.
    Word,
    /// A literal: a text between quotes or dollars.
    Literal,
    /// A name between quotes.
    Name,
    /// `?`, or `?3` with its number. A number that no statement has room for is the largest one.
    Mark(Option<usize>),
    /// `$3`, PostgreSQL's placeholder.
    Dollar(usize),
    /// `;`
    Semicolon,
    /// Any other character.
    Symbol,
}

/// Whether what is quoted comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed,
    Missing,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    pub(crate) text: &'t str,
    pub(crate) ending: Ending,
}

impl Token<'_> {
    /// Whether it says nothing to the server.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self.kind, Kind::Space | Kind::LineComment | Kind::BlockComment)
    }
}

/// The tokens of a text.
#[derive(Clone, Debug)]
pub(crate) struct Lexer<'t> {
    syntax: Syntax,
    rest: &'t str,
    /// Whether `*/` ends something that MySQL runs.
    executable: bool,
    /// What a literal means that continues one on an earlier line, as PostgreSQL has it.
    continued: Option<Continued>,
}

/// A literal of PostgreSQL that ended, and may go on after a line's end.
#[derive(Clone, Copy, Debug)]
struct Continued {
    backslash: Backslash,
    after_newline: bool,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(syntax: Syntax, text: &'t str) -> Self {
        Self { syntax, rest: text, executable: false, continued: None }
    }

    fn read(&mut self) -> (Kind, usize, Ending) {
        let closed = |kind, length| (kind, length, Ending::Closed);
        let rest = self.rest;
        let bytes = rest.as_bytes();
        let dialect = self.syntax.dialect;
        match bytes {
            [byte, ..] if is_space(*byte) => closed(Kind::Space, length_while(rest, is_space)),
            // SQLite takes a byte order mark for white space.
            [0xEF, 0xBB, 0xBF, ..] if dialect == Dialect::Sqlite => closed(Kind::Space, 3),
            [b'-', b'-', after @ ..] if dialect != Dialect::MySql || opens_line_comment(after) => {
                closed(Kind::LineComment, quoted::line(dialect, rest))
            }
            [b'#', ..] if dialect == Dialect::MySql => closed(Kind::LineComment, quoted::line(dialect, rest)),
            [b'/', b'*', b'!', ..] if dialect == Dialect::MySql => self.open_executable(3),
            [b'/', b'*', b'M', b'!', ..] if dialect == Dialect::MySql => self.open_executable(4),
            [b'*', b'/', ..] if self.executable => {
                self.executable = false;
                closed(Kind::ExecutableEnd, 2)
            }
            [b'/', b'*', ..] => {
                let (length, ending) = quoted::block(dialect, rest);
                (Kind::BlockComment, length, ending)
            }
            [b'\'', ..] => self.literal(0, self.plain_backslash()),
            // E'..' has escapes whatever the setting is.
            [b'e' | b'E', b'\'', ..] if dialect == Dialect::Postgres => self.literal(1, Backslash::Escapes),
            [b'"', ..] if self.syntax.double_quotes == DoubleQuotes::Literal => self.literal(0, self.syntax.backslash),
            [b'"', ..] => self.name(b'"'),
            [b'`', ..] if dialect != Dialect::Postgres => self.name(b'`'),
            [b'[', ..] if dialect == Dialect::Sqlite => {
                let (length, ending) = quoted::bracketed(rest);
                (Kind::Name, length, ending)
            }
            [b'$', digit, ..] if dialect == Dialect::Postgres && digit.is_ascii_digit() => {
                let length = 1 + length_while(&rest[1..], |byte| byte.is_ascii_digit());
                closed(Kind::Dollar(number(&rest[1..length])), length)
            }
            [b'$', ..] if dialect == Dialect::Postgres => match quoted::dollar(rest) {
                Some((length, ending)) => (Kind::Literal, length, ending),
                None => closed(Kind::Symbol, 1),
            },
            [b'?', ..] => {
                let length = 1 + length_while(&rest[1..], |byte| byte.is_ascii_digit());
                closed(Kind::Mark((length > 1).then(|| number(&rest[1..length]))), length)
            }
            [b';', ..] => closed(Kind::Semicolon, 1),
            [byte, ..] if starts_word(*byte) => closed(Kind::Word, length_while(rest, is_word)),
            _ => closed(Kind::Symbol, 1),
        }
    }

    fn open_executable(&mut self, mark: usize) -> (Kind, usize, Ending) {
        // Five or six digits are the version from which on it is run.
        let digits = length_while(&self.rest[mark..], |byte| byte.is_ascii_digit());
        let version = if digits >= 5 { digits.min(6) } else { 0 };
        self.executable = true;
        (Kind::Executable, mark + version, Ending::Closed)
    }

    fn plain_backslash(&self) -> Backslash {
        match self.continued {
            Some(Continued { backslash, after_newline: true }) => backslash,
            _ => self.syntax.backslash,
        }
    }

    /// A literal whose quote stands after a prefix.
    fn literal(&mut self, prefix: usize, backslash: Backslash) -> (Kind, usize, Ending) {
        let (length, ending) = quoted::quoted(&self.rest[prefix..], backslash);
        if self.syntax.dialect == Dialect::Postgres {
            self.continued = Some(Continued { backslash, after_newline: false });
        }
        (Kind::Literal, prefix + length, ending)
    }

    fn name(&self, quote: u8) -> (Kind, usize, Ending) {
        debug_assert_eq!(self.rest.as_bytes().first(), Some(&quote), "a name begins with its quote");
        let (length, ending) = quoted::quoted(self.rest, Backslash::Plain);
        (Kind::Name, length, ending)
    }

    /// Keeps in mind whether a quote that comes next continues a literal.
    fn follow(&mut self, kind: Kind, text: &str) {
        match kind {
            Kind::Literal | Kind::LineComment => {}
            Kind::Space => {
                if let Some(continued) = &mut self.continued {
                    continued.after_newline |= text.contains(['\n', '\r']);
                }
            }
            _ => self.continued = None,
        }
    }
}

impl<'t> Iterator for Lexer<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        let (kind, length, ending) = self.read();
        // A symbol may be a character of several bytes.
        let length = (length..=self.rest.len()).find(|at| self.rest.is_char_boundary(*at)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.follow(kind, text);
        Some(Token { kind, text, ending })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c')
}

/// MySQL takes `--` for a comment only before white space or a control character; `5--3` is 8.
fn opens_line_comment(after: &[u8]) -> bool {
    after.first().is_none_or(|byte| is_space(*byte) || byte.is_ascii_control())
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn is_word(byte: u8) -> bool {
    starts_word(byte) || byte == b'$'
}

fn length_while(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

fn number(digits: &str) -> usize {
    digits.parse().unwrap_or(usize::MAX)
}
