//! A handle cannot outlive its session.

use orm_core::prelude::*;
use orm_ui_tests::entities::User;

async fn find(db: &Database) -> Result<Persistent<'_, User>, Error> {
    let session = db.session();
    session.get_one::<User>(7).await
}

fn main() {}
