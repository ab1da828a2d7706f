//! `commit_keeping`, `commit_and_clear`: values that outlive their transaction are past.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Kid, Parent, User};

each_backend!(
    what_was_deleted_and_kept_stays_deleted_through_a_rollback,
    commit_keeping_keeps_columns_and_loaded_relationships,
    a_new_object_keeps_its_unset_columns_and_its_empty_collections,
    commit_and_clear_frees_everything,
    expire_on_commit_off_keeps_the_values_for_the_next_get,
    a_new_object_is_not_taken_back_by_the_rollback_of_a_later_transaction,
);

each_backend!(
    sqlite_file: a_later_row_overwrites_past_columns_that_are_unmodified,
    a_hint_reloads_a_past_relationship,
);

async fn commit_keeping_keeps_columns_and_loaded_relationships(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    ada.set_nick("ada");
    session.commit_keeping().await?;
    let log = db.statement_log();
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("ada")));
    assert_eq!(ada.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(), ["ada@x.org", "ada@y.org"]);
    assert_eq!(session.get_one::<User>(1).await?, ada);
    log.assert_silent();
    assert_eq!(db.one(&User::select().filter(User::ID.eq(1))).await?.nick(), Some("ada"));
    Ok(())
}

async fn a_later_row_overwrites_past_columns_that_are_unmodified(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    session.commit_keeping().await?;
    ada.set_nick("mine");
    db.run(&["UPDATE users SET name = 'Ada L.', nick = 'theirs' WHERE id = 1"]).await?;
    assert_eq!(ada.name(), "Ada", "nothing was read yet");
    let log = db.statement_log();
    let again = session.one(&User::select().filter(User::ID.eq(1))).await?;
    // The change of nick went out first, by autoflush.
    log.assert(&["UPDATE users", "SELECT users"]);
    assert_eq!((ada.name(), ada.nick()), ("Ada L.", Some("mine")));
    assert_eq!(again, ada);

    session.close().await?;

    // Without autoflush the change is unflushed still, and stays.
    let session = db.session_factory().autoflush(false).session();
    let bob = session.get_one::<User>(2).await?;
    session.commit_keeping().await?;
    bob.set_nick("mine");
    db.run(&["UPDATE users SET name = 'Bob B.', nick = 'theirs' WHERE id = 2"]).await?;
    session.one(&User::select().filter(User::ID.eq(2))).await?;
    assert_eq!((bob.name(), bob.nick()), ("Bob B.", Some("mine")));
    Ok(())
}

async fn a_hint_reloads_a_past_relationship(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES);
    let ada = session.one(&query).await?;
    session.commit_keeping().await?;
    db.run(&["INSERT INTO addresses (user_id, email) VALUES (1, 'later@x.org')", "DELETE FROM addresses WHERE id = 1"])
        .await?;
    assert_eq!(ada.addresses().len(), 2, "nothing was read yet");
    let log = db.statement_log();
    let again = session.one(&query).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    let emails: Vec<&str> = again.addresses().iter().map(|it| it.email()).collect();
    assert_eq!(emails, ["ada@y.org", "later@x.org"]);
    assert_eq!(ada.addresses().len(), 2, "the older handle shows the same");
    assert!(ada.addresses().last() == again.addresses().last());
    Ok(())
}

async fn a_new_object_keeps_its_unset_columns_and_its_empty_collections(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let dan = session.insert(User::builder().name("Dan")).await?;
    let parent = session.insert(Parent::builder().name("P")).await?;
    session.commit_keeping().await?;
    let log = db.statement_log();
    assert_eq!((dan.name(), dan.nick()), ("Dan", None));
    assert!(session.loaded(&dan, User::ADDRESSES)?.addresses().is_empty());
    assert!(parent.try_kids()?.is_empty());
    log.assert_silent();
    Ok(())
}

async fn commit_and_clear_frees_everything(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let key = Key::of(&session.get_one::<User>(1).selectin(User::ADDRESSES).await?);
    session.insert(User::builder().name("Dan")).await?;
    session.commit_and_clear().await?;
    assert_eq!(format!("{session:?}"), "Session { .. }");
    let log = db.statement_log();
    assert!(matches!(session.peek(key), Err(StateError::NotLoaded { attribute: None, .. })));
    assert_eq!(session.get_one(key).await?.name(), "Ada");
    log.assert_framed(&["BEGIN", "SELECT users"]);
    assert!(db.exists(&User::select().filter(User::NAME.eq("Dan"))).await?);
    Ok(())
}

async fn expire_on_commit_off_keeps_the_values_for_the_next_get(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().expire_on_commit(false).session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    ada.addresses().first().expect("an address").set_email("new@x.org");
    session.commit().await?;
    let log = db.statement_log();
    let ada = session.get_one::<User>(1).await?;
    assert_eq!(session.peek::<User>(1)?, ada);
    assert_eq!(session.get_one::<Address>(1).await?.email(), "new@x.org");
    log.assert_silent();
    session.rollback().await?;
    // With no transaction begun a rollback takes nothing away.
    assert!(session.peek::<User>(1).is_ok());
    session.count(&User::select()).await?;
    session.rollback().await?;
    assert!(matches!(session.peek::<User>(1), Err(StateError::Expired { .. })));
    Ok(())
}

async fn a_new_object_is_not_taken_back_by_the_rollback_of_a_later_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let key = Key::of(&session.insert(User::builder().name("Dan")).await?);
    session.commit_keeping().await?;
    session.count(&User::select()).await?;
    session.rollback().await?;
    let log = db.statement_log();
    assert_eq!(session.get_one(key).await?.name(), "Dan");
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn what_was_deleted_and_kept_stays_deleted_through_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.delete(&session.get_one::<User>(3).await?).await?;
    let short_lived = session.insert(User::builder().id(70).name("Dan")).await?;
    session.delete(&short_lived).await?;
    session.commit_keeping().await?;
    // With a transaction begun, and without.
    session.get_one::<User>(1).await?;
    session.rollback().await?;
    session.insert_all([User::builder().id(3).name("Eve"), User::builder().id(70).name("Fay")]).await?;
    session.delete(&session.get_one::<User>(3).await?).await?;
    session.commit_keeping().await?;
    session.rollback().await?;
    session.insert(User::builder().id(3).name("Gil")).await?;
    session.commit().await?;
    assert_eq!((session.get_one::<User>(3).await?.name(), session.get_one::<User>(70).await?.name()), ("Gil", "Fay"));
    Ok(())
}
