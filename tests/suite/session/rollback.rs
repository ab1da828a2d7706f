//! `rollback`: what becomes of everything that was not committed.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    new_objects_go_deleted_ones_are_back_and_changed_ones_have_their_old_values,
    before_any_transaction_a_rollback_takes_pending_objects_and_changes_alone,
    a_session_that_is_dropped_is_rolled_back,
    after_a_failed_flush_the_session_asks_for_a_rollback_and_handles_stay_readable,
    a_unique_violation_names_constraint_and_columns,
    a_rolled_back_key_can_be_added_again,
);

async fn new_objects_go_deleted_ones_are_back_and_changed_ones_have_their_old_values(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["DELETE FROM addresses"]).await?;
    let mut session = db.session();
    let flushed = Key::of(&session.insert(User::builder().name("flushed")).await?);
    session.delete(&session.get_one::<User>(3).await?).await?;
    session.flush().await?;
    session.add(User::builder().name("pending"))?;
    session.get_one::<User>(1).await?.set_nick("dirty");
    assert!(session.peek(flushed).is_ok() && session.peek::<User>(3).is_err());
    session.rollback().await?;

    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    assert!(matches!(session.peek(flushed), Err(StateError::NotLoaded { .. })));
    assert!(session.get(flushed).await?.is_none());
    assert_eq!(session.get_one::<User>(3).await?.name(), "Cy");
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    log.assert(&["SELECT users", "SELECT users", "SELECT users"]);
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn before_any_transaction_a_rollback_takes_pending_objects_and_changes_alone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().expire_on_commit(false).session();
    session.get_one::<User>(1).await?;
    session.commit().await?;
    session.peek::<User>(1)?.set_nick("dirty");
    session.add(User::builder().name("pending"))?;
    let log = db.statement_log();
    session.rollback().await?;
    assert_eq!(session.peek::<User>(1)?.nick(), Some("countess"));
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_session_that_is_dropped_is_rolled_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.insert(User::builder().name("lost")).await?;
    drop(session);
    assert_eq!(db.count(&User::select()).await?, 3);
    let session = db.session();
    session.insert(User::builder().name("lost")).await?;
    session.close().await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn after_a_failed_flush_the_session_asks_for_a_rollback_and_handles_stay_readable(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let bob = session.get_one::<User>(2).await?;
    let detached = session.detach(&bob)?;
    bob.set_nick("changed");
    ada.set_name("Bob");
    let error = refused(session.flush().await, ErrorKind::UniqueViolation);
    assert_eq!(error.verb(), Some("flush"));
    assert!(session.needs_rollback());
    assert_eq!((ada.name(), bob.nick(), detached.name()), ("Bob", Some("changed"), "Bob"));

    let log = db.statement_log();
    for error in [
        refused(session.all(&User::select()).await, ErrorKind::PendingRollback),
        refused(session.get::<User>(3).await, ErrorKind::PendingRollback),
        refused(session.flush().await, ErrorKind::PendingRollback),
        refused(session.commit_keeping().await, ErrorKind::PendingRollback),
        refused(session.insert(User::builder().name("Dan")).await, ErrorKind::PendingRollback),
        refused(session.load(&ada, User::ADDRESSES).await, ErrorKind::PendingRollback),
    ] {
        assert!(error.to_string().contains("rollback"), "{error}");
    }
    refused(session.commit().await, ErrorKind::PendingRollback);
    log.assert_silent();

    session.rollback().await?;
    assert!(!session.needs_rollback());
    assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
    assert_eq!(session.get_one::<User>(2).await?.nick(), Some("builder"));
    session.insert(User::builder().name("Dan")).await?;
    session.commit().await?;
    Ok(())
}

async fn a_unique_violation_names_constraint_and_columns(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let error = refused(session.insert(User::builder().name("Ada")).await, ErrorKind::UniqueViolation);
    assert_eq!((error.entity(), error.columns()), (Some("User"), &["name".to_owned()][..]), "{error:?}");
    assert!(!format!("{error:?}").contains("Ada"), "no values: {error:?}");
    Ok(())
}

async fn a_rolled_back_key_can_be_added_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.insert(User::builder().id(50).name("Dan")).await?;
    session.rollback().await?;
    session.insert(User::builder().id(50).name("Dan")).await?;
    session.commit().await?;
    assert_eq!(session.get_one::<User>(50).await?.name(), "Dan");
    Ok(())
}
