//! `#[derive(Row)]`.

use orm_core::prelude::*;

struct Total {
    posts: i64,
}

async fn count(db: &Database) -> Result<i64, Error> {
    let totals = db.sql("SELECT count(*) AS posts FROM posts").all::<Total>().await?;
    Ok(totals[0].posts)
}

fn main() {}
