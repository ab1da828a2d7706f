//! What expired is there no more: the next `get` reads it again.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn reread(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    session.expire::<User>(7);
    println!("{}", user.name());
    Ok(())
}

fn main() {}
