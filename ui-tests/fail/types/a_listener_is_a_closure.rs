//! A listener is a type of the program's own, so that it can be told what it listens to.

use orm_core::prelude::*;

fn sessions(db: &Database) -> SessionFactory {
    db.session_factory().listen(|session: &Session| println!("{session:?}"))
}

fn main() {}
