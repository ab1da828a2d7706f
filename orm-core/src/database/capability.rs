//! What servers can do: the one table that tells them apart. Asked once for each connection; everything else asks here.

use super::{Backend, Database};
use crate::error::Result;

/// How the keys of new rows that the database counts up become known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneratedKeys {
    /// They come back with the rows.
    Returned,
    /// The server tells the first one; those of the other rows of a statement follow it in steps of this size, as long as the statement
    /// gives its rows one by one (VALUES): the server knows their number before it counts.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "MySQL's way"))]
    Consecutive { step: u64 },
    /// The server tells the first one, and promises nothing of the others: each row is a statement of its own.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "MySQL's way"))]
    OneByOne,
}

/// What a change of the schema does to the transaction that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Definitions {
    /// It is part of it.
    Transactional,
    /// It commits what was done before, without being asked.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "MySQL's way"))]
    Commit,
}

/// What a plain SELECT sees of rows that others committed after the transaction's first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// What writes see, too.
    #[cfg_attr(not(any(feature = "sqlite", feature = "postgres")), allow(dead_code, reason = "not MySQL's way"))]
    Current,
    /// The rows as they were then, while a write or a locking read sees them as they are now.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "MySQL's way"))]
    Snapshot,
}

/// When foreign keys are checked, and when their actions (`ON DELETE CASCADE`) take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checks {
    /// Both when all rows of the statement are written: they may refer to each other.
    AtStatementEnd,
    /// Checked when all rows of the statement are written; an action takes place as each row goes, so that the statement does not count
    /// a row that another one of it took along.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "SQLite's way"))]
    ActionsAtOnce,
    /// As each row is written: a row goes only once none refers to it, and comes only once what it refers to is there.
    #[cfg_attr(not(feature = "mysql"), allow(dead_code, reason = "InnoDB's way"))]
    RowByRow,
}

/// What a server can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// `INSERT .. RETURNING`, that of an upsert included.
    pub(crate) insert_returning: bool,
    /// `UPDATE .. RETURNING`.
    pub(crate) update_returning: bool,
    /// `DELETE .. RETURNING`.
    pub(crate) delete_returning: bool,
    pub(crate) generated_keys: GeneratedKeys,
}

/// What every server of a backend does alike.
impl Backend {
    /// Whether rows are locked one by one: FOR UPDATE, NOWAIT and SKIP LOCKED.
    pub(crate) const fn locks_rows(self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => false,
            #[cfg(feature = "postgres")]
            Self::Postgres => true,
            #[cfg(feature = "mysql")]
            Self::MySql => true,
        }
    }

    /// What a change of the schema does to the transaction that it is in.
    pub(crate) const fn definitions(self) -> Definitions {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => Definitions::Commit,
            #[cfg(any(feature = "sqlite", feature = "postgres"))]
            _ => Definitions::Transactional,
        }
    }

    /// What a plain SELECT sees of what others commit meanwhile.
    pub(crate) const fn reads(self) -> Reads {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => Reads::Snapshot,
            #[cfg(any(feature = "sqlite", feature = "postgres"))]
            _ => Reads::Current,
        }
    }

    /// When a foreign key is checked.
    pub(crate) const fn checks(self) -> Checks {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql => Checks::RowByRow,
            #[cfg(feature = "sqlite")]
            Self::Sqlite => Checks::ActionsAtOnce,
            #[cfg(feature = "postgres")]
            Self::Postgres => Checks::AtStatementEnd,
        }
    }
}

impl Capabilities {
    #[cfg(feature = "sqlite")]
    pub(crate) const SQLITE: Self = Self::STANDARD;

    #[cfg(feature = "postgres")]
    pub(crate) const POSTGRES: Self = Self::STANDARD;

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    const STANDARD: Self = Self {
        insert_returning: true,
        update_returning: true,
        delete_returning: true,
        generated_keys: GeneratedKeys::Returned,
    };

    /// The same without some of it.
    pub(crate) fn without(mut self, absent: &[Without]) -> Self {
        for absent in absent {
            match absent {
                Without::Returning => {
                    self.update_returning = false;
                    self.delete_returning = false;
                    // Without another way to know generated keys, INSERT keeps it.
                    self.insert_returning &= self.generated_keys == GeneratedKeys::Returned;
                }
                Without::ConsecutiveKeys => {
                    if matches!(self.generated_keys, GeneratedKeys::Consecutive { .. }) {
                        self.generated_keys = GeneratedKeys::OneByOne;
                    }
                }
            }
        }
        self
    }
}

impl Database {
    /// Whether the server cannot do this, or it was taken away. For tests.
    ///
    /// # Errors
    /// When no connection could be had.
    #[doc(hidden)]
    pub async fn lacks(&self, what: Without) -> Result<bool> {
        let connection = self.acquire().await?;
        let capabilities = connection.capabilities();
        Ok(match what {
            Without::Returning => !capabilities.insert_returning,
            Without::ConsecutiveKeys => capabilities.generated_keys == GeneratedKeys::OneByOne,
        })
    }
}

/// A capability that a test takes away, so that what is done without it runs on a server that has it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// RETURNING, wherever there is another way.
    Returning,
    /// That the keys of a statement's rows follow each other.
    ConsecutiveKeys,
}
