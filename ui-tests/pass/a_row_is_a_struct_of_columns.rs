//! Or a tuple, or one column.

use orm_core::prelude::*;

#[derive(Row)]
struct Total {
    posts: i64,
}

async fn count(db: &Database) -> Result<i64, Error> {
    let total = db.sql("SELECT count(*) AS posts FROM posts").one::<Total>().await?;
    let (first, last) = db.sql("SELECT min(id), max(id) FROM posts").one::<(i64, i64)>().await?;
    Ok(total.posts + first + last)
}

fn main() {
    let _ = count;
}
