//! A session with an identity map, a unit of work and typed eager loading, where reading what is not loaded does not compile.
//!
//! Start with [`prelude`], [`Database`](database::Database) and [`Session`](session::Session). In the order in which a program
//! meets them:
//!
//! 1. `#[derive(Entity)]` makes a struct the row of a table ([`entity`], [`relationship`], [`value`]).
//! 2. [`Database::connect`](database::Database::connect) and [`create_all`](database::Database::create_all).
//! 3. `db.session()`: [`insert`](session::Session::insert), [`get`](session::Session::get),
//!    [`one`](session::Session::one) give [`Persistent`](handle::Persistent) handles, which borrow the session.
//! 4. `User::select()` is a [`Select`](query::Select): filters from [`expr`], relationships to load by hints ([`query`]).
//! 5. [`load`] has the load states: what a handle's type says it holds.
//! 6. [`Session::detach`](session::Session::detach) hands out a [`Detached`](handle::Detached) value; what survives a commit is a
//!    [`Key`](entity::Key).
//!
//! Within a shared borrow of a session state only grows; what takes state away (`commit`, `rollback`, `close`) takes the session
//! exclusively. That is why a handle that compiles can be read.

// The derive writes `::orm_core`, in tests of this crate too.
#[cfg(test)]
extern crate self as orm_core;

mod collections;
pub mod database;
mod dialect;
pub mod entity;
pub mod error;
pub mod expr;
mod flush;
pub mod handle;
mod identity;
mod lexer;
pub mod load;
mod loading;
pub mod prelude;
pub mod query;
pub mod relationship;
pub mod schema;
pub mod session;
mod state;
pub mod value;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
