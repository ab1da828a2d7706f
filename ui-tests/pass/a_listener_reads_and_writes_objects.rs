//! A listener sees the session shared, and can do whatever needs no statement.

use orm_core::{
    prelude::*,
    session::{Flushed, Heard, Listener},
};
use orm_ui_tests::entities::{Tag, User};

struct Notes;

impl Listener for Notes {
    fn before_flush(&self, session: &Session) -> Heard {
        for user in session.dirty::<User>() {
            if user.name().is_empty() {
                return Err("a user without a name".into());
            }
            user.set_name(user.name().trim());
        }
        Ok(())
    }

    fn after_flush(&self, session: &Session, flushed: &Flushed) -> Heard {
        for object in flushed.objects() {
            session.add(Tag::builder().name(object.to_string()))?;
        }
        Ok(())
    }
}

fn sessions(db: &Database) -> SessionFactory {
    db.session_factory().listen(Notes).info(7).info("name")
}

fn main() {}
