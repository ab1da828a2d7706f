//! The driver's own connection inside a session's transaction.

use orm_core::{database::PgConnection, error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    only_postgres: queries_of_sqlx_run_in_the_session_s_transaction,
    work_that_fails_is_undone_and_the_session_goes_on,
    work_that_hides_a_failure_or_ends_the_transaction_is_found_out,
    work_that_is_dropped_asks_for_a_rollback,
    work_runs_in_a_task,
);

each_backend!(only_sqlite: queries_of_rusqlite_run_in_the_session_s_transaction, lending_to_another_driver_is_refused);

async fn queries_of_sqlx_run_in_the_session_s_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.add(User::builder().name("Dan"))?;
    let log = db.statement_log();
    let count: i64 = session
        .with_connection(async |connection: &mut PgConnection| {
            sqlx::query("UPDATE users SET nick = 'raw' WHERE id = 1").execute(&mut *connection).await?;
            Ok::<_, Error>(sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(connection).await?)
        })
        .await?;
    assert_eq!(count, 4, "flushed first");
    log.assert_framed(&["BEGIN", "INSERT users", "SAVEPOINT", "RELEASE"]);
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("raw"));
    session.rollback().await?;
    assert_eq!(
        (session.count(&User::select()).await?, session.get_one::<User>(1).await?.nick()),
        (3, Some("countess"))
    );
    refused(session.with_sqlite_connection(|_| Ok::<_, Error>(())).await, ErrorKind::Unsupported);
    Ok(())
}

async fn work_that_fails_is_undone_and_the_session_goes_on(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let dan = session.insert(User::builder().name("Dan")).await?;
    let result = session
        .with_connection(async |connection: &mut PgConnection| {
            sqlx::query("DELETE FROM addresses").execute(&mut *connection).await?;
            sqlx::query("INSERT INTO users (name) VALUES ('Ada')").execute(connection).await?;
            Ok::<_, Error>(())
        })
        .await;
    let error = refused(result, ErrorKind::UniqueViolation);
    assert_eq!(error.columns(), ["name"]);
    assert!(!session.needs_rollback());
    dan.set_nick("still here");
    session.commit().await?;
    assert_eq!((db.count(&User::select()).await?, db.count(&fixtures::Address::select()).await?), (4, 4));
    Ok(())
}

async fn work_that_hides_a_failure_or_ends_the_transaction_is_found_out(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for sql in ["INSERT INTO users (name) VALUES ('Ada')", "COMMIT", "ROLLBACK"] {
        let mut session = db.session();
        session.insert(User::builder().name("Dan")).await?;
        let result = session
            .with_connection(async |connection: &mut PgConnection| {
                let _ = sqlx::raw_sql(sql).execute(connection).await;
                Ok::<_, Error>(())
            })
            .await;
        refused(result, ErrorKind::PendingRollback);
        refused(session.commit().await, ErrorKind::PendingRollback);
        session.rollback().await?;
        assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
        session.close().await?;
        db.run(&["DELETE FROM users WHERE name = 'Dan'"]).await?;
    }
    Ok(())
}

async fn work_that_is_dropped_asks_for_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let work = session.with_connection(async |connection: &mut PgConnection| {
        sqlx::query("UPDATE users SET nick = 'half'").execute(&mut *connection).await?;
        sqlx::query("SELECT pg_sleep(1)").execute(connection).await?;
        Ok::<_, Error>(())
    });
    assert!(tokio::time::timeout(std::time::Duration::from_millis(100), work).await.is_err());
    refused(session.count(&User::select()).await, ErrorKind::PendingRollback);
    session.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    Ok(())
}

async fn work_runs_in_a_task(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let task = tokio::spawn({
        let db = db.clone();
        async move {
            let name = "Dan".to_owned();
            db.transaction(async |session: &mut Session| {
                session
                    .with_connection(async |connection: &mut PgConnection| {
                        sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(&name).execute(connection).await?;
                        Ok::<_, Error>(())
                    })
                    .await
            })
            .await
        }
    });
    task.await??;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn queries_of_rusqlite_run_in_the_session_s_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.add(User::builder().name("Dan"))?;
    let log = db.statement_log();
    let count: i64 = session
        .with_sqlite_connection(|connection| {
            connection.execute("UPDATE users SET nick = 'raw' WHERE id = 1", [])?;
            Ok::<_, Error>(connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?)
        })
        .await?;
    assert_eq!(count, 4);
    log.assert_framed(&["BEGIN", "INSERT users", "SAVEPOINT", "RELEASE"]);
    let result = session
        .with_sqlite_connection(|connection| {
            connection.execute("DELETE FROM addresses", [])?;
            connection.execute("INSERT INTO users (name) VALUES ('Ada')", [])?;
            Ok::<_, Error>(())
        })
        .await;
    refused(result, ErrorKind::UniqueViolation);
    assert_eq!(session.count(&fixtures::Address::select()).await?, 4);
    let ended =
        session.with_sqlite_connection(|connection| Ok::<_, Error>(connection.execute_batch("ROLLBACK")?)).await;
    refused(ended, ErrorKind::PendingRollback);
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn lending_to_another_driver_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let error =
        refused(session.with_connection(async |_: &mut PgConnection| Ok::<_, Error>(())).await, ErrorKind::Unsupported);
    assert_eq!(error.to_string(), "with_connection: lends a connection to PostgreSQL, and this is SQLite");
    log.assert_silent();
    Ok(())
}
