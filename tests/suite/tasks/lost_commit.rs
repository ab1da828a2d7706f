//! A COMMIT whose answer is lost: an error of its own, and nobody commits twice.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use orm_core::{database::Database, error::ErrorKind, prelude::*};
use orm_tests::{Cable, Cut, Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User, Versioned};

each_backend!(
    only_postgres: a_commit_whose_answer_is_lost_says_that_nobody_knows,
    a_transaction_whose_commit_is_lost_is_never_tried_again,
    a_conflict_before_a_lost_commit_is_no_reason_to_try_again,
    a_commit_that_the_server_refuses_for_good_is_known_not_to_have_happened,
    a_commit_that_is_dropped_says_so_until_the_rollback,
    an_import_whose_commit_is_lost_says_so,
);

each_backend!(
    only_mysql: a_commit_whose_answer_is_lost_says_that_nobody_knows,
    a_transaction_whose_commit_is_lost_is_never_tried_again,
    a_conflict_before_a_lost_commit_is_no_reason_to_try_again,
    a_commit_that_is_dropped_says_so_until_the_rollback,
);

async fn through(cable: &Cable) -> Outcome<Database> {
    Ok(Database::options(cable.url()).max_connections(2).connect().await?)
}

async fn a_commit_whose_answer_is_lost_says_that_nobody_knows(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = through(&cable).await?;
    for (cut, expected) in [(Cut::Before, 3), (Cut::After, 4)] {
        let mut session = other.session();
        let dan = session.insert(User::builder().name("Dan")).await?;
        let key = Key::of(&dan);
        cable.cut_at(cut, "COMMIT");
        let error = refused(session.commit_keeping().await, ErrorKind::CommitUnknown);
        assert_eq!(error.verb(), Some("commit_keeping"));
        assert!(error.to_string().contains("whether the transaction was committed is unknown"), "{error}");
        assert_eq!(dan.name(), "Dan", "handles stay readable");
        assert!(session.needs_rollback());
        let pending = refused(session.flush().await, ErrorKind::PendingRollback);
        assert!(pending.to_string().contains("is unknown"), "the first error: {pending}");
        session.rollback().await?;
        // The database knows.
        assert_eq!(session.get(key).await?.is_some(), expected == 4, "{cut:?}");
        assert_eq!(db.count(&User::select()).await?, expected, "{cut:?}");
        session.close().await?;
    }
    assert_eq!(cable.cuts(), 2);
    Ok(())
}

async fn a_transaction_whose_commit_is_lost_is_never_tried_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = through(&cable).await?;
    for (cut, expected) in [(Cut::Before, 3), (Cut::After, 4)] {
        let tries = AtomicU32::new(0);
        cable.cut_at(cut, "COMMIT");
        let tried = &tries;
        let result = other
            .transaction(async |session: &mut Session| {
                tried.fetch_add(1, Ordering::Relaxed);
                session.insert(User::builder().name("Dan")).await.map(drop)
            })
            .await;
        refused(result, ErrorKind::CommitUnknown);
        assert_eq!(tries.load(Ordering::Relaxed), 1);
        assert_eq!(db.count(&User::select()).await?, expected, "{cut:?}");
    }
    Ok(())
}

async fn a_conflict_before_a_lost_commit_is_no_reason_to_try_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(schema![Versioned]).await?;
    db.run(&["INSERT INTO versioned (id, name, version) VALUES (1, 'a', 1)"]).await?;
    let cable = Cable::to(db.url()).await?;
    let other = through(&cable).await?;
    let tries = AtomicU32::new(0);
    let (tried, direct) = (&tries, &db);
    let cable = &cable;
    let result = other
        .transaction(async |session: &mut Session| {
            tried.fetch_add(1, Ordering::Relaxed);
            // A stale row, which the closure swallows.
            session.get_one::<Versioned>(1).await?.set_name("mine");
            direct.execute("UPDATE versioned SET version = version + 1", vec![]).await?;
            refused(session.flush().await, ErrorKind::StaleData);
            session.rollback().await?;
            session.insert(User::builder().name("Dan")).await?;
            cable.cut_at(Cut::After, "COMMIT");
            session.commit().await
        })
        .await;
    refused(result, ErrorKind::CommitUnknown);
    assert_eq!((tries.load(Ordering::Relaxed), db.count(&User::select()).await?), (1, 4));
    Ok(())
}

async fn a_commit_that_the_server_refuses_for_good_is_known_not_to_have_happened(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.insert(User::builder().name("Dan")).await?;
    let pid: i32 = session.sql("SELECT pg_backend_pid()").one().await?;
    db.sql("SELECT pg_terminate_backend(?, 5000)").bind(pid).one::<bool>().await?;
    // It said goodbye before it saw the COMMIT.
    refused(session.commit_keeping().await, ErrorKind::Connection);
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_commit_that_is_dropped_says_so_until_the_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let mut session = through(&cable).await?.session();
    session.insert(User::builder().name("Dan")).await?;
    cable.fall_silent();
    let committed = tokio::time::timeout(Duration::from_millis(50), session.commit_keeping());
    assert!(committed.await.is_err(), "no answer comes");
    cable.recover();
    assert!(session.needs_rollback());
    let pending = refused(session.flush().await, ErrorKind::PendingRollback);
    assert!(pending.to_string().contains("whether the transaction was committed is unknown"), "{pending}");
    session.rollback().await?;
    assert!(!session.needs_rollback());
    assert_eq!(session.count(&User::select()).await?, 3, "the server never saw the COMMIT");
    session.close().await?;
    Ok(())
}

async fn an_import_whose_commit_is_lost_says_so(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = through(&cable).await?;
    cable.cut_at(Cut::After, "COMMIT");
    let result = other.create_all(schema![Versioned]).await;
    refused(result, ErrorKind::CommitUnknown);
    assert_eq!(db.count(&Versioned::select()).await?, 0, "the table is there");
    Ok(())
}
