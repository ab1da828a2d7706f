//! What may have to be inserted is complete; a part of the columns is `Changes`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn rename(session: &Session) -> Result<(), Error> {
    session.merge(User::builder().id(7).name("Ada")).await?;
    Ok(())
}

fn main() {}
