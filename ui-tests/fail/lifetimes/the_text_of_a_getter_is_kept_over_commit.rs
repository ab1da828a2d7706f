//! A getter lends what the session holds.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn name(session: &mut Session) -> Result<String, Error> {
    let user = session.get_one::<User>(7).await?;
    let name = user.name();
    session.commit().await?;
    Ok(name.to_owned())
}

fn main() {}
