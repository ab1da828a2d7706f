//! What servers can do: the one table that tells them apart. Asked once for each connection; everything else asks here.

/// How the keys of new rows that the database counts up become known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneratedKeys {
    /// They come back with the rows.
    Returned,
    /// The server tells the first one; those of the other rows of a statement follow it in steps of this size.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "MySQL's way"))]
    Consecutive { step: u64 },
    /// The server tells the first one, and promises nothing of the others: each row is a statement of its own.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "MySQL's way"))]
    OneByOne,
}

/// What a change of the schema does to the transaction that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Definitions {
    /// It is part of it.
    Transactional,
    /// It commits what was done before, without being asked.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "MySQL's way"))]
    Commit,
}

/// What a plain SELECT sees of rows that others committed after the transaction's first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// What writes see, too.
    Current,
    /// The rows as they were then, while a write or a locking read sees them as they are now.
    #[cfg_attr(not(feature = "mysql"), expect(dead_code, reason = "MySQL's way"))]
    Snapshot,
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
    pub(crate) definitions: Definitions,
    pub(crate) reads: Reads,
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
        definitions: Definitions::Transactional,
        reads: Reads::Current,
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

/// A capability that a test takes away, so that what is done without it runs on a server that has it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// RETURNING, wherever there is another way.
    Returning,
    /// That the keys of a statement's rows follow each other.
    ConsecutiveKeys,
}
