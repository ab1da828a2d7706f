//! A handle, a pending object, a key, a builder, and lists of all of them.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag, User};

fn write(session: &Session, post: Persistent<'_, Post>, user: Persistent<'_, User>) -> Result<(), Error> {
    post.set_author(user)?;
    post.set_author(&user)?;
    post.set_author(Key::new(7))?;
    post.set_author(User::builder().email("ada@x.org").name("Ada"))?;
    let tag = session.add(Tag::builder().name("rust"))?;
    post.add_to_tags(tag)?;
    user.add_to_posts(post)?;
    Ok(())
}

async fn create(session: &Session, tag: Key<Tag>) -> Result<(), Error> {
    let tags = vec![Member::from(tag), Member::from(Tag::builder().name("rust"))];
    let post = Post::builder().title("Notes").tags(tags);
    let user = session.insert(User::builder().email("ada@x.org").name("Ada").posts([post])).await?;
    println!("{}", user.posts().len());
    Ok(())
}

async fn either(session: &Session, known: Option<Key<User>>) -> Result<(), Error> {
    let author = match known {
        Some(key) => Member::from(key),
        None => Member::from(User::builder().email("ada@x.org").name("Ada")),
    };
    session.insert(Post::builder().title("Notes").author(author)).await?;
    Ok(())
}

fn main() {
    let _ = (write, create, either);
}
