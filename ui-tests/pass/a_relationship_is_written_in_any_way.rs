//! Only `replace_…` needs it loaded; a pending object is linked as it is.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag, User};

async fn publish(session: &Session, first: Persistent<'_, Post>, second: Key<Post>) -> Result<(), Error> {
    let user = session.get_one::<User>(7).await?;
    user.add_to_posts(&first)?;
    user.extend_posts([Member::from(first), Member::from(second), Member::from(Post::builder().title("Notes"))])?;
    user.remove_from_posts(&first)?;
    user.clear_posts()?;
    let user = session.load(&user, User::POSTS).await?;
    user.replace_posts([first])?;
    let tag = session.add(Tag::builder().name("rust"))?;
    first.add_to_tags(&tag)
}

fn main() {
    let _ = publish;
}
