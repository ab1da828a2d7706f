//! Connections that break: an error of a kind of its own, and the next session works.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    only_postgres: a_connection_that_is_killed_in_a_transaction_is_an_error_and_the_next_session_works,
    a_connection_that_is_killed_while_it_is_idle_is_replaced,
    a_transaction_whose_connection_is_killed_is_not_tried_again,
);

async fn pid(session: &Session) -> Result<i32, Error> {
    session.sql("SELECT pg_backend_pid()").one().await
}

async fn kill(db: &TestDb, pid: i32) -> Outcome {
    db.options().connect().await?.sql("SELECT pg_terminate_backend(?, 5000)").bind(pid).one::<bool>().await?;
    Ok(())
}

async fn a_connection_that_is_killed_in_a_transaction_is_an_error_and_the_next_session_works(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for verb in ["flush", "commit", "get"] {
        let mut session = db.session();
        let dan = session.insert(User::builder().name("Dan")).await?;
        let ada = session.get_one::<User>(1).await?;
        ada.set_nick("unsaved");
        kill(&db, pid(&session).await?).await?;
        ada.set_nick("unsaved, too");
        let result = match verb {
            "flush" => session.flush().await,
            "commit" => session.commit_keeping().await,
            _ => session.get::<User>(2).await.map(drop),
        };
        refused(result, ErrorKind::Connection);
        assert_eq!((dan.name(), ada.nick()), ("Dan", Some("unsaved, too")), "handles stay readable");
        refused(session.flush().await, ErrorKind::PendingRollback);
        assert!(session.rollback().await.is_ok(), "the server has rolled back");
        assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
        session.close().await?;
        assert_eq!(db.session().count(&User::select()).await?, 3);
    }
    Ok(())
}

async fn a_connection_that_is_killed_while_it_is_idle_is_replaced(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let idle = pid(&session).await?;
    session.commit().await?;
    kill(&db, idle).await?;
    session.insert(User::builder().name("Dan")).await?;
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_transaction_whose_connection_is_killed_is_not_tried_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let tries = std::sync::atomic::AtomicU32::new(0);
    let (db, tries) = (&db, &tries);
    let result = db
        .transaction(async |session: &mut Session| {
            tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            session.insert(User::builder().name("Dan")).await?;
            let pid = pid(session).await?;
            let _ = kill(db, pid).await;
            session.insert(User::builder().name("Eve")).await.map(drop)
        })
        .await;
    // It might have been committed: whether to do it again is for the program to say.
    refused(result, ErrorKind::Connection);
    assert_eq!((tries.load(std::sync::atomic::Ordering::Relaxed), db.count(&User::select()).await?), (1, 3));
    Ok(())
}
