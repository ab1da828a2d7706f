//! And what the database makes, after the flush.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn add(session: &Session) -> Result<(), Error> {
    let user = session.add(User::builder().email("ada@x.org").name("Ada"))?;
    user.set_name("Ada L.");
    println!("{}", user.name());
    session.flush().await?;
    let user = session.persisted(&user)?;
    println!("{} {}", user.id(), user.created_at());
    Ok(())
}

fn main() {
    let _ = add;
}
