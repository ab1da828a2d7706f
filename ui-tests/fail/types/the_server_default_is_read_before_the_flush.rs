//! The database makes it.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn add(session: &Session) -> Result<(), Error> {
    let user = session.add(User::builder().email("ada@x.org").name("Ada"))?;
    println!("{}", user.created_at());
    Ok(())
}

fn main() {}
