//! Every wait for a server has a limit: connecting, connecting again, and what never takes long. The limits are those of options;
//! no test is decided by how long it takes.

use std::time::{Duration, Instant};

use orm_core::{
    database::{Database, DatabaseOptions},
    error::ErrorKind,
};
use orm_tests::{Cable, Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    only_postgres: a_server_that_is_silent_when_it_is_first_connected_to_is_named,
    an_idle_connection_that_went_silent_is_replaced,
    a_connection_that_was_idle_for_long_is_asked_before_it_is_used,
    a_connection_that_cannot_be_replaced_is_an_error_and_keeps_no_place,
    a_rollback_and_a_close_on_a_silent_network_end,
    a_commit_on_a_silent_network_has_an_unknown_outcome,
    a_session_dropped_on_a_silent_network_gives_its_place_back,
    a_savepoint_on_a_silent_network_ends,
    a_statement_on_a_silent_network_ends_where_that_was_asked_for,
    a_statement_that_takes_too_long_is_ended_by_the_server,
    a_slow_statement_has_no_limit_unless_one_is_set,
    the_pool_of_the_program_is_not_waited_for_without_end,
);

each_backend!(
    only_mysql: a_server_that_is_silent_when_it_is_first_connected_to_is_named,
    an_idle_connection_that_went_silent_is_replaced,
    a_connection_that_was_idle_for_long_is_asked_before_it_is_used,
    a_connection_that_cannot_be_replaced_is_an_error_and_keeps_no_place,
    a_rollback_and_a_close_on_a_silent_network_end,
    a_commit_on_a_silent_network_has_an_unknown_outcome,
    a_session_dropped_on_a_silent_network_gives_its_place_back,
    a_savepoint_on_a_silent_network_ends,
    a_statement_on_a_silent_network_ends_where_that_was_asked_for,
    a_statement_that_takes_too_long_is_ended_by_the_server,
    a_slow_statement_has_no_limit_unless_one_is_set,
);

each_backend!(a_full_pool_says_that_it_is_full, a_sandbox_whose_connection_is_held_ends_within_its_limit);

const SHORT: Duration = Duration::from_millis(300);

fn limited(cable: &Cable) -> DatabaseOptions {
    Database::options(cable.url())
        .max_connections(1)
        .connect_timeout(SHORT)
        .answer_timeout(SHORT)
        .commit_timeout(SHORT)
        .acquire_timeout(Duration::from_secs(20))
}

fn sleep(db: &TestDb, seconds: &str) -> String {
    if db.is_mysql() { format!("SELECT SLEEP({seconds})") } else { format!("SELECT pg_sleep({seconds})") }
}

async fn a_server_that_is_silent_when_it_is_first_connected_to_is_named(db: TestDb) -> Outcome {
    let cable = Cable::to(db.url()).await?;
    cable.fall_silent();
    let error = refused(limited(&cable).connect().await, ErrorKind::Timeout);
    let address = cable.url().split_once('@').and_then(|(_, rest)| rest.split_once('/')).expect("an address").0;
    let text = error.to_string();
    for part in [&format!("connecting to {address} took longer than 300ms"), "`connect_timeout`"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("in use"), "{text}");
    let shorter = limited(&cable).acquire_timeout(Duration::from_millis(200));
    let text = refused(shorter.connect().await, ErrorKind::Timeout).to_string();
    assert!(text.contains("200ms (`acquire_timeout`)"), "{text}");
    Ok(())
}

async fn an_idle_connection_that_went_silent_is_replaced(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    assert_eq!(cable.connections(), 1);
    cable.fall_silent();
    // What the connection sends from here on is lost; one that is opened afterwards works.
    let mut session = other.session();
    let everyone = User::select();
    let (count, ()) = tokio::join!(session.count(&everyone), async {
        tokio::time::sleep(SHORT / 3).await;
        cable.recover();
    });
    assert_eq!((count?, cable.connections()), (3, 2));
    session.commit().await?;
    Ok(())
}

async fn a_connection_that_was_idle_for_long_is_asked_before_it_is_used(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    cable.fall_silent();
    tokio::time::sleep(SHORT * 2).await;
    // Outside of a transaction there is no BEGIN that finds out, and what writes is not sent twice.
    let recovers = async {
        tokio::time::sleep(SHORT / 3).await;
        cable.recover();
    };
    let (written, ()) = tokio::join!(other.execute("INSERT INTO users (name) VALUES ('Dan')", vec![]), recovers);
    assert_eq!((written?, cable.connections()), (1, 2));
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_connection_that_cannot_be_replaced_is_an_error_and_keeps_no_place(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    cable.fall_silent();
    for _ in 0..2 {
        let session = other.session();
        let error = refused(session.count(&User::select()).await, ErrorKind::Timeout);
        assert!(error.to_string().contains("connecting to 127.0.0.1:"), "{error}");
    }
    cable.recover();
    // The one place of the pool is free.
    assert_eq!(other.session().count(&User::select()).await?, 3);
    Ok(())
}

async fn a_rollback_and_a_close_on_a_silent_network_end(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for verb in ["rollback", "close"] {
        let cable = Cable::to(db.url()).await?;
        let other = limited(&cable).connect().await?;
        let mut session = other.session();
        session.insert(User::builder().name("Dan")).await?;
        cable.fall_silent();
        let error = if verb == "close" {
            refused(session.close().await, ErrorKind::Timeout)
        } else {
            let error = refused(session.rollback().await, ErrorKind::Timeout);
            cable.recover();
            assert!(!session.needs_rollback());
            assert_eq!(session.count(&User::select()).await?, 3, "the session goes on");
            session.close().await?;
            error
        };
        let text = error.to_string();
        assert!(text.contains("did not answer ROLLBACK") && text.contains("`answer_timeout`"), "{text}");
        cable.recover();
        assert_eq!(other.session().count(&User::select()).await?, 3);
    }
    Ok(())
}

async fn a_commit_on_a_silent_network_has_an_unknown_outcome(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    let mut session = other.session();
    session.insert(User::builder().name("Dan")).await?;
    cable.fall_silent();
    refused(session.commit_keeping().await, ErrorKind::CommitUnknown);
    assert!(session.needs_rollback());
    session.rollback().await?;
    cable.recover();
    assert_eq!(session.count(&User::select()).await?, 3, "it never arrived");
    Ok(())
}

async fn a_session_dropped_on_a_silent_network_gives_its_place_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    let session = other.session();
    session.insert(User::builder().name("Dan")).await?;
    cable.fall_silent();
    drop(session);
    cable.recover();
    assert_eq!(other.session().count(&User::select()).await?, 3);
    Ok(())
}

async fn a_savepoint_on_a_silent_network_ends(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    let mut session = other.session();
    session.get_one::<User>(1).await?;
    cable.fall_silent();
    let error = refused(session.savepoint().await.map(drop), ErrorKind::Timeout);
    assert!(error.to_string().contains("`answer_timeout`"), "{error}");
    assert!(session.needs_rollback());
    let pending = refused(session.count(&User::select()).await, ErrorKind::PendingRollback);
    assert!(pending.to_string().contains("did not answer in time"), "the first error: {pending}");
    session.rollback().await?;
    cable.recover();
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_statement_on_a_silent_network_ends_where_that_was_asked_for(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).statement_timeout(SHORT).connect().await?;
    let mut session = other.session();
    session.get_one::<User>(1).await?;
    cable.fall_silent();
    let error = refused(session.get_one::<User>(2).await.map(drop), ErrorKind::Timeout);
    assert!(error.to_string().contains("`statement_timeout`"), "{error}");
    assert!(session.needs_rollback());
    let pending = refused(session.flush().await, ErrorKind::PendingRollback);
    assert!(pending.to_string().contains("`statement_timeout`"), "the first error: {pending}");
    session.rollback().await?;
    cable.recover();
    assert_eq!(session.get_one::<User>(2).await?.name(), "Bob");
    Ok(())
}

async fn a_statement_that_takes_too_long_is_ended_by_the_server(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let other = db.options().statement_timeout(SHORT).connect().await?;
    let mut session = other.session();
    let started = Instant::now();
    let result = session.sql(sleep(&db, "50")).execute().await;
    assert!(started.elapsed() < Duration::from_secs(40));
    // MySQL's SLEEP says that it was cut short, and is no error.
    if let Err(error) = result {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error:?}");
    }
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_slow_statement_has_no_limit_unless_one_is_set(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cable = Cable::to(db.url()).await?;
    let other = limited(&cable).connect().await?;
    let mut session = other.session();
    session.get_one::<User>(1).await?;
    session.sql(sleep(&db, "1.5")).execute().await?;
    session.commit().await?;
    Ok(())
}

async fn the_pool_of_the_program_is_not_waited_for_without_end(db: TestDb) -> Outcome {
    let cable = Cable::to(db.url()).await?;
    cable.fall_silent();
    let pool = sqlx::postgres::PgPoolOptions::new().acquire_timeout(SHORT).connect_lazy(cable.url())?;
    let other = Database::from_pg_pool(pool);
    let error = refused(other.session().count(&User::select()).await, ErrorKind::Timeout);
    assert!(error.to_string().contains("pool"), "{error}");
    Ok(())
}

async fn a_full_pool_says_that_it_is_full(db: TestDb) -> Outcome {
    if db.url() == "sqlite::memory:" {
        return Ok(());
    }
    let db = fixtures::people(db).await?;
    let other = db.options().max_connections(1).acquire_timeout(SHORT).connect().await?;
    let session = other.session();
    session.get_one::<User>(1).await?;
    let error = refused(other.session().count(&User::select()).await, ErrorKind::Timeout);
    assert!(error.to_string().contains("all 1 are in use"), "{error}");
    Ok(())
}

async fn a_sandbox_whose_connection_is_held_ends_within_its_limit(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sandbox = db.sandbox().await?;
    let session = sandbox.session();
    session.insert(User::builder().name("Dan")).await?;
    let error = refused(sandbox.rollback().await, ErrorKind::Timeout);
    assert!(error.to_string().contains("another session holds it"), "{error}");
    session.close().await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}
