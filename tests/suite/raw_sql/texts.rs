//! What a text of the program's own is taken for: comments hide nothing, values are counted, a text is one statement.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use super::authors;

each_backend!(
    a_comment_hides_no_end_of_a_transaction,
    a_text_on_a_database_begins_no_transaction,
    a_comment_may_say_anything,
    values_are_counted_before_anything_is_sent,
    a_wrong_number_of_values_leaves_nothing_behind,
    several_statements_in_one_text_are_refused,
    a_comment_hides_no_write_from_a_session_that_only_reads,
    a_text_ends_at_no_nul,
);
each_backend!(only_sqlite: a_trigger_has_a_body);
each_backend!(
    only_postgres: a_function_has_a_body,
    what_was_prepared_for_two_phases_is_no_end_of_a_transaction,
    without_a_cache_no_prepared_statement_is_left_behind,
);
each_backend!(only_mysql: a_comment_hides_no_implicit_commit, a_procedure_has_a_body, settings_of_quotes_are_read);

/// Texts that end a transaction, as this database reads them.
fn endings(db: &TestDb) -> Vec<&'static str> {
    let mut endings = vec![
        "/* x */ COMMIT",
        "-- x\nROLLBACK",
        ";COMMIT",
        "/*'*/ COMMIT /*'*/",
        "\n\t END",
        "COMMIT;",
        "/**/SAVEPOINT s",
    ];
    if db.is_postgres() {
        endings.extend(["/* a /* b */ c */ COMMIT", "ABORT", "PREPARE TRANSACTION 'x'", "COMMIT AND CHAIN"]);
    } else if db.is_sqlite() {
        endings.extend(["\u{feff}COMMIT", "COMMIT /* never closed"]);
    } else {
        endings.extend(["# x\nCOMMIT", "/*!50000 COMMIT */", "/*!COMMIT*/", "/*M!100100 ROLLBACK */"]);
    }
    endings
}

async fn a_comment_hides_no_end_of_a_transaction(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    for ending in endings(&db) {
        let mut session = db.session();
        session.sql("UPDATE raw_books SET title = 'T'").execute().await?;
        let log = db.statement_log();
        refused(session.sql(ending).execute().await, ErrorKind::State);
        refused(session.sql(ending).all::<i64>().await, ErrorKind::State);
        log.assert_silent();
        session.rollback().await?;
        let titles: Vec<String> = session.sql("SELECT title FROM raw_books ORDER BY id").all().await?;
        assert_eq!(titles, ["Notes?", "Loops", "Sea"], "{ending:?}");
    }
    Ok(())
}

async fn a_text_on_a_database_begins_no_transaction(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let mut texts = endings(&db);
    texts.extend(["BEGIN", "/* x */ BEGIN", "START TRANSACTION", "-- x\nSTART TRANSACTION", "RELEASE SAVEPOINT s"]);
    for text in texts {
        let log = db.statement_log();
        let error = refused(db.execute(text, vec![]).await, ErrorKind::State);
        assert!(error.to_string().contains("db.transaction(..)"), "{error}");
        refused(db.sql(text).execute().await, ErrorKind::State);
        refused(db.sql(text).all::<i64>().await, ErrorKind::State);
        let sandbox = db.sandbox().await?;
        refused(sandbox.execute(text, vec![]).await, ErrorKind::State);
        sandbox.rollback().await?;
        log.assert_framed(&["BEGIN", "ROLLBACK"]);
        db.sql("UPDATE raw_books SET title = 'Sea' WHERE id = 3").execute().await?;
    }
    Ok(())
}

async fn a_comment_may_say_anything(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let mut session = db.session();
    let mut texts = vec![
        "-- check the stock\nSELECT ?",
        "/* it's a ?, drop table */ SELECT ?",
        "SELECT /* ' \" ? ; COMMIT */ ? -- ; it's ?",
        "SELECT ?; -- done",
        "SELECT ?;;",
    ];
    if db.is_mysql() {
        texts.extend(["# lock the ?\nSELECT ?", "SELECT /*! ? */", "SELECT 5--? + 5 - 5"]);
    }
    if db.is_postgres() {
        texts.push("/* a /* ' */ ? */ SELECT ?");
    }
    for text in texts {
        let expected = if text.starts_with("SELECT 5") { 12 } else { 7 };
        assert_eq!(session.sql(text).bind(7_i64).one::<i64>().await?, expected, "{text}");
        assert_eq!(db.sql(text).bind(7_i64).one::<i64>().await?, expected, "{text}");
    }
    session.rollback().await?;
    Ok(())
}

async fn values_are_counted_before_anything_is_sent(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let native = if db.is_postgres() {
        "SELECT id FROM raw_books WHERE id = $1"
    } else {
        "SELECT id FROM raw_books WHERE id = ?"
    };
    let session = db.session();
    session.sql("SELECT 1").one::<i64>().await?;
    for given in [0_usize, 2] {
        let bound = |mut sql: orm_core::session::RawSql<'static, Database>| {
            for value in 0..given {
                sql = sql.bind(value as i64);
            }
            sql
        };
        // Leaked, so that the builder can be handed to a closure.
        let own: &'static Database = Box::leak(Box::new((*db).clone()));
        let values = || (0..given).map(|value| (value as i64).into()).collect();
        let mut errors = vec![
            db.execute(native, values()).await.map(drop),
            bound(own.sql("SELECT id FROM raw_books WHERE id = ?")).all::<i64>().await.map(drop),
            bound(own.sql("UPDATE raw_books SET id = ?1 WHERE id = ?1")).execute().await.map(drop),
            bound(own.sql("SELECT * FROM raw_authors WHERE id = ? /* ? */"))
                .entities::<super::Author>()
                .await
                .map(drop),
        ];
        let mut sql = session.sql("SELECT id FROM raw_books WHERE id = ? AND title <> '?'");
        for value in 0..given {
            sql = sql.bind(value as i64);
        }
        errors.push(sql.all::<i64>().await.map(drop));
        for result in errors {
            let error = refused(result, ErrorKind::Value).to_string();
            assert!(
                error.contains("takes 1 value,") && error.contains(&format!("and {given} values were given")),
                "{error}"
            );
        }
    }
    assert!(!session.needs_rollback(), "nothing was sent");
    assert_eq!(db.sql("SELECT count(*) FROM raw_books").one::<i64>().await?, 3);
    Ok(())
}

async fn a_wrong_number_of_values_leaves_nothing_behind(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![super::Author]).await?;
    let error = refused(db.sql("SELECT 'b'").bind(5).one::<String>().await, ErrorKind::Value);
    assert_eq!(error.to_string(), "the statement takes 0 values, and 1 value was given");
    assert_eq!(db.sql("SELECT 'b'").one::<String>().await?, "b");
    refused(db.sql("SELECT ?0").bind(5).one::<i64>().await, ErrorKind::Value);
    Ok(())
}

async fn several_statements_in_one_text_are_refused(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let session = db.session();
    for text in ["SELECT 1; COMMIT", "DELETE FROM raw_books; DELETE FROM raw_authors", "SELECT 1;/* x */SELECT 2"] {
        for result in [
            db.execute(text, vec![]).await.map(drop),
            db.sql(text).all::<i64>().await.map(drop),
            session.sql(text).execute().await.map(drop),
        ] {
            let error = refused(result, ErrorKind::Unsupported);
            assert!(error.to_string().contains("one by one"), "{error}");
        }
    }
    // What may have a body goes to the database, which refuses it as well.
    assert!(db.execute("CREATE TABLE raw_a (id INT); CREATE TABLE raw_b (id INT)", vec![]).await.is_err());
    assert!(db.execute("DROP TABLE raw_books; DROP TABLE raw_authors", vec![]).await.is_err());
    assert_eq!(db.sql("SELECT count(*) FROM raw_books WHERE title <> ';'").one::<i64>().await?, 3);
    Ok(())
}

async fn a_comment_hides_no_write_from_a_session_that_only_reads(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let sandbox = db.sandbox().await?;
    let session = sandbox.session_factory().read_only().session();
    let mut texts = vec![
        "/* x */ UPDATE raw_books SET title = 'T'",
        "-- x\nINSERT INTO raw_books (id, title, author_id) VALUES (9, 'T', 1)",
        "/* x */ DROP TABLE raw_books",
    ];
    if !db.is_mysql() {
        texts.push("WITH gone AS (SELECT 1 AS id) /* x */ DELETE FROM raw_books WHERE id IN (SELECT id FROM gone)");
        texts.push("with gone (id) as (select 1) update raw_books set title = 'T'");
    }
    for text in texts {
        refused(session.sql(text).execute().await, ErrorKind::ReadOnly);
        refused(session.sql(text).all::<i64>().await, ErrorKind::ReadOnly);
    }
    let one = "WITH one AS (SELECT replace(title, 'a', 'b') AS t FROM raw_books) SELECT count(*) FROM one";
    assert_eq!(session.sql(one).one::<i64>().await?, 3);
    drop(session);
    sandbox.rollback().await?;
    Ok(())
}

async fn a_text_ends_at_no_nul(db: TestDb) -> Outcome {
    let error = refused(db.sql("SELECT 1 \0; DROP TABLE x").one::<i64>().await, ErrorKind::Value);
    assert!(error.to_string().contains("NUL"), "{error}");
    refused(db.execute("SELECT 'a\0b'", vec![]).await, ErrorKind::Value);
    Ok(())
}

async fn a_trigger_has_a_body(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let trigger = "CREATE TRIGGER raw_trigger AFTER UPDATE ON raw_authors BEGIN DELETE FROM raw_books; SELECT 1; END";
    db.execute(trigger, vec![]).await?;
    db.execute("UPDATE raw_authors SET bio = 'x'", vec![]).await?;
    assert_eq!(db.sql("SELECT count(*) FROM raw_books").one::<i64>().await?, 0);
    Ok(())
}

async fn a_function_has_a_body(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    db.execute("CREATE FUNCTION raw_two() RETURNS bigint BEGIN ATOMIC SELECT 1; SELECT 2; END", vec![]).await?;
    assert_eq!(db.sql("SELECT raw_two()").one::<i64>().await?, 2);
    db.execute("DO $do$ BEGIN DELETE FROM raw_books; COMMIT; END $do$", vec![]).await?;
    assert_eq!(db.sql("SELECT count(*) FROM raw_books").one::<i64>().await?, 0);
    Ok(())
}

async fn what_was_prepared_for_two_phases_is_no_end_of_a_transaction(db: TestDb) -> Outcome {
    // The server says that there is none, or that it has no room for any: it was asked.
    for text in ["COMMIT PREPARED 'orm none'", "/* x */ ROLLBACK PREPARED 'orm none'"] {
        let error = db.execute(text, vec![]).await.expect_err("no such transaction");
        assert_ne!(error.kind(), ErrorKind::State, "{error}");
    }
    Ok(())
}

async fn without_a_cache_no_prepared_statement_is_left_behind(db: TestDb) -> Outcome {
    let db = db.options().statement_cache_capacity(0).max_connections(1).connect().await?;
    for number in 0..40_i64 {
        assert_eq!(db.sql(format!("SELECT {number} + ?")).bind(0_i64).one::<i64>().await?, number);
    }
    assert!(db.sql("SELECT count(*) FROM pg_prepared_statements").one::<i64>().await? <= 2);
    Ok(())
}

async fn a_comment_hides_no_implicit_commit(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    for text in [
        "/* x */ CREATE TABLE raw_c (id INT)",
        "-- x\nALTER TABLE raw_books ADD extra INT",
        "# x\nTRUNCATE raw_books",
        "/*!50000 DROP */ TABLE raw_books",
        "UNLOCK TABLES",
    ] {
        let mut session = db.session();
        session.sql("UPDATE raw_books SET title = 'T'").execute().await?;
        refused(session.sql(text).execute().await, ErrorKind::Unsupported);
        refused(session.sql(text).all::<i64>().await, ErrorKind::Unsupported);
        session.rollback().await?;
        assert_eq!(db.sql("SELECT count(*) FROM raw_books WHERE title = 'T'").one::<i64>().await?, 0, "{text}");
    }
    Ok(())
}

async fn a_procedure_has_a_body(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    db.execute("CREATE PROCEDURE raw_clear() BEGIN DELETE FROM raw_books; DELETE FROM raw_authors; END", vec![])
        .await?;
    db.execute("CALL raw_clear()", vec![]).await?;
    assert_eq!(db.sql("SELECT count(*) FROM raw_authors").one::<i64>().await?, 0);
    Ok(())
}

async fn settings_of_quotes_are_read(db: TestDb) -> Outcome {
    let pool = sqlx::mysql::MySqlPoolOptions::new().max_connections(1);
    let pool = pool
        .after_connect(|connection, _| {
            Box::pin(async move {
                let settings = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES'";
                sqlx::Executor::execute(connection, sqlx::raw_sql(settings)).await.map(drop)
            })
        })
        .connect(db.url())
        .await
        .expect("the same server");
    let db = Database::from_mysql_pool(pool);
    assert_eq!(db.sql(r"SELECT concat('\', ?2, ?1)").bind("a").bind("b").one::<String>().await?, r"\ba");
    let quoted = db.sql(r#"SELECT ?1 AS "a\" "#).bind(7_i64).one::<i64>().await?;
    assert_eq!(quoted, 7);
    Ok(())
}
