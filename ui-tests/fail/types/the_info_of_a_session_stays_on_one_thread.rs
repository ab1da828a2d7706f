//! A session goes from thread to thread, and its info with it.

use std::rc::Rc;

use orm_core::prelude::*;

fn sessions(db: &Database) -> SessionFactory {
    db.session_factory().info(Rc::new(7))
}

fn main() {}
