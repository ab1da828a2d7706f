//! A row has a value for each column that is not an `Option`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

fn create(session: &Session) -> Result<(), Error> {
    session.add(User::builder().email("ada@x.org"))?;
    Ok(())
}

fn main() {}
