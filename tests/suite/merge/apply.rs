//! `apply`: the columns that are among the changes are set, the others stay.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Doc, Marker, MarkerKey, User, Versioned};

each_backend!(
    only_what_is_among_the_changes_is_written,
    null_is_written_and_absent_is_not,
    changes_that_change_nothing_cost_nothing,
    an_expired_object_gets_its_update_without_being_read,
    an_object_that_the_session_never_saw_gets_its_update,
    an_expired_object_with_a_version_is_read_by_the_flush,
    a_pending_object_takes_changes,
    a_foreign_key_is_changed_on_both_sides,
    the_key_of_another_object_is_refused,
    a_handle_of_another_session_is_refused,
    a_deleted_object_is_refused,
    a_deferred_column_is_set_without_being_loaded,
    a_detached_value_takes_changes,
);

async fn only_what_is_among_the_changes_is_written(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    session.apply(&ada, User::changes().name("Ada L."))?;
    log.assert_silent();
    assert_eq!((ada.name(), ada.nick()), ("Ada L.", Some("countess")));
    session.flush().await?;
    let sent = log.texts();
    assert!(sent.len() == 1 && sent[0].contains("name") && !sent[0].contains("nick"), "{sent:?}");
    session.commit().await?;
    Ok(())
}

async fn null_is_written_and_absent_is_not(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    session.apply(&ada, User::changes().nick(None))?;
    assert_eq!((ada.name(), ada.nick()), ("Ada", None));
    session.commit().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), None);
    Ok(())
}

async fn changes_that_change_nothing_cost_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    session.apply(&ada, User::changes())?;
    session.apply(&ada, User::changes().id(1).name("Ada"))?;
    session.flush().await?;
    log.assert_silent();
    assert!(!session.is_modified(&ada));
    Ok(())
}

async fn an_expired_object_gets_its_update_without_being_read(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let key = Key::of(&session.get_one::<User>(1).await?);
    session.commit().await?;
    let log = db.statement_log();
    session.apply(key, User::changes().nick("set"))?;
    log.assert_silent();
    session.flush().await?;
    let sent = log.texts();
    assert!(sent.len() == 1 && sent[0].starts_with("UPDATE") && !sent[0].contains("\"name\""), "{sent:?}");
    session.apply(key, User::changes().nick("kept"))?;
    // The others are read, this one is kept.
    let no_autoflush = session.get_one(key).await?;
    assert_eq!((no_autoflush.name(), no_autoflush.nick()), ("Ada", Some("kept")));
    session.commit().await?;
    assert_eq!(session.get_one(key).await?.nick(), Some("kept"));
    Ok(())
}

async fn an_object_that_the_session_never_saw_gets_its_update(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    session.apply(2, User::changes().nick("b"))?;
    log.assert_silent();
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    let bob = session.get_one::<User>(2).await?;
    assert_eq!((bob.name(), bob.nick()), ("Bob", Some("b")));
    log.assert(&["SELECT users"]);
    session.apply(99, User::changes().nick("nobody"))?;
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("User"), Some("99")));
    session.rollback().await?;
    Ok(())
}

async fn an_expired_object_with_a_version_is_read_by_the_flush(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    let mut session = db.session();
    let key = Key::of(&session.insert(Versioned::builder().name("one")).await?);
    session.commit().await?;
    let log = db.statement_log();
    session.apply(key, Versioned::changes().name("two"))?;
    session.flush().await?;
    log.assert(&["SELECT versioned", "UPDATE versioned"]);
    let object = session.get_one(key).await?;
    assert_eq!((object.name(), object.version()), ("two", 2));
    Ok(())
}

async fn a_pending_object_takes_changes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let dan = session.add(User::builder().name("Dan"))?;
    session.apply(&dan, User::changes().nick("d"))?;
    session.flush().await?;
    assert_eq!(session.persisted(&dan)?.nick(), Some("d"));
    Ok(())
}

async fn a_foreign_key_is_changed_on_both_sides(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let users = session.all(&User::select().selectin(User::ADDRESSES).order_by(User::ID.asc())).await?;
    let address = session.get_one::<Address>(1).await?;
    let log = db.statement_log();
    session.apply(&address, Address::changes().user(2).email("moved@x.org"))?;
    log.assert_silent();
    let listed = |user: usize| users[user].addresses().iter().map(|address| address.id()).collect::<Vec<_>>();
    assert_eq!((listed(0), listed(1), address.user_id()), (vec![2], vec![3, 1], Some(2)));
    session.flush().await?;
    log.assert(&["UPDATE addresses"]);
    session.apply(&address, Address::changes().clear_user())?;
    assert_eq!((listed(1), address.user_id()), (vec![3], None));
    // A target that nobody has loaded.
    session.apply(&address, Address::changes().user(3))?;
    session.commit().await?;
    assert_eq!(session.get_one::<Address>(1).await?.user_id(), Some(3));
    Ok(())
}

async fn the_key_of_another_object_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(schema![Marker]).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let error = refused(session.apply(&ada, User::changes().id(2).name("x")), ErrorKind::State);
    assert_eq!((error.entity(), error.attribute(), error.key()), (Some("User"), Some("id"), Some("1")));
    assert_eq!((ada.name(), error.verb()), ("Ada", Some("apply")));
    let marker = session.insert(Marker::builder().a(1).b(2).name("m")).await?;
    session.apply(MarkerKey::new(1, 2), Marker::changes().a(1).name("n"))?;
    assert_eq!(marker.name(), "n");
    refused(session.apply(&marker, Marker::changes().b(1)), ErrorKind::State);
    Ok(())
}

async fn a_handle_of_another_session_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (session, other) = (db.session(), db.session());
    let ada = other.get_one::<User>(1).await?;
    let error = refused(session.apply(&ada, User::changes().name("x")), ErrorKind::NotInSession);
    assert_eq!(error.entity(), Some("User"));
    assert_eq!(ada.name(), "Ada");
    Ok(())
}

async fn a_deleted_object_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let cy = session.get_one::<User>(3).await?;
    session.delete(&cy).await?;
    session.flush().await?;
    refused(session.apply(3, User::changes().name("x")), ErrorKind::ObjectDeleted);
    Ok(())
}

async fn a_deferred_column_is_set_without_being_loaded(db: TestDb) -> Outcome {
    let db = db.with(schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('one', 'long')"]).await?;
    let mut session = db.session();
    let doc = session.get_one::<Doc>(1).await?;
    let log = db.statement_log();
    session.apply(&doc, Doc::changes().body("longer"))?;
    session.commit().await?;
    log.assert(&["UPDATE docs"]);
    assert_eq!(session.get_one::<Doc>(1).undefer(Doc::BODY).await?.body(), Some("longer"));
    Ok(())
}

async fn a_detached_value_takes_changes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut ada = db.one(&User::select().filter(User::ID.eq(1))).await?;
    Detached::apply(&mut ada, User::changes().nick(None))?;
    assert_eq!((ada.name(), ada.nick()), ("Ada", None));
    refused(Detached::apply(&mut ada, User::changes().id(2)), ErrorKind::State);
    let query = Address::select().filter(Address::ID.eq(1)).joined(Address::USER);
    let mut address = db.one(&query).await?;
    // It would show one user and refer to another.
    let error = refused(Detached::apply(&mut address, Address::changes().user(2)), ErrorKind::State);
    assert_eq!(error.attribute(), Some("user"));
    let mut address: Detached<Address> = Detached::narrow(address);
    Detached::apply(&mut address, Address::changes().user(2))?;
    assert_eq!(address.user_id(), Some(2));
    let mut session = db.session();
    let merged = session.merge(&address).await?;
    assert_eq!(merged.user_id(), Some(2));
    session.commit().await?;
    assert_eq!(session.get_one::<Address>(1).await?.user_id(), Some(2));
    Ok(())
}
