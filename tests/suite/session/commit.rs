//! Commit, in its forms: what is expired, what is kept, what is sent.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, User};

each_backend!(
    a_commit_expires_every_attribute_and_the_next_get_reads_them_all_in_one_select,
    a_commit_expires_loaded_relationships,
);

async fn a_commit_expires_every_attribute_and_the_next_get_reads_them_all_in_one_select(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let key = Key::of(&session.get_one::<User>(1).await?);
    session.commit().await?;

    let log = db.statement_log();
    let expired = session.peek(key).err();
    let Some(StateError::Expired { entity, key: printed, attributes, cause }) = expired else {
        panic!("not expired: {expired:?}")
    };
    assert_eq!((entity, &*printed, &*attributes), ("User", "1", &["id", "name", "nick"][..]));
    assert_eq!(cause, orm_core::error::StateCause::Commit);
    log.assert_silent();

    let ada = session.get_one(key).await?;
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("countess")));
    log.assert_framed(&["BEGIN", "SELECT users"]);
    assert_eq!(session.get_one(key).await?, ada);
    assert_eq!(session.peek(key)?, ada);
    log.assert_silent();
    Ok(())
}

async fn a_commit_expires_loaded_relationships(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let query = User::select().filter(User::NAME.eq("Ada")).selectin(User::ADDRESSES);
    let key = Key::of(&session.one(&query).await?);
    session.commit().await?;
    db.run(&["INSERT INTO addresses (user_id, email) VALUES (1, 'new@x.org')"]).await?;

    let log = db.statement_log();
    let ada = session.get_one(key).await?;
    assert!(session.loaded(&ada, User::ADDRESSES).is_err());
    let ada = session.load(&ada, User::ADDRESSES).await?;
    let emails: Vec<&str> = ada.addresses().iter().map(|address| address.email()).collect();
    assert_eq!(emails, ["ada@x.org", "ada@y.org", "new@x.org"]);
    log.assert(&["SELECT users", "SELECT addresses"]);
    let _ = Address::select();
    Ok(())
}
