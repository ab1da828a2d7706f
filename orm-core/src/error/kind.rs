//! The classes of failure.

/// What class of failure an [`Error`](super::Error) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A unique constraint or primary key refused a row.
    UniqueViolation,
    /// A foreign key refused a row or its removal.
    ForeignKeyViolation,
    /// A NULL came to a column that has none.
    NotNullViolation,
    /// A CHECK constraint refused a row.
    CheckViolation,
    /// The database could not serialise this transaction with another: try the whole transaction again.
    Serialization,
    /// Two transactions waited for each other: try the whole transaction again.
    Deadlock,
    /// The database cannot be reached, or the connection broke.
    Connection,
    /// No connection, no lock or no answer within the configured time.
    Timeout,
    /// A COMMIT was sent and its answer never came: whether the transaction was committed is unknown. It is never tried again by itself.
    CommitUnknown,
    /// A table or type was changed while the program runs, and a statement that was prepared before no longer fits: try the whole
    /// transaction again.
    SchemaChanged,
    /// Another operation has the session's turn, and cannot go on before this one ends.
    SessionBusy,
    /// A row is locked by someone else, and the query was not to wait.
    LockNotAvailable,
    /// The session only reads.
    ReadOnly,
    /// A listener refused the flush or the commit; its own error is the source.
    Listener,
    /// A table or column is not there.
    Schema,
    /// A client sent what the program does not let it set.
    NotAllowed,
    /// The database refused a value (out of range, wrong syntax, a NUL in text).
    Value,
    /// A cell that came back is not a value of the column's type.
    Decode,
    /// A URL or an option is wrong.
    Configuration,
    /// The backend lacks the feature.
    Unsupported,
    /// Exactly one row was asked for and none came.
    NotFound,
    /// At most one row was asked for and more came.
    MultipleRows,
    /// A new object with the key of one that the session holds.
    IdentityConflict,
    /// A part of a primary key is not set, so that no row can be meant.
    MissingKey,
    /// The object belongs to another session.
    NotInSession,
    /// A required parent was never given.
    MissingParent,
    /// A required target of a loaded object is not in the database.
    MissingTarget,
    /// The write would take away what another handle was promised.
    BreaksPromise,
    /// A flush failed or was cancelled: roll back before going on.
    PendingRollback,
    /// The attribute or object is not in the state that the operation needs.
    State,
    /// The object's row is gone.
    ObjectDeleted,
    /// The row was changed by someone else since it was read.
    StaleData,
    /// A savepoint is open: release or roll it back first.
    SavepointOpen,
    /// The unflushed changes of an object stand in the way.
    Unflushed,
    /// Rows depend on each other in a circle that no order of statements can satisfy.
    Cycle,
    /// Any other error that the database reported.
    Database,
}
