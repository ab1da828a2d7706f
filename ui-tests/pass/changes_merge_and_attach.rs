//! What may be applied, merged and attached: handles, pending objects and keys take changes; values come in in any form.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, Tag, User};

async fn changes(session: &Session, user: Persistent<'_, User>, changes: Changes<User>) -> Result<(), Error> {
    session.apply(&user, changes.clone())?;
    session.apply(user, User::changes().name("Ada").bio(None))?;
    session.apply(7, User::changes().email("ada@x.org"))?;
    session.apply(Key::of(&user), changes.clone())?;
    session.apply(&session.add(Tag::builder().name("rust"))?, Tag::changes().name("go"))?;
    session.apply(7, Post::changes().author(&user))?;
    session.merge(changes.id(7)).await?;
    Ok(())
}

async fn values(session: &Session, user: Detached<User, loaded!(User { posts })>) -> Result<(), Error> {
    let merged = session.merge(&user).await?;
    println!("{}", merged.posts().len());
    session.merge(Detached::narrow::<orm_ui_tests::entities::UserLoad>(user.clone())).await?;
    session.merge(Tag::builder().id(7).name("rust")).await?;
    session.merge(Tag::builder().name("rust").build()).await?;
    session.merge_all([Tag::changes().id(7).name("rust"), Tag::changes().id(8).name("go")]).await?;
    println!("{}", session.attach(user)?.posts().len());
    Ok(())
}

fn main() {
    let _ = (changes, values);
}
