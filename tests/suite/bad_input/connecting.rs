//! URLs and servers that lead nowhere.

use std::time::{Duration, Instant};

use orm_core::{database::Database, error::ErrorKind};
use orm_tests::{Outcome, TestDb, disguised, each_backend, refused};

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

each_backend!(
    only_mysql: a_server_that_is_too_old_is_refused_when_connecting,
);

async fn a_server_that_is_too_old_is_refused_when_connecting(db: TestDb) -> Outcome {
    let version = db.session().sql("SELECT VERSION()").one::<String>().await?;
    let mut parts = version.splitn(3, '.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (old_major, old_minor) = if version.contains("MariaDB") { ("10", 4) } else { ("5", 7) };
    // Of the same length: 10.11 as if it were 10.04.
    let old = format!("{old_major}.{old_minor:0width$}", width = minor.len());
    let rest = version.strip_prefix(&format!("{major}.{minor}")).unwrap_or_default();
    let url = disguised(db.url(), &version, &format!("{old}{rest}")).await?;
    for attempt in 0..2 {
        let error = refused(Database::connect(&*url).await, ErrorKind::Configuration);
        let said = error.to_string();
        assert!(said.contains(&format!("{old_major}.{old_minor}, which is too old")), "{attempt}: {said}");
        assert!(said.contains("MySQL 8.0 and MariaDB 10.5 are the oldest"), "{said}");
    }
    // A pool of the program's own, whose connections are looked at when they are used.
    let pool = sqlx::MySqlPool::connect(&url).await?;
    let error = refused(Database::from_mysql_pool(pool).execute("SELECT 1", vec![]).await, ErrorKind::Configuration);
    assert!(error.to_string().contains("too old"), "{error}");
    // It is the version that is refused, not the way there.
    let through = disguised(db.url(), "no such text", "never found.").await?;
    Database::connect(&*through).await?;
    Ok(())
}

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
