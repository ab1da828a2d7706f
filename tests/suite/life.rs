//! The life of objects in a session: what takes state away, and how it comes back.

mod changed_tables;
mod columns;
mod detach;
mod expire;
mod given_back;
mod inspect;
mod lent;
mod listeners;
mod locks;
mod options;
mod read_only;
mod refresh;
mod retry;
mod sandbox;
mod savepoint;
mod savepoint_bulk;
mod seen;
mod states;
mod taken_back;
mod warnings;
