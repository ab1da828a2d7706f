//! `get_many`: objects by their keys, in their order, with the fewest statements.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    objects_come_in_the_order_of_the_keys_and_absent_ones_are_none,
    only_what_the_session_does_not_hold_is_read,
    it_takes_the_hints_of_get,
    what_is_pending_is_written_first,
    expired_and_deleted_objects_are_read_again,
    locked_rows_are_read_anew,
    more_keys_than_a_statement_takes,
);

fn names(users: &[Option<Persistent<'_, User>>]) -> Vec<Option<String>> {
    users.iter().map(|user| user.map(|user| user.name().to_owned())).collect()
}

fn some(name: &str) -> Option<String> {
    Some(name.to_owned())
}

async fn objects_come_in_the_order_of_the_keys_and_absent_ones_are_none(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.get_many::<User>([3_i64, 77, 1, 3]).await?;
    assert_eq!(names(&users), [some("Cy"), None, some("Ada"), some("Cy")]);
    assert_eq!(users[0], users[3], "one object for one key");
    log.assert_framed(&["BEGIN", "SELECT users"]);
    assert_eq!(session.get_one::<User>(3).await?, users[0].expect("there"));
    assert!(session.get_many::<User>(Vec::<i64>::new()).await?.is_empty());
    log.assert_silent();
    let keys: Vec<Key<User>> = users.iter().flatten().map(Key::of).collect();
    assert_eq!(names(&session.get_many(keys).await?), [some("Cy"), some("Ada"), some("Cy")]);
    log.assert_silent();
    Ok(())
}

async fn only_what_the_session_does_not_hold_is_read(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.get_one::<User>(2).await?.set_nick("changed");
    let log = db.statement_log();
    assert_eq!(session.get_many::<User>([2_i64]).await?[0].expect("held").nick(), Some("changed"));
    log.assert_silent();
    let users = session.get_many::<User>([1_i64, 2, 3]).await?;
    assert_eq!(names(&users), [some("Ada"), some("Bob"), some("Cy")]);
    log.assert(&["UPDATE users", "SELECT users"]);
    session.get_many::<User>([1_i64, 2, 3]).await?;
    log.assert_silent();
    Ok(())
}

async fn it_takes_the_hints_of_get(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.get_many::<User>([3_i64, 1, 9]).selectin(User::ADDRESSES).await?;
    let counts: Vec<_> = users.iter().map(|user| user.map(|user| user.addresses().len())).collect();
    assert_eq!(counts, [Some(0), Some(2), None]);
    log.assert_framed(&["BEGIN", "SELECT users", "SELECT addresses"]);
    // Held, and loaded for those alone that lack it.
    session.get_one::<User>(2).await?;
    log.assert(&["SELECT users"]);
    let users = session.get_many::<User>([1_i64, 2, 3]).selectin(User::ADDRESSES).await?;
    assert_eq!(users.iter().flatten().map(|user| user.addresses().len()).sum::<usize>(), 3);
    log.assert(&["SELECT addresses"]);
    let addresses = db.session();
    let found = addresses.get_many::<Address>([1_i64, 3]).joined(Address::USER).await?;
    let owners: Vec<_> = found.iter().flatten().map(|address| address.user().map(|user| user.name())).collect();
    assert_eq!(owners, [Some("Ada"), Some("Bob")]);
    Ok(())
}

async fn what_is_pending_is_written_first(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let dan = session.add(User::builder().id(9).name("Dan"))?;
    let users = session.get_many::<User>([9_i64, 1]).await?;
    assert_eq!(names(&users), [some("Dan"), some("Ada")]);
    assert_eq!(session.persisted(&dan)?, users[0].expect("written"));
    Ok(())
}

async fn expired_and_deleted_objects_are_read_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_many::<User>([1_i64, 2, 3]).await?;
    session.commit().await?;
    db.run(&["DELETE FROM users WHERE id = 3", "UPDATE users SET name = 'Eve' WHERE id = 2"]).await?;
    let log = db.statement_log();
    assert_eq!(names(&session.get_many::<User>([1_i64, 2, 3]).await?), [some("Ada"), some("Eve"), None]);
    log.assert_framed(&["BEGIN", "SELECT users"]);
    let ada = session.get_one::<User>(1).await?;
    session.load(&ada, User::ADDRESSES).await?.clear_addresses()?;
    session.delete(&ada).await?;
    session.flush().await?;
    assert_eq!(names(&session.get_many::<User>([1_i64, 2]).await?), [None, some("Eve")]);
    Ok(())
}

async fn locked_rows_are_read_anew(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_many::<User>([1_i64, 2]).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE users SET nick = 'other' WHERE id = 1"]).await?;
    let log = db.statement_log();
    let users = session.get_many::<User>([1_i64, 2, 9]).for_update().await?;
    assert_eq!((users[0].expect("there").nick(), users[2].is_none()), (Some("other"), true));
    assert_eq!(log.texts().len(), 1, "one SELECT");
    session.rollback().await?;
    let reading = db.session_factory().read_only().session();
    refused(reading.get_many::<User>([1_i64]).for_update().await, ErrorKind::ReadOnly);
    Ok(())
}

async fn more_keys_than_a_statement_takes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.get_many::<User>((1_i64..=70_000).rev()).await?;
    assert_eq!(users.len(), 70_000);
    assert_eq!(users.iter().flatten().map(|user| user.name()).collect::<Vec<_>>(), ["Cy", "Bob", "Ada"]);
    Ok(())
}
