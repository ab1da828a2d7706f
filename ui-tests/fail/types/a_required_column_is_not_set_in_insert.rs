//! A row has a value for each column that is not an `Option`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn create(session: &Session) -> Result<(), Error> {
    session.insert(User::builder().email("ada@x.org")).await?;
    Ok(())
}

fn main() {}
