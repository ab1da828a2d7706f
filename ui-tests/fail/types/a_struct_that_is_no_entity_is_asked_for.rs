//! It has no derive.

use orm_core::prelude::*;

struct Draft;

async fn find(session: &Session) -> Result<(), Error> {
    session.get_one::<Draft>(7).await?;
    Ok(())
}

fn main() {}
