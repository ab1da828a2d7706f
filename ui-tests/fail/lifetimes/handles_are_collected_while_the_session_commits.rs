//! The list holds the handles of the rounds before.

use orm_core::prelude::*;
use orm_ui_tests::entities::Tag;

async fn import(session: &mut Session, names: &[String]) -> Result<(), Error> {
    let mut tags = Vec::new();
    for name in names {
        tags.push(session.insert(Tag::builder().name(name)).await?);
        session.commit().await?;
    }
    println!("{}", tags.len());
    Ok(())
}

fn main() {}
