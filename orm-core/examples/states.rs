//! An object through its five states, with what is read and written at each step: `cargo run --example states`.
//!
//! transient → pending → persistent → deleted → detached, as SQLAlchemy calls them; and what a commit expires.

use orm_core::prelude::*;
use orm_core::session::Inspection;

/// Someone who writes.
#[derive(Entity)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
    nick: Option<String>,
    #[orm(foreign_key = author_id, cascade = "all, delete-orphan")]
    posts: HasMany<Post>,
}

/// Something written.
#[derive(Entity)]
#[orm(table = "posts")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = posts)]
    author: BelongsTo<User>,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let db = Database::connect("sqlite::memory:").await?;
    db.create_all(schema![User, Post]).await?;
    let log = db.statement_log();
    let mut session = db.session();

    step("Transient: a value that no session knows");
    let ada: Transient<User, _> = User::builder().name("Ada").posts([Post::builder().title("Notes")]).build();
    println!("{ada:?}");
    show(&log);

    step("Pending: added, not yet in the database. Its generated key cannot be read: that does not compile");
    let ada = session.add(ada)?;
    println!("{}", ada.name());
    tell(&session.inspect_pending(&ada)?);
    show(&log);

    step("Persistent: a flush has inserted it");
    session.flush().await?;
    let ada = session.persisted(&ada)?;
    println!("User {} is {}", ada.id(), ada.name());
    tell(&session.inspect(&ada)?);
    show(&log);

    step("Persistent and modified: one column is to be written");
    ada.set_nick("countess");
    tell(&session.inspect(&ada)?);
    println!("   history of nick: {:?}", session.inspect(&ada)?.history(User::NICK));

    step("A commit writes it and expires everything; the handle ends here, its key does not");
    let key = Key::of(&ada);
    session.commit().await?;
    if let Some(inspection) = session.inspect_key(key) {
        tell(&inspection);
    }
    if let Err(error) = session.peek(key) {
        println!("   without a statement: {error}");
    }
    show(&log);

    step("Read again: one SELECT");
    let ada = session.get_one(key).await?;
    tell(&session.inspect(&ada)?);
    show(&log);

    step("To be deleted: until the flush it is persistent");
    session.delete(&ada).await?;
    tell(&session.inspect(&ada)?);

    step("Deleted: the row is gone, and what was read can still be read");
    session.flush().await?;
    println!("{}", ada.name());
    tell(&session.inspect(&ada)?);
    show(&log);

    step("A rollback brings it back, expired");
    session.rollback().await?;
    if let Some(inspection) = session.inspect_key(key) {
        tell(&inspection);
    }
    show(&log);

    step("Detached: an owned value that outlives the session; its type says what it holds");
    let ada = session.get_one(key).selectin(User::POSTS).await?;
    let detached: Detached<User, loaded!(User { posts })> = session.detach(&ada)?;
    session.close().await?;
    println!("{} wrote {:?}", detached.name(), detached.posts().iter().map(|post| post.title()).collect::<Vec<_>>());
    show(&log);
    Ok(())
}

fn step(what: &str) {
    println!("\n== {what}");
}

fn tell<E: Entity>(inspection: &Inspection<E>) {
    println!(
        "   {:?}{}: key {}, loaded {:?}, unloaded {:?}",
        inspection.state(),
        if inspection.is_to_be_deleted() { ", to be deleted" } else { "" },
        inspection.key().unwrap_or("none"),
        inspection.loaded(),
        inspection.unloaded(),
    );
    if let Some(cause) = inspection.expired_by() {
        println!("   expired by {cause:?}: {:?}", inspection.expired());
    }
    if inspection.is_modified() {
        println!("   modified: {:?}", inspection.modified());
    }
}

fn show(log: &StatementLog) {
    for statement in log.take() {
        println!("   sql: {}", statement.sql);
    }
}
