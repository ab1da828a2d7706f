//! A sandbox: a database on one transaction, for tests of programs.

use orm_core::{
    database::{Backend, Database},
    error::ErrorKind,
    prelude::*,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    what_is_done_in_a_sandbox_is_seen_in_it_and_gone_after_it,
    sessions_in_a_sandbox_commit_and_roll_back_one_after_the_other,
    sessions_that_overlap_take_turns,
    a_session_that_waits_for_itself_is_told,
    a_failed_statement_takes_no_other_along,
    savepoints_transactions_and_retries_work_inside,
    a_sandbox_within_a_sandbox_is_refused,
    after_the_end_its_clones_say_so,
    the_log_of_a_sandbox_looks_like_that_of_a_database,
);

each_backend!(only_postgres: a_future_dropped_in_a_sandbox_leaves_it_usable);

async fn users(db: &Database) -> Result<u64, Error> {
    db.count(&User::select()).await
}

/// The code under test: it knows of no sandbox.
async fn sign_up(db: &Database, name: &str) -> Result<Key<User>, Error> {
    let mut session = db.session();
    let key = Key::of(&session.insert(User::builder().name(name)).await?);
    session.commit().await?;
    Ok(key)
}

async fn what_is_done_in_a_sandbox_is_seen_in_it_and_gone_after_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sandbox = db.sandbox().await?;
    let key = sign_up(&sandbox, "Dan").await?;
    assert_eq!(sandbox.session().get_one(key).await?.name(), "Dan");
    assert_eq!(sandbox.all(&User::select()).await?.len(), 4, "a plain query sees it as well");
    sandbox.execute("DELETE FROM addresses", vec![]).await?;
    assert_eq!((users(&sandbox).await?, sandbox.count(&Address::select()).await?), (4, 0));
    sandbox.rollback().await?;
    assert_eq!((users(&db).await?, db.count(&Address::select()).await?), (3, 4));

    // Dropped, in the end the same.
    let sandbox = db.sandbox().await?;
    sign_up(&sandbox, "Dan").await?;
    drop(sandbox);
    let mut found = users(&db).await?;
    for _ in 0..100 {
        if found == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        found = users(&db).await?;
    }
    assert_eq!(found, 3);
    sign_up(&db, "Dan").await?;
    Ok(())
}

async fn sessions_in_a_sandbox_commit_and_roll_back_one_after_the_other(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = db.sandbox().await?;
    let key = sign_up(&db, "Dan").await?;
    let mut session = db.session();
    session.get_one(key).await?.set_nick("lost");
    session.insert(User::builder().name("lost")).await?;
    session.rollback().await?;
    assert_eq!(session.get_one(key).await?.nick(), None);
    session.get_one(key).await?.set_nick("kept");
    session.commit().await?;
    session.insert(User::builder().name("lost")).await?;
    drop(session);
    assert_eq!((users(&db).await?, db.session().get_one(key).await?.nick()), (4, Some("kept")));
    db.execute("UPDATE users SET nick = 'plain' WHERE id = 1", vec![]).await?;
    assert_eq!(db.session().get_one::<User>(1).await?.nick(), Some("plain"));
    if db.backend() == Backend::MySql {
        // It would commit the sandbox.
        refused(db.create_all(schema![fixtures::Stamped]).await, ErrorKind::Unsupported);
        return Ok(());
    }
    db.create_all(schema![fixtures::Stamped]).await?;
    assert_eq!(db.count(&fixtures::Stamped::select()).await?, 0);
    Ok(())
}

async fn sessions_that_overlap_take_turns(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sandbox = db.sandbox().await?;
    let mut tasks = Vec::new();
    for task in 0..8 {
        let db = Database::clone(&sandbox);
        tasks.push(tokio::spawn(async move {
            let mut session = db.session();
            session.insert(User::builder().name(format!("task {task}"))).await?;
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            if task % 2 == 0 { session.commit().await } else { session.rollback().await }
        }));
    }
    for task in tasks {
        task.await??;
    }
    assert_eq!(users(&sandbox).await?, 7);
    Ok(())
}

async fn a_session_that_waits_for_itself_is_told(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = db.sandbox().await?;
    let mut session = db.session();
    session.insert(User::builder().name("Dan")).await?;
    let error = refused(users(&db).await, ErrorKind::Timeout);
    assert!(error.to_string().contains("a sandbox has one connection, and another session holds it"), "{error}");
    session.commit().await?;
    assert_eq!(users(&db).await?, 4);
    Ok(())
}

async fn a_failed_statement_takes_no_other_along(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = db.sandbox().await?;
    sign_up(&db, "Dan").await?;
    refused(sign_up(&db, "Dan").await, ErrorKind::UniqueViolation);
    refused(db.execute("INSERT INTO users (name) VALUES ('Dan')", vec![]).await, ErrorKind::UniqueViolation);
    refused(db.execute("SELECT * FROM nowhere", vec![]).await, ErrorKind::Schema);
    assert_eq!(users(&db).await?, 4);
    let mut session = db.session();
    session.get_one::<User>(1).await?.set_name("Dan");
    refused(session.flush().await, ErrorKind::UniqueViolation);
    refused(session.commit().await, ErrorKind::PendingRollback);
    session.rollback().await?;
    session.get_one::<User>(1).await?.set_name("Eve");
    session.commit().await?;
    assert_eq!(users(&db).await?, 4);
    Ok(())
}

async fn savepoints_transactions_and_retries_work_inside(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = db.sandbox().await?;
    let mut session = db.session();
    session.insert(User::builder().name("outer")).await?;
    let savepoint = session.savepoint().await?;
    savepoint.insert(User::builder().name("inner")).await?;
    savepoint.rollback().await?;
    assert!(session.try_insert(User::builder().name("Ada")).await?.is_err());
    session.commit().await?;
    db.transaction(async |session: &mut Session| session.insert(User::builder().name("closure")).await.map(drop))
        .await?;
    assert_eq!(db.insert_many([User::builder().name("many")]).await?, 1);
    assert_eq!(users(&db).await?, 6);
    let reading = db.session_factory().read_only().session();
    refused(reading.add(User::builder().name("no")).map(drop), ErrorKind::ReadOnly);
    assert_eq!(reading.count(&User::select()).await?, 6);
    Ok(())
}

async fn a_sandbox_within_a_sandbox_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let outer = db.sandbox().await?;
    sign_up(&outer, "outer").await?;
    let error = refused(outer.sandbox().await.map(drop), ErrorKind::State);
    assert!(error.to_string().starts_with("sandbox: this is a sandbox already"), "{error}");
    assert_eq!(users(&outer).await?, 4);
    Ok(())
}

async fn after_the_end_its_clones_say_so(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sandbox = db.sandbox().await?;
    let clone = Database::clone(&sandbox);
    let session = clone.session();
    session.insert(User::builder().name("Dan")).await?;
    // The session still holds the connection.
    drop(sandbox);
    drop(session);
    let error = refused(users(&clone).await, ErrorKind::State);
    assert_eq!(error.to_string(), "count: User: the sandbox is over: it was dropped, or lost its connection");
    assert_eq!(users(&db).await?, 3);
    Ok(())
}

async fn the_log_of_a_sandbox_looks_like_that_of_a_database(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sandbox = db.sandbox().await?;
    let log = sandbox.statement_log();
    sign_up(&sandbox, "Dan").await?;
    users(&sandbox).await?;
    let mut session = sandbox.session();
    session.get_one::<User>(1).await?;
    session.rollback().await?;
    log.assert_framed(&["BEGIN", "INSERT users", "COMMIT", "SELECT users", "BEGIN", "SELECT users", "ROLLBACK"]);
    Ok(())
}

async fn a_future_dropped_in_a_sandbox_leaves_it_usable(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = db.sandbox().await?;
    sign_up(&db, "Dan").await?;
    for ending in ["rollback", "drop"] {
        let mut session = db.session();
        session.insert(User::builder().name(ending)).await?;
        let sleep = session.sql("SELECT pg_sleep(1)").execute();
        assert!(tokio::time::timeout(std::time::Duration::from_millis(50), sleep).await.is_err());
        refused(session.count(&User::select()).await, ErrorKind::PendingRollback);
        if ending == "rollback" {
            session.rollback().await?;
            assert_eq!(session.count(&User::select()).await?, 4);
        }
        drop(session);
        assert_eq!(users(&db).await?, 4);
    }
    Ok(())
}
