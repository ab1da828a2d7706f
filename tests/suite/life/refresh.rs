//! `refresh`, `refresh_all`, `populate_existing`, `for_update`.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Doc, User, Versioned};

each_backend!(
    refresh_discards_the_changes_of_that_object_and_of_no_other,
    refresh_of_a_column_writes_the_other_change_first,
    a_version_goes_on_after_a_partial_refresh,
    refresh_reads_what_handles_were_promised,
    refresh_of_a_relationship_loads_it,
    refresh_keeps_a_deferred_column_loaded,
    refresh_of_a_row_that_is_gone_changes_nothing,
    refresh_of_another_sessions_object_sends_nothing,
    refresh_drops_a_change_of_the_parent,
    populate_existing_overwrites_and_discards,
);

each_backend!(
    sqlite_file: refresh_all_is_one_select,
    a_foreign_key_that_changed_brings_its_target_along,
    for_update_shows_what_is_locked_and_keeps_promises,
);

async fn refresh_discards_the_changes_of_that_object_and_of_no_other(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let (ada, bob) = (session.get_one::<User>(1).await?, session.get_one::<User>(2).await?);
    ada.set_nick("lost");
    bob.set_nick("written");
    let log = db.statement_log();
    session.refresh(&ada).await?;
    log.assert(&["UPDATE users", "SELECT users"]);
    assert_eq!((ada.nick(), bob.nick()), (Some("countess"), Some("written")));
    session.flush().await?;
    log.assert_silent();
    session.refresh(&ada).for_update().await?;
    assert_eq!(log.texts().iter().any(|sql| sql.contains("FOR UPDATE")), !db.is_sqlite());
    Ok(())
}

async fn refresh_of_a_column_writes_the_other_change_first(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_name("Ada L.");
    ada.set_nick("lost");
    let log = db.statement_log();
    session.refresh(&ada).only([User::NICK]).await?;
    let sent = log.texts();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0].starts_with("UPDATE") && !sent[0].contains("nick"), "{sent:?}");
    assert!(sent[1].starts_with("SELECT \"nick\" FROM"), "{sent:?}");
    assert_eq!((ada.name(), ada.nick()), ("Ada L.", Some("countess")));
    session.flush().await?;
    log.assert_silent();
    session.close().await?;
    // Without autoflush the other change stays.
    let session = db.session_factory().autoflush(false).session();
    let bob = session.get_one::<User>(2).await?;
    bob.set_name("Bob B.");
    bob.set_nick("lost");
    session.refresh(&bob).only(User::NICK).await?;
    assert_eq!((bob.name(), bob.nick()), ("Bob B.", Some("builder")));
    drop(log.take());
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    Ok(())
}

async fn a_version_goes_on_after_a_partial_refresh(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![Versioned]).await?;
    let mut session = db.session();
    let it = session.insert(Versioned::builder().name("a")).await?;
    it.set_name("b");
    session.refresh(&it).await?;
    assert_eq!((it.name(), it.version()), ("a", 1));
    let key = Key::of(&it);
    it.set_name("c");
    session.flush().await?;
    // A change of a partly expired object: its version counts on as well.
    session.get_one(key).await?.set_name("d");
    session.expire_attributes(key, Versioned::VERSION);
    session.flush().await?;
    let it = session.get_one(key).await?;
    assert_eq!((it.name(), it.version()), ("d", 3));
    it.set_name("e");
    session.flush().await?;
    assert_eq!(it.version(), 4);
    Ok(())
}

async fn refresh_reads_what_handles_were_promised(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let log = db.statement_log();
    session.refresh(&ada).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    assert_eq!(ada.addresses().len(), 2);
    let bob = session.get_one::<User>(2).await?;
    drop(log.take());
    session.refresh(&bob).await?;
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn refresh_of_a_relationship_loads_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    session.refresh(&ada).only(User::ADDRESSES).await?;
    log.assert(&["SELECT addresses"]);
    assert_eq!(session.loaded(&ada, User::ADDRESSES)?.addresses().len(), 2);
    session.refresh(&ada).only((User::NAME, User::ADDRESSES)).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    Ok(())
}

async fn refresh_keeps_a_deferred_column_loaded(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('T', 'B')"]).await?;
    let session = db.session();
    let doc = session.get_one::<Doc>(1).undefer(Doc::BODY).await?;
    doc.set_body(Some("changed".to_owned()));
    let log = db.statement_log();
    session.refresh(&doc).await?;
    log.assert(&["SELECT docs"]);
    assert_eq!((doc.title(), doc.body()), ("T", Some("B")));
    session.get_one::<Doc>(1).for_update().await?;
    session.one(&Doc::select().populate_existing()).await?;
    assert_eq!(doc.body(), Some("B"));
    Ok(())
}

async fn refresh_of_a_row_that_is_gone_changes_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc())).await?;
    session.commit_keeping().await?;
    db.run(&["DELETE FROM users WHERE id = 3", "UPDATE users SET nick = 'theirs' WHERE id = 1"]).await?;
    users[0].set_nick("mine");
    let log = db.statement_log();
    let error = refused(session.refresh_all(&users).await, ErrorKind::ObjectDeleted);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("User"), Some("3"), Some("refresh")));
    log.assert(&["SELECT users"]);
    assert_eq!((users[0].nick(), users[2].name()), (Some("mine"), "Cy"));
    Ok(())
}

async fn refresh_of_another_sessions_object_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (here, there) = (db.session(), db.session());
    let ada = there.get_one::<User>(1).await?;
    there.commit_keeping().await?;
    let log = db.statement_log();
    refused(here.refresh(&ada).await, ErrorKind::NotInSession);
    log.assert_silent();
    Ok(())
}

async fn refresh_drops_a_change_of_the_parent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    let address = session.get_one::<Address>(1).selectin(Address::USER).await?;
    address.set_user(users[1])?;
    assert_eq!(users[1].addresses().len(), 2);
    let log = db.statement_log();
    session.refresh(&address).await?;
    log.assert(&["SELECT addresses"]);
    assert_eq!(address.user().map(|user| user.name().to_owned()).as_deref(), Some("Ada"));
    let again = session.load_all(&users, User::ADDRESSES).await?;
    log.assert(&["SELECT addresses"]);
    assert_eq!((again[0].addresses().len(), again[1].addresses().len()), (2, 1));
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn populate_existing_overwrites_and_discards(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("mine");
    let query = User::select().filter(User::ID.eq(1));
    session.one(&query).await?;
    assert_eq!(ada.nick(), Some("mine"));
    let log = db.statement_log();
    session.one(&query.populate_existing()).await?;
    log.assert(&["SELECT users"]);
    assert_eq!(ada.nick(), Some("countess"));
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn refresh_all_is_one_select(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc())).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE users SET nick = 'theirs'"]).await?;
    let log = db.statement_log();
    session.refresh_all(&users).await?;
    log.assert(&["SELECT users"]);
    assert!(users.iter().all(|user| user.nick() == Some("theirs")));
    session.refresh_all(&users[..0]).await?;
    log.assert_silent();
    Ok(())
}

async fn a_foreign_key_that_changed_brings_its_target_along(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).selectin(Address::USER.selectin(User::ADDRESSES)).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE addresses SET user_id = 2 WHERE id = 1"]).await?;
    let log = db.statement_log();
    session.refresh(&address).only(Address::USER_ID).await?;
    log.assert(&["SELECT addresses", "SELECT users", "SELECT addresses"]);
    let bob = address.user().expect("Bob");
    assert_eq!((bob.name(), bob.addresses().len()), ("Bob", 2));
    Ok(())
}

async fn for_update_shows_what_is_locked_and_keeps_promises(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).selectin(Address::USER).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE addresses SET user_id = 2, email = 'new@x.org' WHERE id = 1"]).await?;
    let log = db.statement_log();
    let locked = session.get_one::<Address>(1).for_update().await?;
    log.assert(&["SELECT addresses", "SELECT users"]);
    assert_eq!((locked.email(), address.user().map(|user| user.id())), ("new@x.org", Some(2)));
    Ok(())
}
