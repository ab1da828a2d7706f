//! The session of `transaction` ends with it: hand out a `Key` or a `Detached`.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(db: &Database) -> Result<(), Error> {
    let user = db
        .transaction(async |session: &mut Session| {
            let user = session.get_one::<User>(7).await?;
            Ok::<_, Error>(user)
        })
        .await?;
    println!("{}", user.name());
    Ok(())
}

fn main() {}
