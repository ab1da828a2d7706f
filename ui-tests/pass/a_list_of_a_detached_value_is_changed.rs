//! Lists that a detached value holds, whole, filtered or decided at run time, are changed member by member.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

fn edit(mut user: Detached<User, loaded!(User { posts })>) -> Result<(), Error> {
    user.add_to_posts(Post::builder().title("Notes"))?;
    user.add_to_posts(Key::<Post>::new(7))?;
    user.remove_from_posts(8)?;
    for post in user.posts_mut() {
        post.set_title("Loops");
    }
    user.clear_posts()
}

async fn others(db: &Database, wanted: bool) -> Result<(), Error> {
    let mut filtered = db.one(&User::select().selectin(User::POSTS.filter(Post::TITLE.eq("x")))).await?;
    filtered.remove_from_posts(7)?;
    let mut decided = db.one(&User::select().selectin_if(wanted, User::POSTS)).await?;
    decided.remove_from_posts(7)?;
    Ok(())
}

fn main() {
    let _ = (edit, others);
}
