//! Listeners run in the middle of a flush, whose connection is in use: they read and write objects, and send nothing.

use orm_core::{
    prelude::*,
    session::{Flushed, Heard, Listener},
};
use orm_ui_tests::entities::Tag;

struct Notes;

impl Listener for Notes {
    fn after_flush(&self, session: &Session, _: &Flushed) -> Heard {
        session.insert(Tag::builder().name("flushed")).await?;
        Ok(())
    }
}

fn main() {}
