//! The life of objects in a session: what takes state away, and how it comes back.

mod expire;
mod inspect;
mod refresh;
mod retry;
mod savepoint;
mod savepoint_bulk;
