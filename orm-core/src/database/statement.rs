//! A statement: its text and the values to bind.

use std::{fmt, ops::Deref, sync::Arc};

use crate::value::Value;

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
}

impl Statement {
    pub(crate) fn new(sql: impl Into<Sql>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values }
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
    /// BEGIN or START TRANSACTION.
    Begin,
    /// COMMIT or END.
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
    /// Reads the first words of a text.
    #[must_use]
    pub fn of(sql: &str) -> Self {
        let mut words = sql.trim_start().splitn(4, |c: char| !c.is_ascii_alphabetic());
        let Some(first) = words.next() else { return Self::Other };
        let is = |word: &str| first.eq_ignore_ascii_case(word);
        match first.len() {
            3 if is("END") => Self::Commit,
            // How MySQL is told the isolation of the transaction that begins.
            3 if is("SET") && (sql.ends_with("; BEGIN") || sql.contains("; START TRANSACTION")) => Self::Begin,
            4 if is("WITH") => Self::Select,
            4 if is("DROP") => Self::Definition,
            5 if is("BEGIN") || is("START") => Self::Begin,
            5 if is("ALTER") => Self::Definition,
            5 if is("ABORT") => Self::Rollback,
            6 if is("SELECT") || is("VALUES") => Self::Select,
            6 if is("INSERT") => Self::Insert,
            6 if is("UPDATE") => Self::Update,
            6 if is("DELETE") => Self::Delete,
            6 if is("COMMIT") => Self::Commit,
            6 if is("CREATE") => Self::Definition,
            7 if is("REPLACE") => Self::Insert,
            7 if is("RELEASE") => Self::Release,
            8 if is("ROLLBACK") => {
                // `ROLLBACK TO s`, or with a WORK or TRANSACTION in between.
                if words.take(2).any(|word| word.eq_ignore_ascii_case("TO")) {
                    Self::RollbackTo
                } else {
                    Self::Rollback
                }
            }
            8 if is("TRUNCATE") => Self::Definition,
            9 if is("SAVEPOINT") => Self::Savepoint,
            _ => Self::Other,
        }
    }

    /// Whether it only opens or ends a transaction: what a count of statements leaves out.
    #[must_use]
    pub fn is_transaction_frame(self) -> bool {
        matches!(self, Self::Begin | Self::Commit | Self::Rollback)
    }
}
