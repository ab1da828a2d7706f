//! `#[derive(Row)]`.

use orm_core::prelude::*;

struct Total {
    posts: i64,
}

async fn count(db: &Database) -> Result<i64, Error> {
    let total = db.sql("SELECT count(*) AS posts FROM posts").one::<Total>().await?;
    Ok(total.posts)
}

fn main() {}
