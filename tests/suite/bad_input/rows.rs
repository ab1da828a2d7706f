//! Tables and rows that are not what the entity says.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    a_missing_table_names_the_entity_and_the_session_says_what_to_do,
    a_missing_column_is_a_schema_error,
    a_null_in_a_required_column_names_entity_and_column,
    a_value_out_of_range_names_entity_and_column,
    text_in_a_column_of_numbers_names_entity_and_column,
    a_row_that_cannot_be_read_spoils_no_other,
);

/// A table of people whose columns hold anything.
async fn loose(db: TestDb, rows: &str) -> Outcome<TestDb> {
    let text = if db.is_sqlite() { "" } else { "text" };
    db.run(&[
        &format!("CREATE TABLE loose (id {}, name {text}, age {})", number(&db, "bigint"), number(&db, "bigint")),
        &format!("INSERT INTO loose (id, name, age) VALUES {rows}"),
    ])
    .await?;
    Ok(db)
}

fn number<'n>(db: &TestDb, name: &'n str) -> &'n str {
    if db.is_sqlite() { "" } else { name }
}

#[derive(Entity)]
#[orm(table = "loose")]
struct Loose {
    #[orm(primary_key)]
    id: i64,
    name: String,
    age: i32,
}

async fn a_missing_table_names_the_entity_and_the_session_says_what_to_do(db: TestDb) -> Outcome {
    let mut session = db.session();
    for error in [
        refused(db.all(&Loose::select()).await, ErrorKind::Schema),
        refused(db.count(&Loose::select()).await, ErrorKind::Schema),
        refused(session.all(&Loose::select()).await.map(drop), ErrorKind::Schema),
    ] {
        assert_eq!(error.entity(), Some("Loose"), "{error:?}");
        assert!(
            std::error::Error::source(&error).is_some_and(|words| words.to_string().contains("loose")),
            "{error:?}"
        );
    }
    // Usable at once where the database goes on, else it says that it must be rolled back.
    match session.count(&Loose::select()).await {
        Err(error) if error.kind() == ErrorKind::PendingRollback => assert!(db.is_postgres(), "{error:?}"),
        other => drop(refused(other, ErrorKind::Schema)),
    }
    session.rollback().await?;
    let error = refused(session.insert(Loose::builder().name("a").age(1)).await.map(drop), ErrorKind::Schema);
    assert_eq!((error.entity(), error.verb()), (Some("Loose"), Some("flush")));
    refused(session.count(&Loose::select()).await, ErrorKind::PendingRollback);
    session.rollback().await?;
    drop(session);
    let db = loose(db, "(1, 'a', 1)").await?;
    assert_eq!(db.session().get_one::<Loose>(1).await?.name(), "a");
    Ok(())
}

async fn a_missing_column_is_a_schema_error(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["ALTER TABLE users DROP COLUMN nick"]).await?;
    let session = db.session();
    let error = refused(session.get::<User>(1).await, ErrorKind::Schema);
    assert_eq!((error.entity(), error.verb()), (Some("User"), Some("get")), "{error:?}");
    let error = refused(db.one(&User::select().filter(User::ID.eq(1))).await, ErrorKind::Schema);
    assert!(std::error::Error::source(&error).is_some_and(|words| words.to_string().contains("nick")), "{error:?}");
    Ok(())
}

async fn a_null_in_a_required_column_names_entity_and_column(db: TestDb) -> Outcome {
    let db = loose(db, "(1, NULL, 1), (2, 'b', 2)").await?;
    let mut session = db.session();
    for error in [
        refused(session.get::<Loose>(1).await, ErrorKind::Decode),
        refused(session.all(&Loose::select()).await.map(drop), ErrorKind::Decode),
        refused(db.all(&Loose::select()).await, ErrorKind::Decode),
    ] {
        assert_eq!((error.entity(), error.attribute()), (Some("Loose"), Some("name")), "{error:?}");
        assert!(error.to_string().contains("NULL"), "{error}");
    }
    assert_eq!(session.get_one::<Loose>(2).await?.name(), "b");
    session.commit().await?;
    Ok(())
}

async fn a_value_out_of_range_names_entity_and_column(db: TestDb) -> Outcome {
    let db = loose(db, "(1, 'a', 5000000000)").await?;
    for error in [
        refused(db.session().get::<Loose>(1).await.map(drop), ErrorKind::Decode),
        refused(db.one(&Loose::select()).await, ErrorKind::Decode),
    ] {
        assert_eq!((error.entity(), error.attribute()), (Some("Loose"), Some("age")), "{error:?}");
    }
    Ok(())
}

async fn text_in_a_column_of_numbers_names_entity_and_column(db: TestDb) -> Outcome {
    let db = if !db.is_sqlite() {
        db.run(&["CREATE TABLE loose (id bigint, name text, age text)", "INSERT INTO loose VALUES (1, 'a', 'old')"])
            .await?;
        db
    } else {
        loose(db, "(1, 'a', 'old')").await?
    };
    let error = refused(db.one(&Loose::select()).await, ErrorKind::Decode);
    assert_eq!((error.entity(), error.attribute()), (Some("Loose"), Some("age")), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("old"), "no values: {error:?}");
    Ok(())
}

async fn a_row_that_cannot_be_read_spoils_no_other(db: TestDb) -> Outcome {
    let db = loose(db, "(1, 'a', 1), (2, NULL, 2), (3, 'c', 3)").await?;
    let mut session = db.session();
    let first = session.get_one::<Loose>(1).await?;
    refused(session.all(&Loose::select().order_by(Loose::ID.asc())).await.map(drop), ErrorKind::Decode);
    assert_eq!((first.name(), first.age()), ("a", 1));
    first.set_age(10);
    session.commit().await?;
    assert_eq!(session.get_one::<Loose>(1).await?.age(), 10);
    assert_eq!(session.get_one::<Loose>(3).await?.name(), "c");
    Ok(())
}
