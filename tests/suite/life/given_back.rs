//! A connection goes to the next session as it was given out, whatever the program's own statements did to it.

use std::time::Duration;

use orm_core::{
    database::{Database, PgConnection, StatementKind},
    error::ErrorKind,
    prelude::*,
};
use orm_tests::{Outcome, TestDb, Wire, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    sqlite_file: a_connection_begins_as_the_program_says_and_is_so_again,
    every_transaction_begins_as_the_factory_says,
    a_transaction_that_cannot_begin_so_does_nothing,
);

each_backend!(
    only_postgres: what_a_session_sets_does_not_reach_the_next,
    what_lent_code_sets_does_not_reach_the_next,
    everyday_statements_of_the_program_s_own_cost_no_message_more,
    a_connection_of_the_program_s_own_pool_is_closed,
);

each_backend!(only_mysql: what_is_set_on_mysql_does_not_reach_the_next, everyday_statements_keep_the_connection_on_mysql);

each_backend!(only_sqlite_file: what_is_set_on_sqlite_does_not_reach_the_next);

/// The same database with one connection.
async fn single(db: &TestDb) -> Outcome<Database> {
    Ok(db.options().max_connections(1).connect().await?)
}

/// Statements that change what a PostgreSQL connection is.
const ON_POSTGRES: [&str; 11] = [
    "SET ROLE pg_monitor",
    "SET SESSION AUTHORIZATION pg_monitor",
    "SELECT set_config('app.tenant', '7', false)",
    "SET search_path = pg_catalog",
    "SET TimeZone = 'Asia/Tokyo'",
    "CREATE TEMPORARY TABLE scratch (id int)",
    "SELECT pg_advisory_lock(7242, 1)",
    "PREPARE mine AS SELECT 1",
    "DECLARE mine CURSOR WITH HOLD FOR SELECT 1",
    "LISTEN mine",
    "DO $$ BEGIN PERFORM set_config('app.tenant', '7', false); END $$",
];

/// All of it in one text.
const STATE_ON_POSTGRES: &str = "SELECT concat_ws('|', current_user, session_user, coalesce(current_setting('app.tenant', true), ''), \
     current_setting('search_path'), current_setting('TimeZone'), to_regclass('pg_temp.scratch'), \
     (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()), \
     (SELECT count(*) FROM pg_prepared_statements WHERE from_sql), (SELECT count(*) FROM pg_cursors WHERE name = 'mine'), \
     (SELECT count(*) FROM pg_listening_channels()))";

async fn what_a_session_sets_does_not_reach_the_next(db: TestDb) -> Outcome {
    let db = single(&db).await?;
    let pid = "SELECT pg_backend_pid()";
    let (before, served) = (db.sql(STATE_ON_POSTGRES).one::<String>().await?, db.sql(pid).one::<i32>().await?);
    for sql in ON_POSTGRES {
        let mut session = db.session();
        session.sql(sql).execute().await?;
        session.commit().await?;
        session.close().await?;
        assert_eq!(db.sql(STATE_ON_POSTGRES).one::<String>().await?, before, "after a commit: {sql}");

        let session = db.session();
        session.sql(sql).execute().await?;
        drop(session);
        assert_eq!(db.sql(STATE_ON_POSTGRES).one::<String>().await?, before, "dropped: {sql}");

        db.sql(sql).execute().await.ok();
        assert_eq!(db.sql(STATE_ON_POSTGRES).one::<String>().await?, before, "outside of a session: {sql}");
        db.execute(sql, vec![]).await.ok();
        assert_eq!(db.sql(STATE_ON_POSTGRES).one::<String>().await?, before, "executed: {sql}");
    }
    assert_eq!(db.sql(pid).one::<i32>().await?, served, "the connection is put in order, not closed");
    Ok(())
}

async fn what_lent_code_sets_does_not_reach_the_next(db: TestDb) -> Outcome {
    let db = single(&db).await?;
    let before = db.sql(STATE_ON_POSTGRES).one::<String>().await?;
    let mut session = db.session();
    session
        .with_connection(async |connection: &mut PgConnection| {
            for sql in ON_POSTGRES {
                sqlx::raw_sql(sql).execute(&mut *connection).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    session.commit().await?;
    session.close().await?;
    assert_eq!(db.sql(STATE_ON_POSTGRES).one::<String>().await?, before);
    Ok(())
}

async fn everyday_statements_of_the_program_s_own_cost_no_message_more(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let wire = Wire::to(db.url()).await?;
    let through = Database::options(wire.url()).max_connections(1).connect().await?;
    let mut session = through.session();
    let _ = wire.take();
    session.sql("SELECT count(*) FROM users WHERE lower(name) = ?").bind("ada").one::<i64>().await?;
    session.sql("UPDATE users SET nick = upper(name)").execute().await?;
    session.sql("SELECT set_config('app.tenant', '7', true)").execute().await?;
    session.sql("SET LOCAL search_path = pg_catalog").execute().await?;
    session.commit().await?;
    session.close().await?;
    through.sql("INSERT INTO users (name) VALUES ('Eve')").execute().await?;
    through.count(&User::select()).await?;
    let sent = wire.take();
    assert_eq!(sent.len(), 8, "{sent:#?}");
    through.sql("SET app.tenant = '7'").execute().await?;
    through.count(&User::select()).await?;
    let sent = wire.take();
    assert_eq!(sent.len(), 3, "{sent:#?}");
    assert!(sent.iter().any(|sql| sql.starts_with("RESET ")), "{sent:#?}");
    Ok(())
}

async fn a_connection_of_the_program_s_own_pool_is_closed(db: TestDb) -> Outcome {
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(db.url()).await.map_err(Error::from)?;
    let db = Database::from_pg_pool(pool);
    let before = db.sql(STATE_ON_POSTGRES).one::<String>().await?;
    for sql in ON_POSTGRES {
        db.sql(sql).execute().await.ok();
        assert_eq!(db.sql(STATE_ON_POSTGRES).one::<String>().await?, before, "{sql}");
    }
    Ok(())
}

const STATE_ON_MYSQL: &str = "SELECT convert(concat_ws('|', @@session.time_zone, @@session.sql_mode, database(), coalesce(@tenant, ''), \
                              is_used_lock('orm_given_back') IS NULL, @@session.foreign_key_checks) USING utf8mb4)";

async fn what_is_set_on_mysql_does_not_reach_the_next(db: TestDb) -> Outcome {
    let db = single(&db).await?;
    let before = db.sql(STATE_ON_MYSQL).one::<String>().await?;
    for sql in [
        "SET time_zone = '+09:00'",
        "SET sql_mode = ''",
        "USE information_schema",
        "SET @tenant = '7'",
        "SELECT @tenant := '7'",
        "SELECT 7 INTO @tenant",
        "SELECT get_lock('orm_given_back', 0)",
        "SET foreign_key_checks = 0",
        "CREATE TEMPORARY TABLE scratch (id int)",
    ] {
        let mut session = db.session();
        session.sql(sql).execute().await?;
        session.commit().await?;
        session.close().await?;
        settles(&db, &before, sql).await?;
        refused(db.sql("SELECT count(*) FROM scratch").one::<i64>().await, ErrorKind::Schema);
        db.execute(sql, vec![]).await?;
        settles(&db, &before, sql).await?;
    }
    Ok(())
}

/// A server notices only after a while that a connection was closed.
async fn settles(db: &Database, before: &str, what: &str) -> Outcome {
    for _ in 0..200 {
        if db.sql(STATE_ON_MYSQL).one::<String>().await? == before {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still there after two seconds: {what}");
}

async fn everyday_statements_keep_the_connection_on_mysql(db: TestDb) -> Outcome {
    let db = single(&fixtures::people(db).await?).await?;
    let id = "SELECT connection_id()";
    let before = db.sql(id).one::<u64>().await?;
    db.sql("SELECT count(*) FROM users WHERE lower(name) = ?").bind("ada").one::<i64>().await?;
    db.sql("UPDATE users SET nick = upper(name)").execute().await?;
    assert_eq!(db.sql(id).one::<u64>().await?, before);
    Ok(())
}

async fn what_is_set_on_sqlite_does_not_reach_the_next(db: TestDb) -> Outcome {
    let db = single(&db).await?;
    let beside = format!("ATTACH DATABASE '{}' AS beside", tempfile::tempdir()?.path().join("beside.db").display());
    let state = async || -> Outcome<_> {
        let databases = db.sql("SELECT name FROM pragma_database_list ORDER BY 1").all::<String>().await?;
        let writable = db.sql("SELECT * FROM pragma_writable_schema").all::<i64>().await.unwrap_or_default();
        let keys = db.sql("SELECT * FROM pragma_foreign_keys").one::<i64>().await?;
        let scratch = db.sql("SELECT count(*) FROM sqlite_temp_master").one::<i64>().await?;
        Ok((databases, writable, keys, scratch))
    };
    let before = state().await?;
    for sql in
        [&*beside, "PRAGMA writable_schema = 1", "PRAGMA foreign_keys = OFF", "CREATE TEMP TABLE scratch (id int)"]
    {
        db.execute(sql, vec![]).await.ok();
        assert_eq!(state().await?, before, "{sql}");
        let mut session = db.session();
        session.sql(sql.to_owned()).execute().await.ok();
        session.commit().await?;
        session.close().await?;
        assert_eq!(state().await?, before, "{sql}");
    }
    let mut session = db.session();
    session
        .with_sqlite_connection(|connection| {
            Ok::<_, Error>(connection.execute_batch("CREATE TEMP TABLE scratch (id int)")?)
        })
        .await?;
    session.commit().await?;
    session.close().await?;
    assert_eq!(state().await?, before);
    Ok(())
}

async fn a_connection_begins_as_the_program_says_and_is_so_again(db: TestDb) -> Outcome {
    let (first, second, shown) = if db.is_sqlite() {
        ("PRAGMA cache_size = 123", "PRAGMA cache_size = 321", "SELECT * FROM pragma_cache_size")
    } else if db.is_postgres() {
        ("SET app.shop = '123'", "SET app.shop = '321'", "SELECT current_setting('app.shop')::bigint")
    } else {
        (
            "SET SESSION wait_timeout = 123",
            "SET SESSION wait_timeout = 321",
            "SELECT cast(@@session.wait_timeout AS SIGNED)",
        )
    };
    let options = db.options().max_connections(1).after_connect(second).after_connect(first);
    let db = options.connect().await?;
    assert_eq!(db.sql(shown).one::<i64>().await?, 123, "the last one");
    let session = db.session();
    session.sql(second).execute().await?;
    assert_eq!(session.sql(shown).one::<i64>().await?, 321, "for as long as the session has the connection");
    drop(session);
    assert_eq!(db.sql(shown).one::<i64>().await?, 123);
    Ok(())
}

async fn every_transaction_begins_as_the_factory_says(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let factory =
        db.session_factory().after_begin("UPDATE users SET nick = ? WHERE id = ?", ["begun".into(), 1_i64.into()]);
    let mut session = factory.session();
    let log = db.statement_log();
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("begun"));
    session.count(&User::select()).await?;
    let kinds: Vec<_> = log.take().iter().map(|statement| statement.kind).collect();
    assert_eq!(kinds, [StatementKind::Begin, StatementKind::Update, StatementKind::Select, StatementKind::Select]);
    session.commit().await?;
    session.close().await?;
    factory
        .transaction(async |session: &mut Session| session.insert(User::builder().name("Eve")).await.map(drop))
        .await?;
    let begun = log.take().iter().filter(|statement| statement.sql.contains("nick")).count();
    assert!(begun >= 2, "{begun}");
    Ok(())
}

async fn a_transaction_that_cannot_begin_so_does_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let factory = db.session_factory().after_begin("UPDATE nowhere SET nick = 'x'", []);
    let mut session = factory.session();
    for _ in 0..2 {
        refused(session.count(&User::select()).await, ErrorKind::Schema);
        session.add(User::builder().name("Eve"))?;
        refused(session.flush().await, ErrorKind::Schema);
        session.rollback().await?;
    }
    session.close().await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}
