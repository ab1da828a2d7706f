//! `one`, `first`, `count`, `exists`: on sessions and on the database alike.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(
    one_wants_exactly_one,
    one_or_none_wants_at_most_one,
    first_takes_the_first_in_order,
    count_and_exists_are_one_statement_and_mind_the_limit,
    a_plain_read_needs_no_transaction,
);

async fn one_wants_exactly_one(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let none = User::select().filter(User::NAME.eq("Zoe"));
    for error in [
        refused(session.one(&none).await.map(drop), ErrorKind::NotFound),
        refused(db.one(&none).await.map(drop), ErrorKind::NotFound),
    ] {
        assert_eq!((error.entity(), error.verb()), (Some("User"), Some("one")));
    }
    for error in [
        refused(session.one(&User::select()).await.map(drop), ErrorKind::MultipleRows),
        refused(db.one(&User::select()).await.map(drop), ErrorKind::MultipleRows),
        refused(db.one_or_none(&User::select()).await.map(drop), ErrorKind::MultipleRows),
    ] {
        assert_eq!(error.entity(), Some("User"));
    }
    assert_eq!(session.one(&User::select().filter(User::ID.eq(2))).await?.name(), "Bob");
    assert_eq!(session.one(&User::select().order_by(User::ID.asc()).limit(1)).await?.name(), "Ada");
    Ok(())
}

async fn one_or_none_wants_at_most_one(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    assert!(session.one_or_none(&User::select().filter(User::NAME.eq("Zoe"))).await?.is_none());
    assert!(session.one_or_none(&User::select().filter(User::NAME.eq("Bob"))).await?.is_some());
    refused(session.one_or_none(&User::select()).await.map(drop), ErrorKind::MultipleRows);
    Ok(())
}

async fn first_takes_the_first_in_order(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().order_by(User::NAME.desc()).selectin(User::ADDRESSES);
    assert_eq!(session.first(&query).await?.map(|it| it.name()), Some("Cy"));
    assert_eq!(db.first(&query).await?.map(|it| it.name().to_owned()).as_deref(), Some("Cy"));
    assert!(session.first(&query.clone().limit(0)).await?.is_none());
    assert!(db.first(&query.offset(3)).await?.is_none());
    Ok(())
}

async fn count_and_exists_are_one_statement_and_mind_the_limit(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let query = User::select().selectin(User::ADDRESSES).order_by(User::ID.asc());
    assert_eq!(db.count(&query).await?, 3);
    assert_eq!(db.count(&query.clone().limit(2)).await?, 2);
    assert_eq!(db.count(&query.clone().limit(2).offset(2)).await?, 1);
    assert!(db.exists(&query).await? && !db.exists(&query.clone().offset(3)).await?);
    assert_eq!(log.count(), 5, "{log}");
    Ok(())
}

async fn a_plain_read_needs_no_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let users: Vec<Detached<User>> = db.all(&User::select().limit(2)).await?;
    assert_eq!(users.len(), 2);
    log.assert_framed(&["SELECT users"]);
    let with = db.all(&User::select().selectin(User::ADDRESSES)).await?;
    assert_eq!(with.iter().map(|user| user.addresses().len()).sum::<usize>(), 3);
    log.assert(&["SELECT users", "SELECT addresses"]);
    Ok(())
}
