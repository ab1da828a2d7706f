//! The object left the session: what `expunge` gives is detached, and can be kept.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn let_go(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    let _detached = session.expunge::<User>(7);
    println!("{}", user.name());
    Ok(())
}

fn main() {}
