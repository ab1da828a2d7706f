//! What was never in the database is not attached.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

fn take_in(session: &Session) -> Result<(), Error> {
    session.attach(Tag::builder().name("rust"))?;
    Ok(())
}

fn main() {}
