//! Tables that are changed beside a running program: at most one failed transaction, of a kind that `transaction` tries again.

use std::sync::atomic::{AtomicU32, Ordering};

use orm_core::{database::Database, error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

/// What the database checks: on PostgreSQL a type of its own.
#[derive(ColumnType, serde::Serialize, Clone, Copy, Debug, PartialEq, Eq)]
#[orm(postgres_enum = "mood")]
pub(crate) enum Mood {
    Happy,
    Sad,
}

#[derive(Entity)]
#[orm(table = "persons")]
pub(crate) struct Person {
    #[orm(primary_key)]
    id: i64,
    mood: Mood,
    age: i32,
    #[orm(foreign_key = person_id, order_by = id)]
    hats: HasMany<Hat>,
}

#[derive(Entity)]
#[orm(table = "hats")]
pub(crate) struct Hat {
    #[orm(primary_key)]
    id: i64,
    size: i32,
    person_id: i64,
    #[orm(foreign_key = person_id, back_populates = hats)]
    person: BelongsTo<Person>,
}

each_backend!(
    sqlite_file: a_changed_column_fails_one_transaction_at_most,
    dropped_and_created_tables_fail_one_transaction_at_most,
    a_transaction_goes_on_over_changes_of_its_tables,
    plain_reads_go_on_over_changes_of_their_tables,
    many_tasks_go_on_over_changes_of_their_tables,
    a_savepoint_mends_a_changed_table,
);

each_backend!(
    only_postgres: a_changed_table_is_an_error_with_its_own_text,
    a_transaction_that_meets_a_changed_table_first_begins_again,
    an_enum_that_becomes_text_fails_one_transaction_at_most,
    a_wrong_statement_is_no_changed_table,
    a_pool_of_the_program_goes_on,
);

async fn persons(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Person, Hat]).await?;
    let mut session = db.session();
    fill(&session).await?;
    session.commit().await?;
    Ok(db)
}

async fn fill(session: &Session) -> Result<(), Error> {
    let person =
        |mood, age| Person::builder().mood(mood).age(age).hats([Hat::builder().size(5), Hat::builder().size(6)]);
    session.insert_all([person(Mood::Happy, 30), person(Mood::Sad, 40), person(Mood::Happy, 50)]).await.map(drop)
}

/// Every shape of statement, by row and by batch.
async fn work(session: &Session) -> Result<usize, Error> {
    let everyone = Person::select().order_by(Person::ID.asc()).selectin(Person::HATS);
    let persons = session.all(&everyone).await?;
    for person in &persons {
        person.set_age(person.age() + 1);
    }
    session.flush().await?;
    if let Some(first) = persons.first() {
        first.set_mood(Mood::Sad);
        first.set_age(first.age() + 1);
        session.flush().await?;
        session.refresh(first).await?;
    }
    let new = session.insert(Person::builder().mood(Mood::Happy).age(1)).await?;
    session.insert_all([Person::builder().mood(Mood::Sad).age(2), Person::builder().mood(Mood::Happy).age(3)]).await?;
    let happy = session.count(&Person::select().filter(Person::MOOD.eq(Mood::Happy))).await?;
    let either = session.all(&Person::select().filter(Person::MOOD.in_([Mood::Happy, Mood::Sad]))).await?;
    assert!(u64::try_from(either.len()).expect("few") >= happy);
    session.delete(&new).await?;
    session.flush().await?;
    Ok(persons.len())
}

/// The statement that changes the type of a column, or what comes closest.
fn alter(db: &TestDb, round: usize) -> Vec<String> {
    let wide = round.is_multiple_of(2);
    if db.is_postgres() {
        let to = if wide { "bigint" } else { "integer" };
        vec![format!("ALTER TABLE persons ALTER age TYPE {to}"), format!("ALTER TABLE hats ALTER size TYPE {to}")]
    } else if db.is_mysql() {
        let to = if wide { "BIGINT" } else { "INT" };
        vec![
            format!("ALTER TABLE persons MODIFY age {to} NOT NULL"),
            format!("ALTER TABLE hats MODIFY size {to} NOT NULL"),
        ]
    } else {
        // SQLite changes no types: another table takes the place of the old one.
        let to = if wide { "BIGINT" } else { "INTEGER" };
        vec![
            format!("ALTER TABLE hats ADD COLUMN more{round} {to}"),
            format!("ALTER TABLE persons ADD COLUMN more{round} {to}"),
            format!("ALTER TABLE persons DROP COLUMN more{round}"),
        ]
    }
}

async fn change(db: &TestDb, round: usize) -> Outcome {
    for statement in alter(db, round) {
        db.execute(statement, vec![]).await?;
    }
    Ok(())
}

/// A pool whose connections have all prepared what `work` needs.
async fn warm(db: &TestDb, connections: usize) -> Outcome<Database> {
    let pool = db.options().max_connections(u32::try_from(connections)?).connect().await?;
    failures(&pool, connections).await?;
    Ok(pool)
}

/// How many of some transactions fail, one after the other, on each connection of the pool.
async fn failures(pool: &Database, connections: usize) -> Outcome<usize> {
    let mut failed = 0;
    for _ in 0..2 {
        for taken in 0..connections {
            // So many are in use, so that the next one is lent.
            let holders: Vec<_> = (0..taken).map(|_| pool.session()).collect();
            for holder in &holders {
                holder.sql("SELECT 1").execute().await?;
            }
            let mut session = pool.session();
            if let Err(error) = work(&session).await {
                assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{error:?}");
                failed += 1;
            }
            session.rollback().await?;
            for holder in holders {
                holder.close().await?;
            }
        }
    }
    Ok(failed)
}

async fn a_changed_column_fails_one_transaction_at_most(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 3).await?;
    for round in 0..4 {
        change(&db, round).await?;
        let failed = failures(&pool, 3).await?;
        assert!(failed <= 1, "round {round}: {failed} failed");
    }
    Ok(())
}

async fn dropped_and_created_tables_fail_one_transaction_at_most(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 3).await?;
    for round in 0..3 {
        db.drop_all(schema![Person, Hat]).await?;
        db.create_all(schema![Person, Hat]).await?;
        let mut session = db.session();
        // The pool of the changes has prepared statements, too.
        if let Err(error) = fill(&session).await {
            assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{error:?}");
            session.rollback().await?;
            fill(&session).await?;
        }
        session.commit().await?;
        let failed = failures(&pool, 3).await?;
        assert!(failed <= 1, "round {round}: {failed} failed");
    }
    Ok(())
}

async fn a_transaction_goes_on_over_changes_of_its_tables(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 3).await?;
    for round in 0..4 {
        change(&db, round).await?;
        let attempts = AtomicU32::new(0);
        let counted = &attempts;
        for _ in 0..5 {
            pool.transaction(async |session: &mut Session| {
                counted.fetch_add(1, Ordering::Relaxed);
                work(session).await
            })
            .await?;
        }
        assert!(attempts.load(Ordering::Relaxed) <= 6, "round {round}: {attempts:?} attempts");
    }
    Ok(())
}

async fn plain_reads_go_on_over_changes_of_their_tables(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 2).await?;
    let everyone = Person::select().selectin(Person::HATS);
    assert_eq!(pool.all(&everyone).await?.len(), 3);
    for round in 0..4 {
        change(&db, round).await?;
        // Outside of a transaction nothing fails: also the second statement on one connection is prepared anew.
        assert_eq!(pool.all(&everyone).await?.iter().map(|person| person.hats().len()).sum::<usize>(), 6);
        assert_eq!(pool.count(&Person::select().filter(Person::AGE.gt(0))).await?, 3);
    }
    Ok(())
}

async fn many_tasks_go_on_over_changes_of_their_tables(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 4).await?;
    let read = async |pool: Database| {
        for _ in 0..15 {
            pool.transaction(async |session: &mut Session| {
                let found = session.all(&Person::select().selectin(Person::HATS)).await?;
                assert_eq!(found.len(), 3);
                Ok::<_, Error>(())
            })
            .await?;
        }
        Ok::<_, Error>(())
    };
    let changes = async {
        for round in 0..4 {
            change(&db, round).await?;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        Outcome::Ok(())
    };
    let (one, two, three, changes) = tokio::join!(read(pool.clone()), read(pool.clone()), read(pool.clone()), changes);
    one?;
    two?;
    three?;
    changes
}

async fn a_savepoint_mends_a_changed_table(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 1).await?;
    change(&db, 0).await?;
    let mut session = pool.session();
    let savepoint = session.savepoint().await?;
    match work(&savepoint).await {
        Ok(_) => savepoint.release().await?,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{error:?}");
            savepoint.rollback().await?;
        }
    }
    work(&session).await?;
    session.rollback().await?;
    Ok(())
}

async fn a_changed_table_is_an_error_with_its_own_text(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 1).await?;
    change(&db, 0).await?;
    let mut session = pool.session();
    session.sql("SELECT 1").execute().await?;
    let error = refused(work(&session).await.map(drop), ErrorKind::SchemaChanged);
    let text = error.to_string();
    for part in ["was changed while the program runs", "try the transaction again", "`db.transaction`"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(std::error::Error::source(&error).is_some(), "the server's own words");
    session.rollback().await?;
    work(&session).await?;
    Ok(())
}

async fn a_transaction_that_meets_a_changed_table_first_begins_again(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 1).await?;
    change(&db, 0).await?;
    let mut session = pool.session();
    let log = pool.statement_log();
    session.all(&Person::select().order_by(Person::ID.asc())).await?;
    log.assert_framed(&["BEGIN", "SELECT persons", "ROLLBACK", "BEGIN", "SELECT persons"]);
    assert!(!session.needs_rollback());
    work(&session).await?;
    session.rollback().await?;
    Ok(())
}

async fn an_enum_that_becomes_text_fails_one_transaction_at_most(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = warm(&db, 3).await?;
    db.execute("ALTER TABLE persons ALTER mood TYPE text USING mood::text", vec![]).await?;
    let read = async |session: &Session| session.insert(Person::builder().mood(Mood::Happy).age(1)).await.map(drop);
    let mut failed = 0;
    for _ in 0..6 {
        let mut session = pool.session();
        if let Err(error) = read(&session).await {
            assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{error:?}");
            failed += 1;
        }
        session.rollback().await?;
    }
    assert!(failed <= 1, "{failed}");
    Ok(())
}

async fn a_wrong_statement_is_no_changed_table(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    for _ in 0..3 {
        let mut session = db.session();
        let error = session.sql("SELECT id FROM persons WHERE age = ?").bind("x").execute().await.expect_err("wrong");
        assert_ne!(error.kind(), ErrorKind::SchemaChanged);
        session.rollback().await?;
        let error = session.sql("UPDATE persons SET age = ?").bind(Mood::Happy).execute().await.expect_err("wrong");
        assert_ne!(error.kind(), ErrorKind::SchemaChanged);
        session.rollback().await?;
    }
    Ok(())
}

async fn a_pool_of_the_program_goes_on(db: TestDb) -> Outcome {
    let db = persons(db).await?;
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(db.url()).await?;
    let pool = Database::from_pg_pool(pool);
    let mut session = pool.session();
    work(&session).await?;
    session.rollback().await?;
    change(&db, 0).await?;
    let mut failed = 0;
    for _ in 0..4 {
        if let Err(error) = work(&session).await {
            assert_eq!(error.kind(), ErrorKind::SchemaChanged, "{error:?}");
            failed += 1;
        }
        session.rollback().await?;
    }
    assert!(failed <= 1, "{failed}");
    Ok(())
}
