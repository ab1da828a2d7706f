//! The second round uses a handle that the first has ended.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn rename(session: &mut Session) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    for name in ["Ada", "Ada L."] {
        user.set_name(name);
        session.commit().await?;
    }
    Ok(())
}

fn main() {}
