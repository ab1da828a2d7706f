//! Sessions that only read, and statements of the program's own that would do more.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    what_does_more_than_read_is_refused_before_it_is_sent,
    what_only_reads_is_taken,
    a_session_in_a_sandbox_only_reads_too,
);

each_backend!(only_postgres: a_function_that_writes_is_refused_in_a_sandbox_too);

/// Whatever would end the transaction, make it one that writes, or write where no transaction keeps watch.
const WRITES: [&str; 11] = [
    "/* a comment */ INSERT INTO users (name) VALUES ('Eve')",
    "-- a comment\nDELETE FROM addresses",
    "SET TRANSACTION READ WRITE",
    "SET transaction_read_only = off",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "PRAGMA query_only(false)",
    "PRAGMA writable_schema = 1",
    "ATTACH DATABASE 'beside.db' AS beside",
    "EXECUTE IMMEDIATE 'COMMIT'",
    "SELECT 'x' INTO OUTFILE '/tmp/orm_read_only'",
    "CALL wipe()",
];

async fn what_does_more_than_read_is_refused_before_it_is_sent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session_factory().read_only().session();
    let log = db.statement_log();
    for sql in WRITES {
        let error = refused(session.sql(sql).execute().await, ErrorKind::ReadOnly);
        assert_eq!(error.verb(), Some("sql"), "{error}");
        refused(session.sql(sql).all::<i64>().await, ErrorKind::ReadOnly);
        refused(session.sql(sql).entities::<User>().await.map(drop), ErrorKind::ReadOnly);
    }
    if db.is_sqlite() {
        let lent = session.with_sqlite_connection(|_| Ok::<_, Error>(())).await;
        refused(lent, ErrorKind::ReadOnly);
    }
    log.assert_silent();
    assert_eq!(session.count(&Address::select()).await?, 4);
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn what_only_reads_is_taken(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session_factory().read_only().session();
    for sql in [
        "SELECT count(*) FROM addresses WHERE email <> 'INSERT INTO OUTFILE'",
        "-- DELETE\nWITH a AS (SELECT id FROM addresses) SELECT count(*) FROM a",
    ] {
        assert_eq!(session.sql(sql).one::<i64>().await?, 4, "{sql}");
    }
    Ok(())
}

async fn a_session_in_a_sandbox_only_reads_too(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sandbox = db.sandbox().await?;
    let mut session = sandbox.session_factory().read_only().session();
    for sql in WRITES {
        refused(session.sql(sql).execute().await, ErrorKind::ReadOnly);
    }
    assert_eq!(session.count(&User::select()).await?, 3);
    let writes = match !db.is_sqlite() {
        true => "WITH gone AS (DELETE FROM addresses RETURNING id) SELECT id FROM gone",
        false => "WITH a AS (SELECT 0 AS id) DELETE FROM addresses WHERE id > (SELECT id FROM a)",
    };
    refused(session.sql(writes).execute().await, ErrorKind::ReadOnly);
    session.rollback().await?;
    session.close().await?;
    // The next one in the sandbox writes.
    let mut session = sandbox.session();
    session.insert(User::builder().name("Eve")).await?;
    session.commit().await?;
    assert_eq!((sandbox.count(&User::select()).await?, sandbox.count(&Address::select()).await?), (4, 4));
    Ok(())
}

async fn a_function_that_writes_is_refused_in_a_sandbox_too(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["CREATE FUNCTION wipe() RETURNS integer LANGUAGE sql AS 'DELETE FROM addresses; SELECT 1'"]).await?;
    let sandbox = db.sandbox().await?;
    for _ in 0..2 {
        let mut session = sandbox.session_factory().read_only().session();
        refused(session.sql("SELECT wipe()").one::<i32>().await, ErrorKind::ReadOnly);
        session.rollback().await?;
        session.close().await?;
        assert_eq!(sandbox.count(&Address::select()).await?, 4);
        let mut session = sandbox.session_factory().read_only().session();
        assert_eq!(session.count(&Address::select()).await?, 4);
        session.commit().await?;
        session.close().await?;
        assert_eq!(sandbox.sql("UPDATE users SET nick = 'x'").execute().await?, 3);
    }
    assert_eq!(sandbox.sql("SELECT wipe()").one::<i32>().await?, 1);
    assert_eq!(sandbox.count(&Address::select()).await?, 0);
    Ok(())
}
