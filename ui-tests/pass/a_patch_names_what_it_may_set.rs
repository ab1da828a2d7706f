//! A patch that names what it may set gives changes; a cached value that is vouched for is a detached value.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

#[derive(Entity)]
#[orm(table = "pages", deserialize)]
pub struct Page {
    #[orm(primary_key)]
    id: i64,
    title: String,
}

async fn update(session: &Session, id: i64, patch: Patch<User>) -> Result<(), Error> {
    let user = session.get_one::<User>(id).await?;
    session.apply(&user, patch.only((User::NAME, User::EMAIL))?)?;
    Ok(())
}

async fn create(session: &Session, id: i64, patch: Patch<Post>) -> Result<(), Error> {
    session.merge(patch.only((Post::TITLE, Post::AUTHOR))?.id(id)).await?;
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(_: &str) -> Option<T> {
    None
}

fn bodies(session: &Session, json: &str) -> Result<(), Error> {
    read::<Patch<User>>(json);
    if let Some(page) = read::<Cached<Detached<Page>>>(json) {
        println!("{}", session.attach(page.vouch())?.title());
    }
    Ok(())
}

fn main() {
    let _ = (update, create, bodies);
}
