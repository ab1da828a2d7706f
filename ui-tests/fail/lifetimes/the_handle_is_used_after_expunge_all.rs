//! Every object left the session.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn let_go(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.expunge_all();
    println!("{}", user.name());
    Ok(())
}

fn main() {}
