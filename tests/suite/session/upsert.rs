//! `upsert`: overwritten or inserted, the object comes back.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Book, Chapter, Genre, Marker, User, Versioned, Writer};

each_backend!(
    a_row_that_is_not_there_is_inserted,
    a_row_that_is_there_is_overwritten_and_its_object_shows_it,
    only_the_columns_that_are_named_are_overwritten,
    do_nothing_gives_what_is_there,
    many_rows_come_back_in_their_order,
    a_composite_key_decides,
    another_parent_shows_on_both_sides_with_what_was_promised,
    a_version_is_counted_up,
    another_constraint_is_a_violation,
    a_database_upserts_without_a_session,
);

#[derive(Entity)]
#[orm(table = "pages")]
struct Page {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    slug: String,
    site_id: Option<i64>,
    #[orm(foreign_key = site_id, back_populates = pages)]
    site: BelongsTo<Site>,
}

#[derive(Entity)]
#[orm(table = "sites")]
struct Site {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = site_id, back_populates = site, order_by = id)]
    pages: HasMany<Page>,
}

async fn a_row_that_is_not_there_is_inserted(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let dan = session.upsert(User::builder().name("Dan").nick("d"), on_conflict(User::NAME)).await?;
    log.assert(db.or_without_returning(&["INSERT users"][..], &["INSERT users", "SELECT users"]));
    assert_eq!((dan.name(), dan.nick()), ("Dan", Some("d")));
    assert_eq!(session.get_one::<User>(dan.id()).await?, dan);
    log.assert_silent();
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_row_that_is_there_is_overwritten_and_its_object_shows_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    let log = db.statement_log();
    let again = session.upsert(User::builder().name("Ada").nick("new"), on_conflict(User::NAME)).await?;
    log.assert(db.or_without_returning(&["INSERT users"][..], &["INSERT users", "SELECT users"]));
    assert_eq!(again, ada);
    assert_eq!((ada.id(), ada.nick(), ada.addresses().len()), (1, Some("new"), 2));
    session.flush().await?;
    log.assert_silent();
    session.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    Ok(())
}

async fn only_the_columns_that_are_named_are_overwritten(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let keeps = on_conflict(User::ID).update(User::NAME);
    let ada = session.upsert(User::builder().id(1).name("Adele").nick("lost"), keeps).await?;
    assert_eq!((ada.name(), ada.nick()), ("Adele", Some("countess")));
    Ok(())
}

async fn do_nothing_gives_what_is_there(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let row = |name: &str| User::builder().name(name).nick("lost");
    let ada = session.upsert(row("Ada"), on_conflict(User::NAME).do_nothing()).await?;
    // MariaDB gives a row back that it left as it was.
    let read = &["INSERT users", "SELECT users"][..];
    let sent = db.or_mysql(read, db.or_without_returning(&["INSERT users"], read));
    log.assert(sent);
    assert_eq!((ada.id(), ada.nick()), (1, Some("countess")));
    let all = session.upsert_all([row("Dan"), row("Bob"), row("Ada")], on_conflict(User::NAME).do_nothing()).await?;
    log.assert(sent);
    assert_eq!(all.iter().map(|it| it.name()).collect::<Vec<_>>(), ["Dan", "Bob", "Ada"]);
    assert_eq!(all[2], ada);
    Ok(())
}

async fn many_rows_come_back_in_their_order(db: TestDb) -> Outcome {
    let db = db.with(schema![Writer, Book, Chapter, Genre]).await?;
    db.run(&["INSERT INTO genres (name) VALUES ('g7'), ('g3')"]).await?;
    let session = db.session();
    let log = db.statement_log();
    let rows = (0..10).map(|n| Genre::builder().name(format!("g{n}")));
    let genres = session.upsert_all(rows, on_conflict(Genre::NAME)).await?;
    log.assert(db.or_without_returning(&["INSERT genres"][..], &["INSERT genres", "SELECT genres"]));
    for (n, genre) in genres.iter().enumerate() {
        assert_eq!(genre.name(), format!("g{n}"));
    }
    assert_eq!((genres[7].id(), genres[3].id()), (1, 2));
    assert_eq!(session.count(&Genre::select()).await?, 10);
    Ok(())
}

async fn a_composite_key_decides(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let by_key = || on_conflict(Marker::A).and(Marker::B);
    let first = session.upsert(Marker::builder().a(1).b(2).name("first"), by_key()).await?;
    let again = session.upsert(Marker::builder().a(1).b(2).name("again"), by_key()).await?;
    assert_eq!((first, first.name()), (again, "again"));
    Ok(())
}

async fn another_parent_shows_on_both_sides_with_what_was_promised(db: TestDb) -> Outcome {
    let db = db.with(schema![Site, Page]).await?;
    db.run(&[
        "INSERT INTO sites (name) VALUES ('one'), ('two')",
        "INSERT INTO pages (slug, site_id) VALUES ('a', 1), ('b', 1), ('c', 2)",
    ])
    .await?;
    let session = db.session();
    let one = session.one(&Site::select().filter(Site::ID.eq(1)).selectin(Site::PAGES)).await?;
    let page = session.one(&Page::select().filter(Page::ID.eq(1)).selectin(Page::SITE.selectin(Site::PAGES))).await?;
    let log = db.statement_log();
    let row = Page::builder().slug("a").site(Key::<Site>::new(2));
    session.upsert(row, on_conflict(Page::SLUG)).await?;
    let promised = &["INSERT pages", "SELECT sites", "SELECT pages"][..];
    log.assert(db.or_without_returning(promised, &["INSERT pages", "SELECT pages", "SELECT sites", "SELECT pages"]));
    let site = page.site();
    assert_eq!(site.map(|it| (it.name(), it.pages().len())), Some(("two", 2)));
    assert_eq!(one.pages().iter().map(|it| it.slug()).collect::<Vec<_>>(), ["b"]);
    let new = session.upsert(Page::builder().slug("d").site(one), on_conflict(Page::SLUG)).await?;
    assert_eq!(one.pages().iter().map(|it| it.slug()).collect::<Vec<_>>(), ["b", "d"]);
    assert_eq!(new.site_id(), Some(1));
    session.upsert(Page::builder().slug("a").site_id(None), on_conflict(Page::SLUG)).await?;
    assert!(page.site().is_none());
    log.texts();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_version_is_counted_up(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    let session = db.session();
    let row = session.insert(Versioned::builder().name("v")).await?;
    let again = session.upsert(Versioned::builder().id(row.id()).name("w"), on_conflict(Versioned::ID)).await?;
    assert_eq!((again.name(), again.version()), ("w", 2));
    Ok(())
}

async fn another_constraint_is_a_violation(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let error = refused(
        session.upsert(User::builder().id(2).name("Ada"), on_conflict(User::ID)).await,
        ErrorKind::UniqueViolation,
    );
    assert_eq!((error.entity(), error.verb()), (Some("User"), Some("upsert")));
    assert!(session.needs_rollback());
    Ok(())
}

async fn a_database_upserts_without_a_session(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let ada: Detached<User> = db.upsert(User::builder().name("Ada").nick("new"), on_conflict(User::NAME)).await?;
    let (returned, read) =
        (&["BEGIN", "INSERT users", "COMMIT"][..], &["BEGIN", "INSERT users", "SELECT users", "COMMIT"]);
    log.assert_framed(db.or_without_returning(returned, read));
    assert_eq!((ada.id(), ada.nick()), (1, Some("new")));
    let users = ["Dan", "Bob", "Eve"].map(|name| User::builder().name(name).nick("many"));
    let users = db.upsert_all(users, on_conflict(User::NAME)).await?;
    log.assert(db.or_without_returning(&["INSERT users"][..], &["INSERT users", "SELECT users"]));
    assert_eq!(users.iter().map(|user| user.name()).collect::<Vec<_>>(), ["Dan", "Bob", "Eve"]);
    assert_eq!(users[1].id(), 2);
    let kept = db.upsert(User::builder().name("Ada").nick("other"), on_conflict(User::NAME).do_nothing()).await?;
    assert_eq!(kept.nick(), Some("new"));
    // All or none.
    let rows = [User::builder().id(90).name("Fay"), User::builder().id(1).name("Gil")];
    refused(db.upsert_all(rows, on_conflict(User::NAME)).await, ErrorKind::UniqueViolation);
    assert_eq!(db.count(&User::select()).await?, 5);
    Ok(())
}
