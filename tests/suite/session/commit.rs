//! Commit, in its forms: what is expired, what is kept, what is sent.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, User};

each_backend!(
    a_commit_expires_every_attribute_and_the_next_get_reads_them_all_in_one_select,
    a_commit_expires_loaded_relationships,
    a_key_is_readable_after_commit_and_close,
    a_commit_of_an_untouched_session_sends_nothing,
    after_a_commit_the_next_statement_begins_a_transaction,
    peek_says_why_there_is_nothing_to_see,
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
    Ok(())
}

async fn a_key_is_readable_after_commit_and_close(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let key = Key::of(&session.insert(User::builder().name("Dan")).await?);
    session.commit().await?;
    session.close().await?;
    assert_eq!(*key.value(), 4);
    assert_eq!(db.session().get_one(key).await?.name(), "Dan");
    Ok(())
}

async fn a_commit_of_an_untouched_session_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let mut session = db.session();
    session.commit().await?;
    session.commit_keeping().await?;
    session.commit_and_clear().await?;
    session.flush().await?;
    session.rollback().await?;
    session.close().await?;
    log.assert_silent();
    Ok(())
}

async fn after_a_commit_the_next_statement_begins_a_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    session.get_one::<User>(1).await?;
    session.get_one::<User>(2).await?;
    session.commit().await?;
    session.commit().await?;
    session.get_one::<User>(1).await?;
    session.close().await?;
    log.assert_framed(&["BEGIN", "SELECT users", "SELECT users", "COMMIT", "BEGIN", "SELECT users", "ROLLBACK"]);
    Ok(())
}

async fn peek_says_why_there_is_nothing_to_see(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let Err(StateError::NotLoaded { entity: "User", key, attribute: None, .. }) = session.peek::<User>(1) else {
        panic!("nothing was read yet")
    };
    assert_eq!(key, "1");
    log.assert_silent();

    let ada = session.get_one::<User>(1).await?;
    assert_eq!(session.peek::<User>(1)?, ada);
    session.delete(&session.get_one::<User>(3).await?).await?;
    session.flush().await?;
    assert!(matches!(session.peek::<User>(3), Err(StateError::Deleted { entity: "User", .. })));
    session.rollback().await?;
    drop(log.take());
    let Err(StateError::Expired { cause, .. }) = session.peek::<User>(3) else { panic!("it is back, unread") };
    assert_eq!(cause, orm_core::error::StateCause::Rollback);
    log.assert_silent();
    Ok(())
}
