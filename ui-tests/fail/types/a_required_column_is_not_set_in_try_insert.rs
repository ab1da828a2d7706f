//! A conflict is something to go on from, a column left out is not.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn sign_up(session: &Session) -> Result<(), Error> {
    let signed_up = session.try_insert(User::builder().email("ada@x.org")).await?;
    println!("{}", signed_up.is_ok());
    Ok(())
}

fn main() {}
