//! A statement: its text and the values to bind.

use std::{fmt, ops::Deref, sync::Arc};

use crate::{
    dialect::Dialect,
    lexer::{Marks, Syntax, first_words},
    value::Value,
};

/// The text of a statement, cheap to clone: rendered once for each shape, shared by every use.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Sql {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Deref for Sql {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Static(text)
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<Arc<str>> for Sql {
    fn from(text: Arc<str>) -> Self {
        Self::Shared(text)
    }
}

impl From<&Sql> for Sql {
    fn from(text: &Sql) -> Self {
        text.clone()
    }
}

/// A text and the values of its placeholders, in their order. `Debug` shows no values: they may be sensitive.
#[derive(Clone)]
pub(crate) struct Statement {
    pub(crate) sql: Sql,
    pub(crate) values: Vec<Value>,
    pub(crate) author: Author,
}

/// Who wrote a statement's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    /// This library: the text is as the server wants it, and what it does is known.
    Library,
    /// The program, with placeholders of this kind: the text is read before it is sent.
    Program(Marks),
}

impl Statement {
    pub(crate) fn new(sql: impl Into<Sql>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values, author: Author::Library }
    }

    /// A statement that the program wrote.
    pub(crate) fn of_program(sql: impl Into<Sql>, values: Vec<Value>, marks: Marks) -> Self {
        Self { sql: sql.into(), values, author: Author::Program(marks) }
    }

    /// Whether it does no harm if the server ran it and only the answer was lost: a read, or the begin of a transaction, that this
    /// library wrote. A text of the program may call anything.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn may_run_twice(&self) -> bool {
        if self.author != Author::Library {
            return false;
        }
        match StatementKind::of(&self.sql) {
            StatementKind::Begin => true,
            // A WITH may write.
            StatementKind::Select => self.sql.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("SELECT")),
            _ => false,
        }
    }

    /// Whether it begins a transaction.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_begin(&self) -> bool {
        StatementKind::of(&self.sql) == StatementKind::Begin
    }

    /// Whether it may give rows of a table's types.
    #[cfg(feature = "postgres")]
    pub(crate) fn gives_rows(&self) -> bool {
        use StatementKind::{Delete, Insert, Select, Update};
        matches!(StatementKind::of(&self.sql), Select | Insert | Update | Delete)
    }

    /// A statement without placeholders.
    pub(crate) fn text(sql: impl Into<Sql>) -> Self {
        Self::new(sql, Vec::new())
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{} values]", &*self.sql, self.values.len())
    }
}

/// What a statement does, by its first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatementKind {
    /// SELECT, VALUES, or a WITH, which may also write.
    Select,
    /// INSERT or REPLACE.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
    /// BEGIN, START TRANSACTION or XA START.
    Begin,
    /// COMMIT, END or PREPARE TRANSACTION.
    Commit,
    /// ROLLBACK of the whole transaction.
    Rollback,
    /// SAVEPOINT.
    Savepoint,
    /// RELEASE of a savepoint.
    Release,
    /// ROLLBACK TO a savepoint.
    RollbackTo,
    /// CREATE, ALTER, DROP, TRUNCATE.
    Definition,
    /// Anything else.
    Other,
}

impl StatementKind {
    /// Reads the first words of a text; comments in front of them and between them do not count.
    #[must_use]
    pub fn of(sql: &str) -> Self {
        Self::read(Syntax::of(Dialect::Sqlite), sql)
    }

    /// The same, as a server reads it.
    pub(crate) fn read(syntax: Syntax, sql: &str) -> Self {
        let mut words = first_words(syntax, sql);
        let Some(first) = words.next() else { return Self::Other };
        let is = |word: &str| first.eq_ignore_ascii_case(word);
        let mut follows = |word: &str| words.next().is_some_and(|second| second.eq_ignore_ascii_case(word));
        match first.len() {
            2 if is("XA") => match words.next() {
                Some(verb) if verb.eq_ignore_ascii_case("START") || verb.eq_ignore_ascii_case("BEGIN") => Self::Begin,
                _ => Self::Other,
            },
            3 if is("END") => Self::Commit,
            // How MySQL is told the isolation of the transaction that begins.
            3 if is("SET") && (sql.ends_with("; BEGIN") || sql.contains("; START TRANSACTION")) => Self::Begin,
            4 if is("WITH") => Self::Select,
            4 if is("DROP") => Self::Definition,
            // MariaDB's compound statement.
            5 if is("BEGIN") => {
                if follows("NOT") {
                    Self::Other
                } else {
                    Self::Begin
                }
            }
            // Replicas are started, too.
            5 if is("START") => {
                if follows("TRANSACTION") {
                    Self::Begin
                } else {
                    Self::Other
                }
            }
            5 if is("ALTER") => Self::Definition,
            5 if is("ABORT") => Self::Rollback,
            6 if is("SELECT") || is("VALUES") => Self::Select,
            6 if is("INSERT") => Self::Insert,
            6 if is("UPDATE") => Self::Update,
            6 if is("DELETE") => Self::Delete,
            // What was prepared earlier is no part of the open transaction.
            6 if is("COMMIT") => {
                if follows("PREPARED") {
                    Self::Other
                } else {
                    Self::Commit
                }
            }
            6 if is("CREATE") => Self::Definition,
            // Ends the open transaction, and leaves its outcome to others.
            7 if is("PREPARE") => {
                if follows("TRANSACTION") {
                    Self::Commit
                } else {
                    Self::Other
                }
            }
            7 if is("REPLACE") => Self::Insert,
            7 if is("RELEASE") => Self::Release,
            8 if is("ROLLBACK") => match words.next() {
                Some(word) if word.eq_ignore_ascii_case("PREPARED") => Self::Other,
                Some(word) if word.eq_ignore_ascii_case("TO") => Self::RollbackTo,
                // With a WORK or TRANSACTION in between.
                Some(_) if words.next().is_some_and(|word| word.eq_ignore_ascii_case("TO")) => Self::RollbackTo,
                _ => Self::Rollback,
            },
            8 if is("TRUNCATE") => Self::Definition,
            9 if is("SAVEPOINT") => Self::Savepoint,
            _ => Self::Other,
        }
    }

    /// Whether it begins or ends a transaction or a part of one.
    pub(crate) fn is_of_transactions(self) -> bool {
        matches!(self, Self::Begin | Self::Commit | Self::Rollback | Self::Savepoint | Self::Release | Self::RollbackTo)
    }

    /// Whether it only opens or ends a transaction: what a count of statements leaves out.
    #[must_use]
    pub fn is_transaction_frame(self) -> bool {
        matches!(self, Self::Begin | Self::Commit | Self::Rollback)
    }
}
