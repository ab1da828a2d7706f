//! While its connection is lent, the session's transaction stays open.

use orm_core::{database::PgConnection, prelude::*};

async fn migrate(session: &mut Session) -> Result<(), Error> {
    session
        .with_connection(async |_: &mut PgConnection| session.commit().await)
        .await
}

fn main() {}
