//! The five states of an object, and what leads from one to another: the one table that says so.

use super::Status;

/// Where an object is in its life, in SQLAlchemy's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Known to no session: a value of its own type. Also what was added and taken out again.
    Transient,
    /// Added, and not flushed.
    Pending,
    /// It has a row, known or to be read again.
    Persistent,
    /// A flush of this transaction deleted its row.
    Deleted,
    /// In no session any more: a value of its own type.
    Detached,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Add,
    /// A flush inserts it.
    Inserted,
    /// It is to be deleted.
    Delete,
    /// A flush deletes its row.
    RowDeleted,
    Refresh,
    Expunge,
    Commit,
    /// Of the transaction that added, inserted or deleted it.
    Rollback,
}

impl Life {
    /// The state after an event; none where it cannot happen.
    pub(crate) fn after(self, event: Event) -> Option<Self> {
        use Life::{Deleted, Detached, Pending, Persistent, Transient};
        match (self, event) {
            (Transient, Event::Add) => Some(Pending),
            (Pending, Event::Inserted) => Some(Persistent),
            (Pending, Event::Expunge | Event::Rollback) => Some(Transient),
            // Until the flush it has its row.
            (Persistent, Event::Delete | Event::Refresh | Event::Commit) => Some(Persistent),
            (Persistent, Event::RowDeleted) => Some(Deleted),
            (Persistent, Event::Expunge) => Some(Detached),
            // Where this transaction inserted it, it is as if it had never been.
            (Persistent, Event::Rollback) => Some(Persistent),
            (Deleted, Event::Commit) => Some(Detached),
            (Deleted, Event::Rollback) => Some(Persistent),
            (Transient | Pending | Deleted | Detached, _) | (Persistent, _) => None,
        }
    }

    /// As a message calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Pending => "pending",
            Self::Persistent => "persistent",
            Self::Deleted => "deleted",
            Self::Detached => "detached",
        }
    }
}

impl Status {
    pub(crate) fn life(self) -> Life {
        match self {
            Self::Pending => Life::Pending,
            Self::Persistent | Self::Expired => Life::Persistent,
            Self::Deleted => Life::Deleted,
            Self::Discarded => Life::Transient,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [Life; 5] = [Life::Transient, Life::Pending, Life::Persistent, Life::Deleted, Life::Detached];

    /// The table of the documentation, line by line.
    #[test]
    fn each_event_leads_where_the_table_says() {
        use Life::{Deleted, Detached, Pending, Persistent, Transient};
        let table: [(Event, [Option<Life>; 5]); 8] = [
            (Event::Add, [Some(Pending), None, None, None, None]),
            (Event::Inserted, [None, Some(Persistent), None, None, None]),
            (Event::Delete, [None, None, Some(Persistent), None, None]),
            (Event::RowDeleted, [None, None, Some(Deleted), None, None]),
            (Event::Refresh, [None, None, Some(Persistent), None, None]),
            (Event::Expunge, [None, Some(Transient), Some(Detached), None, None]),
            (Event::Commit, [None, None, Some(Persistent), Some(Detached), None]),
            (Event::Rollback, [None, Some(Transient), Some(Persistent), Some(Persistent), None]),
        ];
        for (event, expected) in table {
            assert_eq!(STATES.map(|state| state.after(event)), expected, "{event:?}");
        }
    }
}
