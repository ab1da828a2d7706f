//! A connection that breaks after the server ran a statement: a statement runs once, unless it is a read that this library wrote.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, Wire, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    only_postgres: a_text_of_the_program_runs_once,
    a_write_of_the_library_runs_once,
    a_read_of_the_library_is_sent_again,
);

/// The users that the function has added.
async fn added(db: &Database) -> Outcome<u64> {
    Ok(db.count(&User::select().filter(User::NAME.starts_with("tag "))).await?)
}

/// Through the proxy, with one connection that was used before.
async fn through(wire: &Wire) -> Outcome<Database> {
    let db = Database::options(wire.url()).max_connections(1).connect().await?;
    db.sql("SELECT 1").one::<i64>().await?;
    Ok(db)
}

async fn a_text_of_the_program_runs_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.execute(
        "CREATE FUNCTION add_tag() RETURNS bigint LANGUAGE sql AS $$ INSERT INTO users (name) VALUES ('tag ' || gen_random_uuid()) RETURNING id $$",
        vec![],
    )
    .await?;
    let wire = Wire::to(db.url()).await?;
    let behind = through(&wire).await?;
    let texts = [
        "SELECT add_tag()",
        "/* x */ SELECT add_tag()",
        "WITH a AS (SELECT add_tag() AS id) SELECT id FROM a",
        "(SELECT add_tag())",
    ];
    for (before, text) in (0..).zip(texts) {
        // Prepared or not, on an idle connection.
        wire.lose_answer_of("add_tag()");
        let error = refused(behind.sql(text).one::<i64>().await, ErrorKind::Connection);
        assert!(!error.to_string().is_empty());
        assert_eq!(added(&db).await?, 3 * before + 1, "{text}");
        behind.sql(text).one::<i64>().await?;
        wire.lose_answer_of("add_tag()");
        refused(behind.sql(text).all::<i64>().await, ErrorKind::Connection);
        assert_eq!(added(&db).await?, 3 * before + 3, "{text}");
        // The next one works.
        behind.sql("SELECT 1").one::<i64>().await?;
    }
    wire.lose_answer_of("add_tag()");
    refused(behind.execute("SELECT add_tag()", vec![]).await, ErrorKind::Connection);
    assert_eq!(added(&db).await?, 13);
    Ok(())
}

async fn a_write_of_the_library_runs_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let wire = Wire::to(db.url()).await?;
    let behind = through(&wire).await?;
    wire.lose_answer_of("UPDATE");
    let longer = User::update().set_expr(User::NAME, User::NAME.concat("+")).filter(User::ID.eq(1));
    refused(behind.update(&longer).await, ErrorKind::Connection);
    assert_eq!(db.session().get_one::<User>(1).await?.name(), "Ada+");
    Ok(())
}

async fn a_read_of_the_library_is_sent_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let wire = Wire::to(db.url()).await?;
    let behind = through(&wire).await?;
    wire.lose_answer_of("SELECT COUNT");
    assert_eq!(behind.count(&User::select()).await?, 3);
    let mut session = behind.session();
    wire.lose_answer_of("BEGIN");
    assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
    session.commit().await?;
    Ok(())
}
