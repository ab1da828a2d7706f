//! URLs and servers that lead nowhere.

use std::time::{Duration, Instant};

use orm_core::{database::Database, error::ErrorKind};
use orm_tests::{Outcome, TestDb, each_backend, refused};

each_backend!(
    only_sqlite: an_unknown_scheme_names_those_that_are_known,
    a_server_that_nobody_listens_at_is_a_connection_error,
    a_server_that_never_answers_times_out,
    a_file_that_is_no_database_is_refused_when_connecting,
    a_file_that_is_not_there_is_refused_where_it_may_not_be_created,
);

each_backend!(
    only_postgres: a_database_that_does_not_exist_is_refused_when_connecting,
);

async fn an_unknown_scheme_names_those_that_are_known(_: TestDb) -> Outcome {
    for url in ["oracle://user:hunter2@host/x", "no url at all", "", "sqlite://"] {
        let error = refused(Database::connect(url).await, ErrorKind::Configuration);
        assert!(error.to_string().contains("sqlite::memory:"), "{error}");
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
    }
    Ok(())
}

async fn a_server_that_nobody_listens_at_is_a_connection_error(_: TestDb) -> Outcome {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let url = format!("postgres://user:hunter2@127.0.0.1:{port}/x");
    let error = refused(Database::connect(url).await, ErrorKind::Connection);
    assert!(!format!("{error:?} {error}").contains("hunter2"), "{error:?}");
    Ok(())
}

async fn a_server_that_never_answers_times_out(_: TestDb) -> Outcome {
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let url = format!("postgres://user@{}/x", silent.local_addr()?);
    let started = Instant::now();
    let connecting = Database::options(url).acquire_timeout(Duration::from_millis(200)).connect();
    refused(connecting.await, ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_secs(10));
    Ok(())
}

async fn a_file_that_is_no_database_is_refused_when_connecting(_: TestDb) -> Outcome {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to have a header that could be one".repeat(50))?;
    let error = refused(Database::connect(format!("sqlite://{}", path.display())).await, ErrorKind::Configuration);
    assert!(error.to_string().contains("database"), "{error}");
    assert!(std::fs::read_to_string(&path)?.starts_with("not a database"), "left as it was");
    let directory = Database::connect(format!("sqlite://{}", directory.path().display())).await;
    refused(directory, ErrorKind::Connection);
    Ok(())
}

async fn a_file_that_is_not_there_is_refused_where_it_may_not_be_created(_: TestDb) -> Outcome {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("absent.db");
    for mode in ["rw", "ro"] {
        let url = format!("sqlite://{}?mode={mode}", path.display());
        refused(Database::connect(url).await, ErrorKind::Connection);
    }
    assert!(!path.exists());
    Ok(())
}

async fn a_database_that_does_not_exist_is_refused_when_connecting(db: TestDb) -> Outcome {
    let (server, _) = db.url().rsplit_once('/').expect("a URL with a database");
    let error = refused(Database::connect(format!("{server}/no_such_database_here")).await, ErrorKind::Configuration);
    assert!(std::error::Error::source(&error).is_some(), "the server's own words: {error:?}");
    Ok(())
}
