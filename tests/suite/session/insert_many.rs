//! `insert_many`: rows without objects.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, User, Writer};

each_backend!(
    rows_are_one_statement_and_make_no_objects,
    each_set_of_columns_is_a_statement,
    many_rows_are_split_and_counted,
    a_row_is_linked_to_parents_that_are_there,
    a_row_that_brings_others_along_is_refused,
    a_refused_row_leaves_nothing,
    nothing_to_insert_sends_nothing,
);

async fn rows_are_one_statement_and_make_no_objects(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.add(User::builder().name("pending"))?;
    let log = db.statement_log();
    let users = (0..20).map(|n| User::builder().name(format!("u{n}")).nick("n"));
    assert_eq!(session.insert_many(users).await?, 20);
    log.assert(&["INSERT users", "INSERT users"]);
    session.commit().await?;
    assert_eq!(db.count(&User::select().filter(User::NICK.eq("n"))).await?, 20);
    let log = db.statement_log();
    assert_eq!(db.insert_many([User::builder().name("plain")]).await?, 1);
    log.assert_framed(&["BEGIN", "INSERT users", "COMMIT"]);
    Ok(())
}

async fn each_set_of_columns_is_a_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let row = |id: Option<i64>, name: &str| match id {
        Some(id) => User::builder().name(name).id(id).build(),
        None => User::builder().name(name).build(),
    };
    assert_eq!(db.insert_many([row(Some(90), "a"), row(None, "b"), row(Some(91), "c")]).await?, 3);
    log.assert(&["INSERT users", "INSERT users"]);
    Ok(())
}

async fn many_rows_are_split_and_counted(db: TestDb) -> Outcome {
    const COUNT: u64 = 20_000;
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let addresses = (0..COUNT).map(|n| Address::builder().email(format!("{n}@x.org")));
    assert_eq!(db.insert_many(addresses).await?, COUNT);
    log.assert(&["INSERT addresses", "INSERT addresses", "INSERT addresses"]);
    assert_eq!(db.count(&Address::select()).await?, COUNT + 4);
    Ok(())
}

async fn a_row_is_linked_to_parents_that_are_there(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let eco = session.get_one::<Writer>(2).await?;
    assert_eq!(session.insert_many([Book::builder().title("by key").author(Key::<Writer>::new(1))]).await?, 1);
    assert_eq!(session.insert_many([Book::builder().title("by object").author(eco)]).await?, 1);
    assert_eq!(session.count(&Book::select().filter(Book::AUTHOR_ID.eq(2))).await?, 1);
    assert_eq!(session.count(&Book::select().filter(Book::AUTHOR_ID.eq(1))).await?, 3);
    Ok(())
}

async fn a_row_that_brings_others_along_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let graph = Book::builder().title("t").author(Writer::builder().name("new"));
    let error = refused(db.insert_many([graph]).await, ErrorKind::State);
    assert_eq!((error.entity(), error.attribute(), error.verb()), (Some("Book"), Some("author"), Some("insert_many")));
    let error = refused(db.insert_many([Book::builder().title("t")]).await, ErrorKind::MissingParent);
    assert_eq!(error.attribute(), Some("author"));
    Ok(())
}

async fn a_refused_row_leaves_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let rows = || (0..9000).map(|n| User::builder().name(if n == 8999 { "Ada".to_owned() } else { format!("u{n}") }));
    let error = refused(db.insert_many(rows()).await, ErrorKind::UniqueViolation);
    assert_eq!((error.entity(), error.verb()), (Some("User"), Some("insert_many")));
    assert_eq!(db.count(&User::select()).await?, 3);
    let mut session = db.session();
    refused(session.insert_many(rows()).await, ErrorKind::UniqueViolation);
    refused(session.flush().await, ErrorKind::PendingRollback);
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn nothing_to_insert_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    assert_eq!(db.insert_many(Vec::<Transient<User>>::new()).await?, 0);
    assert_eq!(db.session().insert_many(Vec::<Transient<User>>::new()).await?, 0);
    log.assert_silent();
    Ok(())
}
