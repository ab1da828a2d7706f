//! `needs_rollback` says what the verbs will answer, whatever it was that ended the transaction.

use futures::FutureExt as _;
use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    it_agrees_with_the_verbs_after_every_error,
    the_first_error_is_named_and_not_the_second,
    a_savepoint_mends_what_failed_in_it,
);

each_backend!(
    only_postgres: a_read_that_is_refused_or_dropped_asks_for_a_rollback,
    what_a_refused_commit_took_along_is_gone_in_memory_too,
    after_an_idle_transaction_was_ended_a_rollback_is_enough,
    after_the_connection_was_killed_a_rollback_is_enough,
);

each_backend!(
    only_mysql: after_a_connection_was_closed_for_idleness_a_rollback_is_enough,
    after_a_packet_that_was_too_large_a_rollback_is_enough,
    a_read_that_is_dropped_asks_for_a_rollback,
);

/// Whether `needs_rollback` and the verbs agree, and the first error if there was one.
async fn agree(session: &Session) -> Option<String> {
    let needed = session.needs_rollback();
    for answer in [
        session.count(&User::select()).await.map(drop),
        session.get::<User>(2).await.map(drop),
        session.flush().await,
        session.sql("SELECT 1").execute().await.map(drop),
    ] {
        match answer {
            Ok(()) => assert!(!needed, "the verbs go on"),
            Err(error) if error.kind() == ErrorKind::PendingRollback => {
                assert!(needed, "{error}");
                let text = error.to_string();
                let (_, first) = text.split_once("What went wrong in it: ").expect("the first error");
                return Some(first.to_owned());
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    None
}

async fn it_agrees_with_the_verbs_after_every_error(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for (what, ends) in [("syntax", db.is_postgres()), ("table", db.is_postgres()), ("value", false), ("unique", true)]
    {
        let mut session = db.session();
        session.get_one::<User>(1).await?;
        assert_eq!(agree(&session).await, None);
        let error = match what {
            "syntax" => session.sql("SELEC").execute().await.map(drop),
            "table" => session.sql("SELECT * FROM missing").execute().await.map(drop),
            "value" => session.sql("SELECT ?").bind(7_i64).one::<Vec<u8>>().await.map(drop),
            _ => session.insert(User::builder().name("Ada")).await.map(drop),
        };
        let error = error.expect_err(what);
        let first = agree(&session).await;
        assert_eq!(first.is_some(), ends, "{what}: {error:?}");
        if let Some(first) = first {
            assert!(first.ends_with(&error.to_string()), "{what}: {first}");
        }
        session.rollback().await?;
        assert_eq!(agree(&session).await, None);
    }
    Ok(())
}

async fn the_first_error_is_named_and_not_the_second(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let first = session.insert(User::builder().name("Ada")).await.expect_err("taken");
    session.sql("SELECT * FROM missing").execute().await.expect_err("pending");
    assert_eq!(agree(&session).await, Some(first.to_string()));
    Ok(())
}

async fn a_savepoint_mends_what_failed_in_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    let savepoint = session.savepoint().await?;
    savepoint.sql("SELECT * FROM missing").execute().await.expect_err("refused");
    assert_eq!(savepoint.needs_rollback(), db.is_postgres());
    savepoint.rollback().await?;
    assert_eq!(agree(&session).await, None);
    let savepoint = session.savepoint().await?;
    savepoint.insert(User::builder().name("Ada")).await.expect_err("taken");
    drop(savepoint);
    assert!(!session.needs_rollback());
    assert_eq!(agree(&session).await, None);
    session.commit().await?;
    Ok(())
}

async fn a_read_that_is_refused_or_dropped_asks_for_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    assert!(session.sql("SELECT pg_sleep(0.2)").execute().boxed().now_or_never().is_none());
    let first = agree(&session).await.expect("what it did is unknown");
    assert!(first.contains("`sql` was dropped"), "{first}");
    session.rollback().await?;
    assert_eq!(agree(&session).await, None);
    // Inside a savepoint nobody can go back to it.
    let savepoint = session.savepoint().await?;
    assert!(savepoint.sql("SELECT pg_sleep(0.2)").execute().boxed().now_or_never().is_none());
    assert!(savepoint.needs_rollback());
    refused(savepoint.rollback().await, ErrorKind::PendingRollback);
    assert!(agree(&session).await.is_some());
    session.rollback().await?;
    assert_eq!(agree(&session).await, None);
    Ok(())
}

async fn what_a_refused_commit_took_along_is_gone_in_memory_too(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["ALTER TABLE users ADD CONSTRAINT late UNIQUE (nick) DEFERRABLE INITIALLY DEFERRED"]).await?;
    let mut session = db.session();
    let dan = Key::of(&session.insert(User::builder().name("Dan").nick("countess")).await?);
    session.get_one::<User>(1).await?.set_nick("queen");
    session.get_one::<User>(2).await?.set_nick("queen");
    session.flush().await?;
    refused(session.commit_keeping().await, ErrorKind::UniqueViolation);
    assert!(agree(&session).await.is_some());
    session.rollback().await?;
    assert_eq!(agree(&session).await, None);
    assert!(session.get(dan).await?.is_none(), "it was never committed");
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    Ok(())
}

async fn a_read_that_is_dropped_asks_for_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    assert!(session.sql("SELECT SLEEP(0.2)").execute().boxed().now_or_never().is_none());
    let first = agree(&session).await.expect("what it did is unknown");
    assert!(first.contains("`sql` was dropped"), "{first}");
    session.rollback().await?;
    assert_eq!(agree(&session).await, None);
    Ok(())
}

async fn after_an_idle_transaction_was_ended_a_rollback_is_enough(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for verb in ["rollback", "get", "commit"] {
        let mut session = db.session();
        session.sql("SET LOCAL idle_in_transaction_session_timeout = 20").execute().await?;
        let pid: i32 = session.sql("SELECT pg_backend_pid()").one().await?;
        session.add(User::builder().name("Dan"))?;
        while db.sql("SELECT count(*) FROM pg_stat_activity WHERE pid = ?").bind(pid).one::<i64>().await? > 0 {
            tokio::task::yield_now().await;
        }
        match verb {
            "get" => refused(session.get::<User>(1).await.map(drop), ErrorKind::Connection),
            "commit" => refused(session.commit_keeping().await, ErrorKind::Connection),
            _ => {
                session.rollback().await?;
                assert_eq!(agree(&session).await, None);
                continue;
            }
        };
        assert!(agree(&session).await.is_some());
        session.rollback().await?;
        assert_eq!(agree(&session).await, None);
    }
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn after_the_connection_was_killed_a_rollback_is_enough(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let pid: i32 = session.sql("SELECT pg_backend_pid()").one().await?;
    db.sql("SELECT pg_terminate_backend(?, 5000)").bind(pid).one::<bool>().await?;
    session.rollback().await?;
    assert_eq!(agree(&session).await, None);
    session.close().await?;
    Ok(())
}

async fn after_a_connection_was_closed_for_idleness_a_rollback_is_enough(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for verb in ["rollback", "get"] {
        let mut session = db.session();
        let id: i64 = session.sql("SELECT CONNECTION_ID()").one().await?;
        session.insert(User::builder().name("Dan")).await?;
        db.execute(format!("KILL {id}"), vec![]).await?;
        if verb == "get" {
            refused(session.get::<User>(1).await.map(drop), ErrorKind::Connection);
            assert!(agree(&session).await.is_some());
        }
        session.rollback().await?;
        assert_eq!(agree(&session).await, None);
    }
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn after_a_packet_that_was_too_large_a_rollback_is_enough(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let most: u64 = session.sql("SELECT @@max_allowed_packet").one().await?;
    let text = "x".repeat(usize::try_from(most)? + 1024);
    session.insert(User::builder().name("Dan").nick(text)).await.map(drop).expect_err("too large");
    assert!(agree(&session).await.is_some());
    session.rollback().await?;
    assert_eq!(agree(&session).await, None);
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}
