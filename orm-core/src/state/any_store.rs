//! What can be done with the objects of an entity that is known by its definition only.

use std::{any::Any, sync::Arc};

use super::{Expire, Link, Mark};
use crate::{
    error::StateCause,
    schema::EntityDef,
    value::{Cells, ColumnError, DecodeError, Raw, Value},
};

/// What a row does to an object that the session has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absorb {
    /// Fills what is absent, and what is past and unmodified; overwrites nothing else.
    Fill,
    /// Overwrites everything, unflushed changes too: `refresh`, `for_update`, `populate_existing`.
    Populate,
}

/// Deferred columns that a row brings beside the others, and where their cells begin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Brought<'c> {
    pub(crate) columns: &'c [usize],
    pub(crate) first: usize,
}

/// Where an object is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Added, not yet flushed.
    Pending,
    /// It has a row, and the row is known.
    Persistent,
    /// It has a row, which must be read again.
    Expired,
    /// A flush of this transaction deleted the row.
    Deleted,
    /// Taken out before it was flushed.
    Discarded,
}

/// What a flush has to write of one changed object.
#[derive(Debug)]
pub(crate) struct RowChanges {
    /// Hand it back to [`AnyStore::confirm`].
    pub(crate) version: usize,
    /// The columns whose values differ from the database's.
    pub(crate) columns: Vec<usize>,
}

/// A [`Store`](super::Store) whose entity is known by its definition only: what loaders and the flush work with, compiled once.
pub(crate) trait AnyStore: Send + Sync {
    fn as_any(&self) -> &dyn Any;

    fn def(&self) -> &'static EntityDef;

    /// How many objects there are, discarded ones included.
    fn len(&self) -> u32;

    /// Takes in one row whose columns begin at `first`; `None` when its key is NULL (the empty side of an outer join).
    fn absorb(&self, cells: &dyn Cells, first: usize, how: Absorb, epoch: u64) -> Result<Option<u32>, ColumnError> {
        self.absorb_with(cells, first, Brought::default(), how, epoch)
    }

    /// As [`absorb`](Self::absorb), with the deferred columns that the row brings.
    fn absorb_with(
        &self,
        cells: &dyn Cells,
        first: usize,
        brought: Brought<'_>,
        how: Absorb,
        epoch: u64,
    ) -> Result<Option<u32>, ColumnError>;

    /// Takes in some columns of an object: deferred ones, returned ones.
    fn absorb_columns(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError>;

    fn decode_value(&self, column: usize, raw: Raw<'_>) -> Result<Value, DecodeError>;

    /// The object with this key, expired ones included.
    fn find(&self, key: &[Value]) -> Result<Option<u32>, DecodeError>;

    /// Whether this transaction deleted the row with this key, and no other object has it now.
    fn has_deleted(&self, key: &[Value]) -> bool;

    /// The object with this key, made with no row if there is none: to be linked to by its key.
    fn reserve(&self, key: &[Value]) -> Result<u32, DecodeError>;

    fn key(&self, slot: u32) -> Option<Vec<Value>>;

    /// The key as text for messages.
    fn print_key(&self, slot: u32) -> String;

    fn status(&self, slot: u32) -> Status;

    /// The value of a column as the program sees it, unflushed changes included; `None` where it is not set or not loaded.
    fn value(&self, slot: u32, column: usize) -> Option<Value>;

    /// The value of a column as the database has it.
    fn base_value(&self, slot: u32, column: usize) -> Option<Value>;

    /// Sets a column as a program would: the next flush writes it.
    fn set_value(&self, slot: u32, column: usize, value: &Value) -> Result<(), DecodeError>;

    /// Sets columns as a program would, in one step.
    fn set_values(&self, slot: u32, values: &[(usize, Value)]) -> Result<(), ColumnError>;

    /// A new object with these columns; what is not set gets its default.
    fn add_new(&self, values: &[(usize, Value)]) -> Result<u32, ColumnError>;

    /// Takes in the row of a detached value, where none is known; deferred columns that it holds, in any case. None, where this
    /// transaction deleted it.
    fn adopt(&self, row: &Arc<dyn Any + Send + Sync>, epoch: u64) -> Result<Option<u32>, ColumnError>;

    fn is_column_loaded(&self, slot: u32, column: usize) -> bool;

    fn link(&self, slot: u32, relation: usize) -> &Link;

    /// The relationships of an object, if any was ever loaded or written.
    fn links(&self, slot: u32) -> Option<&[Link]>;

    fn has_mark(&self, slot: u32, mark: Mark) -> bool;

    fn set_mark(&self, slot: u32, mark: Mark);

    fn clear_mark(&self, slot: u32, mark: Mark);

    /// What is unflushed of an object that has a row.
    fn changes(&self, slot: u32) -> Option<RowChanges>;

    /// Tells one draft of an object from a later one.
    fn draft_version(&self, slot: u32) -> usize;

    /// The columns that were set of an object whose row is expired: what a flush has to write of it.
    fn draft_columns(&self, slot: u32) -> Vec<usize>;

    /// The database has what the draft of an expired object said at this version, and these values besides.
    fn settle_draft(&self, slot: u32, version: usize, returned: &[(usize, Value)]);

    /// The columns that must be read again before there is a row.
    fn expired_columns(&self, slot: u32) -> Vec<usize>;

    /// The object that a row belongs to, if its row is known.
    fn find_row(&self, cells: &dyn Cells, first: usize) -> Result<Option<u32>, ColumnError>;

    /// Takes in columns of an object whose row is known, unflushed changes of these columns dropped.
    fn overwrite(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError>;

    /// Whether the database had these values when the object was read.
    fn agrees(&self, slot: u32, values: &[(usize, Value)]) -> bool;

    /// Whether some columns of an expired object did not expire.
    fn is_partly_known(&self, slot: u32) -> bool;

    /// Whether what is known of an object is of an earlier transaction.
    fn is_past(&self, slot: u32, epoch: u64) -> bool;

    /// What expired an object, where that was not the end of a transaction.
    fn expired_by(&self, slot: u32) -> Option<StateCause>;

    /// Takes in the columns of an expired object that must be read again.
    fn complete(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError>;

    /// Forgets the row of one object and its relationships.
    fn expire(&mut self, slot: u32, cause: StateCause);

    /// Lets go of one object.
    fn remove(&mut self, slot: u32);

    /// Forgets some columns of one object.
    fn expire_columns(&mut self, slot: u32, expire: Expire<'_>);

    /// Forgets the other side of a relationship.
    fn unload(&mut self, slot: u32, relation: usize);

    /// Something about an object changed at this moment, beside its row being read.
    fn note_altered(&self, slot: u32, epoch: u64);

    /// Goes back to the moment `epoch`, when there were so many objects.
    fn roll_back_to(&mut self, count: u32, epoch: u64, cause: StateCause);

    /// Forgets every row; objects that have none yet stay.
    fn expire_held(&mut self, cause: StateCause);

    /// The database has the row as it was at `version`, and these values besides.
    fn confirm(&self, slot: u32, version: usize, returned: &[(usize, Value)]) -> Result<(), ColumnError>;

    /// A pending object has its row now: the draft and these values. The error is the column that is still missing.
    fn publish_inserted(&self, slot: u32, values: &[(usize, Value)], epoch: u64) -> Result<(), ColumnError>;

    /// The row is gone: no key leads here any more.
    fn publish_deleted(&self, slot: u32);

    /// After commit: every row is forgotten, the keys stay.
    fn expire_all(&mut self);

    /// After rollback: as `expire_all`, and what this transaction made is undone.
    fn roll_back(&mut self);

    /// After a rollback with no transaction begun: pending objects and unflushed changes go.
    fn discard_unflushed(&mut self);

    /// After a commit that keeps: old versions are let go.
    fn settle(&mut self);

    /// After a commit that keeps, with handles alive.
    fn settle_shared(&self);
}
