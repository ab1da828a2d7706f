//! A helper that ends handles says so in its signature.

use orm_core::prelude::*;

async fn save(session: &Session) -> Result<(), Error> {
    session.commit().await
}

fn main() {}
