//! `get`, `get_one`: one object for each key.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Marker, MarkerKey, User};

each_backend!(
    a_miss_costs_one_select_and_a_hit_none,
    not_found_is_not_cached,
    two_handles_of_one_row_are_equal_and_see_each_others_changes,
    a_get_of_a_pending_key_autoflushes_and_finds_it_in_the_map,
    without_autoflush_a_pending_key_is_not_found,
    a_composite_key_has_named_parts,
    get_for_update_reads_what_is_locked,
);

async fn a_miss_costs_one_select_and_a_hit_none(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let ada = session.get::<User>(1).await?.expect("Ada is there");
    log.assert(&["SELECT users"]);
    assert_eq!(session.get(Key::<User>::new(1)).await?, Some(ada));
    assert_eq!(session.get_one::<User>(&ada).await?, ada);
    log.assert_silent();
    // What a query brought is a hit as well.
    session.all(&User::select()).await?;
    drop(log.take());
    assert_eq!(session.get_one::<User>(2).await?.name(), "Bob");
    log.assert_silent();
    Ok(())
}

async fn not_found_is_not_cached(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    assert!(session.get::<User>(9).await?.is_none());
    assert!(session.get::<User>(9).await?.is_none());
    log.assert(&["SELECT users", "SELECT users"]);
    let error = refused(session.get_one::<User>(9).await, ErrorKind::NotFound);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("User"), Some("9"), Some("get_one")));
    Ok(())
}

async fn two_handles_of_one_row_are_equal_and_see_each_others_changes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let (one, other) = (session.get_one::<User>(1).await?, session.one(&User::select().filter(User::ID.eq(1))).await?);
    assert_eq!(one, other);
    one.set_nick("changed");
    assert_eq!(other.nick(), Some("changed"));
    other.set_nick(None);
    assert_eq!(one.nick(), None);
    assert_ne!(one, session.get_one::<User>(2).await?);
    Ok(())
}

async fn a_get_of_a_pending_key_autoflushes_and_finds_it_in_the_map(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let pending = session.add(User::builder().id(77).name("Dan"))?;
    let log = db.statement_log();
    let dan = session.get_one::<User>(77).await?;
    log.assert(&["INSERT users"]);
    assert_eq!(session.persisted(&pending)?, dan);
    Ok(())
}

async fn without_autoflush_a_pending_key_is_not_found(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session_factory().autoflush(false).session();
    session.add(User::builder().id(77).name("Dan"))?;
    let log = db.statement_log();
    assert!(session.get::<User>(77).await?.is_none());
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn a_composite_key_has_named_parts(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let mut session = db.session();
    let marker = session.insert(Marker::builder().a(1).b(2).name("m")).await?;
    session.insert(Marker::builder().a(2).b(1).name("other")).await?;
    let key = Key::of(&marker);
    assert_eq!(*key.value(), MarkerKey { a: 1, b: 2 });
    session.commit().await?;
    let log = db.statement_log();
    assert_eq!(session.get_one::<Marker>(MarkerKey { a: 1, b: 2 }).await?.name(), "m");
    assert_eq!(session.get_one::<Marker>(MarkerKey { a: 2, b: 1 }).await?.name(), "other");
    assert!(session.get(key).await?.is_some());
    log.assert(&["SELECT markers", "SELECT markers"]);
    let error = refused(session.get_one::<Marker>(MarkerKey { a: 7, b: 7 }).await, ErrorKind::NotFound);
    assert!(error.key().is_some_and(|key| key.contains('7')), "{error}");
    Ok(())
}

async fn get_for_update_reads_what_is_locked(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("unflushed");
    let log = db.statement_log();
    let locked = session.get_one::<User>(1).for_update().await?;
    let texts = log.texts();
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].contains("FOR UPDATE"), !db.is_sqlite(), "{texts:?}");
    assert_eq!((ada.nick(), locked.nick()), (Some("countess"), Some("countess")));
    Ok(())
}
