//! What a later query does to objects that the session holds: it fills what lacks and overwrites nothing.

use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, User};

each_backend!(a_later_query_fills_a_relationship_that_is_not_loaded, a_get_with_a_plan_fills_an_object_of_the_map,);

each_backend!(
    sqlite_file: a_later_query_never_overwrites_a_relationship_that_is_loaded,
    a_later_row_never_overwrites_what_this_transaction_read,
);

async fn a_later_query_fills_a_relationship_that_is_not_loaded(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let bare = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    assert!(users[0] == bare);
    assert_eq!(bare.try_addresses()?.len(), 2);
    Ok(())
}

async fn a_get_with_a_plan_fills_an_object_of_the_map(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.get_one::<User>(1).await?;
    let log = db.statement_log();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    assert_eq!(ada.addresses().len(), 2);
    log.assert(&["SELECT addresses"]);
    let bob = session.get_one::<User>(2).joined(User::ADDRESSES).await?;
    assert_eq!(bob.addresses().len(), 1);
    log.assert(&["SELECT users JOIN addresses"]);
    Ok(())
}

async fn a_later_query_never_overwrites_a_relationship_that_is_loaded(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES);
    let before = session.all(&query).await?;
    db.run(&["INSERT INTO addresses (user_id, email) VALUES (1, 'later@x.org')"]).await?;
    let log = db.statement_log();
    let after = session.all(&query).await?;
    assert_eq!(after[0].addresses().len(), 2);
    assert_eq!(before[0].addresses().len(), 2);
    // All of them are loaded: nothing to ask for.
    log.assert(&["SELECT users"]);

    let joined = session.all(&User::select().order_by(User::ID.asc()).joined(User::ADDRESSES)).await?;
    assert_eq!(joined[0].addresses().len(), 2);
    Ok(())
}

async fn a_later_row_never_overwrites_what_this_transaction_read(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    db.run(&["UPDATE users SET nick = 'changed' WHERE id = 1"]).await?;
    let again = session.one(&User::select().filter(User::ID.eq(1))).await?;
    assert_eq!((ada.nick(), again.nick()), (Some("countess"), Some("countess")));
    let address = session.one(&Address::select().filter(Address::ID.eq(1)).joined(Address::USER)).await?;
    assert_eq!(address.user().and_then(|user| user.nick()), Some("countess"));
    Ok(())
}
