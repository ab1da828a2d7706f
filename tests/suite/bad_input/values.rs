//! Values that the database refuses.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

#[derive(Entity)]
#[orm(table = "amounts")]
struct Amount {
    #[orm(primary_key)]
    id: i64,
    #[orm(check = "amount >= 0")]
    amount: u64,
    #[orm(length = 3)]
    unit: Option<String>,
    ratio: Option<f64>,
}

each_backend!(
    an_unsigned_number_beyond_the_column_is_refused_and_named,
    a_check_is_a_check_violation,
    wrong_numbers_of_placeholders_are_an_error,
    statements_that_are_no_sql_are_an_error,
    a_deleted_parent_of_an_unloaded_child_is_a_foreign_key_violation,
);
each_backend!(only_postgres: a_text_with_nul_is_refused, a_text_that_is_too_long_is_refused, nan_is_a_value);
each_backend!(only_sqlite: a_text_with_nul_is_a_text, nan_is_refused_rather_than_stored_as_null);

async fn an_unsigned_number_beyond_the_column_is_refused_and_named(db: TestDb) -> Outcome {
    let db = db.with(schema![Amount]).await?;
    let mut session = db.session();
    let error = refused(session.insert(Amount::builder().amount(u64::MAX)).await.map(drop), ErrorKind::Value);
    assert_eq!(error.verb(), Some("flush"));
    session.rollback().await?;
    session.insert(Amount::builder().amount(7)).await?;
    // A condition that no row can meet finds none, or is refused: no panic.
    if let Err(error) = session.count(&Amount::select().filter(Amount::AMOUNT.eq(u64::MAX))).await {
        assert_eq!(error.kind(), ErrorKind::Value, "{error:?}");
    }
    Ok(())
}

async fn a_check_is_a_check_violation(db: TestDb) -> Outcome {
    let db = db.with(schema![Amount]).await?;
    let result = db.execute("INSERT INTO amounts (amount) VALUES (-1)", vec![]).await;
    refused(result, ErrorKind::CheckViolation);
    Ok(())
}

async fn wrong_numbers_of_placeholders_are_an_error(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let sql = if db.is_postgres() { "DELETE FROM users WHERE id = $1" } else { "DELETE FROM users WHERE id = ?" };
    for values in [vec![], vec![1_i64.into(), 2_i64.into()]] {
        assert!(db.execute(sql, values).await.is_err());
    }
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn statements_that_are_no_sql_are_an_error(db: TestDb) -> Outcome {
    for sql in ["", " ", "SELEKT 1", "DELETE FROM", "'"] {
        if let Ok(rows) = db.execute(sql, vec![]).await {
            assert_eq!((sql.trim(), rows), ("", 0));
        }
    }
    let db = fixtures::people(db).await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_deleted_parent_of_an_unloaded_child_is_a_foreign_key_violation(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let error = refused(db.execute("DELETE FROM users WHERE id = 1", vec![]).await, ErrorKind::ForeignKeyViolation);
    assert!(std::error::Error::source(&error).is_some());
    Ok(())
}

async fn a_text_with_nul_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let error = refused(session.insert(User::builder().name("a\0b")).await.map(drop), ErrorKind::Value);
    assert_eq!(error.verb(), Some("flush"));
    session.rollback().await?;
    refused(session.count(&User::select().filter(User::NAME.eq("a\0b"))).await, ErrorKind::Value);
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_text_with_nul_is_a_text(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.insert(User::builder().name("a\0b")).await?;
    session.commit_keeping().await?;
    assert_eq!(db.one(&User::select().filter(User::NAME.eq("a\0b"))).await?.name(), "a\0b");
    Ok(())
}

async fn a_text_that_is_too_long_is_refused(db: TestDb) -> Outcome {
    let db = db.with(schema![Amount]).await?;
    let session = db.session();
    refused(session.insert(Amount::builder().amount(1).unit("long")).await.map(drop), ErrorKind::Value);
    Ok(())
}

async fn nan_is_a_value(db: TestDb) -> Outcome {
    let db = db.with(schema![Amount]).await?;
    let session = db.session();
    session.insert(Amount::builder().amount(1).ratio(f64::NAN)).await?;
    session.commit_keeping().await?;
    let found = db.one(&Amount::select().filter(Amount::RATIO.eq(f64::NAN))).await?;
    assert!(found.ratio().is_some_and(f64::is_nan));
    Ok(())
}

async fn nan_is_refused_rather_than_stored_as_null(db: TestDb) -> Outcome {
    let db = db.with(schema![Amount]).await?;
    let session = db.session();
    refused(session.insert(Amount::builder().amount(1).ratio(f64::NAN)).await.map(drop), ErrorKind::Value);
    Ok(())
}
