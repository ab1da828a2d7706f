//! Savepoints: what goes, what comes back, what stays.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User, Versioned};

each_backend!(
    a_rollback_takes_what_is_inside_and_leaves_what_is_outside,
    what_was_not_touched_inside_is_not_expired,
    what_was_changed_inside_has_its_old_values,
    lists_that_changed_inside_are_loaded_again,
    a_dropped_savepoint_is_undone_before_the_next_statement,
    a_released_savepoint_is_part_of_the_transaction,
    savepoints_nest,
    a_failed_flush_inside_is_mended_by_a_rollback,
    a_failed_release_is_undone,
    a_commit_inside_is_refused,
    a_key_that_was_deleted_and_inserted_again_is_the_old_object,
    a_version_is_the_old_one,
);

async fn a_rollback_takes_what_is_inside_and_leaves_what_is_outside(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.add(User::builder().id(50).name("outer"))?;
    let log = db.statement_log();
    let sp = session.savepoint().await?;
    log.assert_framed(&["BEGIN", "INSERT users", "SAVEPOINT"]);
    let inner = Key::of(&sp.insert(User::builder().name("inner")).await?);
    sp.delete(&sp.get_one::<User>(3).await?).await?;
    sp.flush().await?;
    sp.add(User::builder().name("pending"))?;
    drop(log.take());
    sp.rollback().await?;
    log.assert(&["ROLLBACK TO", "RELEASE"]);
    assert!(session.peek(inner).is_err());
    assert_eq!(session.peek::<User>(50)?.name(), "outer");
    log.assert_silent();
    assert!(session.get(inner).await?.is_none());
    assert_eq!(session.get_one::<User>(3).await?.name(), "Cy");
    session.commit().await?;
    let names: Vec<_> = db.all(&User::select().order_by(User::ID.asc())).await?;
    assert_eq!(names.iter().map(|it| it.name()).collect::<Vec<_>>(), ["Ada", "Bob", "Cy", "outer"]);
    Ok(())
}

async fn what_was_not_touched_inside_is_not_expired(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let sp = session.savepoint().await?;
    sp.get_one::<User>(2).await?;
    assert!(sp.get_one::<User>(1).await?.try_addresses().is_ok());
    sp.rollback().await?;
    let log = db.statement_log();
    assert_eq!(session.peek::<User>(1)?.try_addresses()?.len(), 2);
    log.assert_silent();
    assert!(matches!(
        session.peek::<User>(2),
        Err(StateError::Expired { cause: orm_core::error::StateCause::Rollback, .. })
    ));
    Ok(())
}

async fn what_was_changed_inside_has_its_old_values(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    for id in [1, 2] {
        session.get_one::<User>(id).await?;
    }
    let sp = session.savepoint().await?;
    sp.get_one::<User>(1).await?.set_nick("flushed");
    sp.flush().await?;
    sp.get_one::<User>(2).await?.set_nick("unflushed");
    sp.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    assert_eq!(session.get_one::<User>(2).await?.nick(), Some("builder"));
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&[]);
    Ok(())
}

async fn lists_that_changed_inside_are_loaded_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select().selectin(User::ADDRESSES)).await?;
    let sp = session.savepoint().await?;
    let (ada, bob) = (sp.get_one::<User>(1).await?, sp.get_one::<User>(2).await?);
    ada.add_to_addresses(Address::builder().email("new@x.org").build())?;
    sp.get_one::<Address>(1).await?.set_user(bob)?;
    sp.flush().await?;
    assert_eq!((ada.try_addresses()?.len(), bob.try_addresses()?.len()), (2, 2));
    sp.rollback().await?;
    let log = db.statement_log();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    assert_eq!(users.iter().map(|user| user.addresses().len()).collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(users[0].addresses().first().map(|it| it.email().to_owned()).as_deref(), Some("ada@x.org"));
    Ok(())
}

async fn a_dropped_savepoint_is_undone_before_the_next_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let sp = session.savepoint().await?;
    let key = Key::of(&sp.insert(User::builder().name("inner")).await?);
    let log = db.statement_log();
    drop(sp);
    assert!(session.peek(key).is_err());
    log.assert_silent();
    assert_eq!(session.count(&User::select()).await?, 3);
    log.assert(&["ROLLBACK TO", "RELEASE", "SELECT users"]);
    // Rolled back altogether, nothing is left to undo.
    let sp = session.savepoint().await?;
    sp.insert(User::builder().name("inner")).await?;
    drop(sp);
    session.rollback().await?;
    session.insert(User::builder().name("kept")).await?;
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_released_savepoint_is_part_of_the_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let sp = session.savepoint().await?;
    sp.add(User::builder().name("inner"))?;
    let log = db.statement_log();
    sp.release().await?;
    log.assert(&["INSERT users", "RELEASE"]);
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn savepoints_nest(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let mut outer = session.savepoint().await?;
    outer.insert(User::builder().id(50).name("outer")).await?;
    let inner = outer.savepoint().await?;
    inner.insert(User::builder().id(51).name("inner")).await?;
    inner.rollback().await?;
    assert!(outer.peek::<User>(50).is_ok() && outer.peek::<User>(51).is_err());
    let inner = outer.savepoint().await?;
    inner.insert(User::builder().id(52).name("kept for now")).await?;
    inner.release().await?;
    assert!(outer.peek::<User>(52).is_ok());
    let inner = outer.savepoint().await?;
    drop(inner);
    drop(outer);
    assert!(session.peek::<User>(50).is_err() && session.peek::<User>(52).is_err());
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_failed_flush_inside_is_mended_by_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.insert(User::builder().name("outer")).await?;
    let sp = session.savepoint().await?;
    refused(sp.insert(User::builder().name("Ada")).await, ErrorKind::UniqueViolation);
    refused(sp.count(&User::select()).await, ErrorKind::PendingRollback);
    sp.rollback().await?;
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_failed_release_is_undone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let sp = session.savepoint().await?;
    sp.add(User::builder().name("Ada"))?;
    refused(sp.release().await, ErrorKind::UniqueViolation);
    session.insert(User::builder().name("after")).await?;
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_commit_inside_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let sp = session.savepoint().await?;
    sp.add(User::builder().name("inner"))?;
    let log = db.statement_log();
    refused(sp.commit_keeping().await, ErrorKind::SavepointOpen);
    log.assert_silent();
    sp.release().await?;
    session.commit_keeping().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_key_that_was_deleted_and_inserted_again_is_the_old_object(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(3).await?;
    let sp = session.savepoint().await?;
    sp.delete(&sp.get_one::<User>(3).await?).await?;
    sp.flush().await?;
    sp.insert(User::builder().id(3).name("another")).await?;
    assert_eq!(sp.get_one::<User>(3).await?.name(), "another");
    sp.rollback().await?;
    assert_eq!(session.get_one::<User>(3).await?.name(), "Cy");
    Ok(())
}

async fn a_version_is_the_old_one(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![Versioned]).await?;
    let mut session = db.session();
    let key = Key::of(&session.insert(Versioned::builder().name("a")).await?);
    let sp = session.savepoint().await?;
    sp.get_one(key).await?.set_name("b");
    sp.rollback().await?;
    session.get_one(key).await?.set_name("c");
    session.commit().await?;
    let it = session.get_one(key).await?;
    assert_eq!((it.name(), it.version()), ("c", 2));
    Ok(())
}

/// Savepoints work in spawned tasks.
#[expect(dead_code, reason = "compiled, that is all")]
fn a_savepoint_is_send(db: TestDb) -> tokio::task::JoinHandle<Result<(), Error>> {
    tokio::spawn(async move {
        let mut session = db.session();
        let mut outer = session.savepoint().await?;
        let inner = outer.savepoint().await?;
        let ada = inner.get_one::<User>(1).await?;
        inner.refresh(&ada).await?;
        inner.release().await?;
        outer.rollback().await?;
        session.commit().await
    })
}
