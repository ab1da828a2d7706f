//! What an upsert does with a row that is there already.

use std::{fmt, marker::PhantomData};

use crate::{entity::Entity, expr::Column};

/// Which unique columns decide whether a row is there, and what happens to it then: the second argument of
/// [`Session::upsert`](crate::session::Session::upsert).
///
/// ```
/// # use orm_core::prelude::*;
/// # #[derive(Entity)]
/// # #[orm(table = "users")]
/// # pub struct User { #[orm(primary_key)] id: i64, #[orm(unique)] email: String, name: String, logins: i64 }
///
/// on_conflict(User::EMAIL);                       // every column that the builder sets overwrites
/// on_conflict(User::EMAIL).update(User::NAME);    // this one only
/// on_conflict(User::EMAIL).do_nothing();          // the row stays as it is
/// ```
#[must_use = "it says what an upsert does"]
pub struct OnConflict<E> {
    pub(crate) columns: Vec<usize>,
    pub(crate) action: ConflictAction,
    entity: PhantomData<fn() -> E>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConflictAction {
    UpdateGiven,
    Update(Vec<usize>),
    Nothing,
}

/// A row with the same value in this column, which a unique constraint or the primary key must cover, is there already.
pub fn on_conflict<E: Entity, T>(column: Column<E, T>) -> OnConflict<E> {
    OnConflict { columns: vec![column.position()], action: ConflictAction::UpdateGiven, entity: PhantomData }
}

impl<E: Entity> OnConflict<E> {
    /// The unique constraint is over this column as well.
    pub fn and<T>(mut self, column: Column<E, T>) -> Self {
        self.columns.push(column.position());
        self
    }

    /// Overwrites this column, and others named so, but no more.
    pub fn update<T>(mut self, column: Column<E, T>) -> Self {
        match &mut self.action {
            ConflictAction::Update(columns) => columns.push(column.position()),
            _ => self.action = ConflictAction::Update(vec![column.position()]),
        }
        self
    }

    /// Leaves the row as it is.
    pub fn do_nothing(mut self) -> Self {
        self.action = ConflictAction::Nothing;
        self
    }
}

impl<E> Clone for OnConflict<E> {
    fn clone(&self) -> Self {
        Self { columns: self.columns.clone(), action: self.action.clone(), entity: PhantomData }
    }
}

impl<E: Entity> fmt::Debug for OnConflict<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.columns.iter().map(|column| E::DEF.columns[*column].field).collect();
        f.debug_struct("OnConflict").field("columns", &columns).field("action", &self.action).finish()
    }
}
