//! A lent connection goes back to the session.

use orm_core::{database::PgConnection, prelude::*};

async fn keep(session: &Session) -> Result<(), Error> {
    let connection = session
        .with_connection(async |connection: &mut PgConnection| Ok::<_, Error>(connection))
        .await?;
    drop(connection);
    Ok(())
}

fn main() {}
