//! Handles are alive while listeners run: they see the session shared.

use orm_core::{
    prelude::*,
    session::{Heard, Listener},
};

struct Tidy;

impl Listener for Tidy {
    fn before_flush(&self, session: &mut Session) -> Heard {
        session.expire_all();
        Ok(())
    }
}

fn main() {}
