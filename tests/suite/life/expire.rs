//! `expire`, `expire_attributes`, `expire_all`.

use orm_core::{error::StateCause, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Doc, Genre, User, Writer};

each_backend!(
    an_expired_object_loses_its_change_and_is_read_again,
    one_expired_column_is_read_alone_and_other_changes_survive,
    two_expired_columns_come_in_one_select,
    a_change_that_is_flushed_before_the_expired_columns_come_back_is_kept,
    an_expired_relationship_is_loaded_again,
    an_expired_deferred_column_is_deferred_again,
    expire_all_leaves_pending_objects_alone,
    an_expired_member_of_a_loaded_list_is_read_again_with_the_list,
    a_dropped_change_of_a_parent_leaves_no_list_that_shows_it,
    a_dropped_pair_leaves_no_list_that_shows_it,
    an_expired_object_whose_row_is_gone_is_none,
    the_key_of_a_row_that_is_gone_is_free,
    a_query_reads_what_expired_and_nothing_else,
);

fn expired(result: Result<Persistent<'_, User>, StateError>) -> (Vec<&'static str>, StateCause) {
    match result {
        Err(StateError::Expired { attributes, cause, .. }) => (attributes, cause),
        other => panic!("not expired: {other:?}"),
    }
}

async fn an_expired_object_loses_its_change_and_is_read_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_name("Changed");
    let key = Key::of(&ada);
    let log = db.statement_log();
    session.expire(key);
    assert_eq!(expired(session.peek(key)), (vec!["id", "name", "nick"], StateCause::Explicit));
    session.flush().await?;
    log.assert_silent();
    assert_eq!(session.get_one(key).await?.name(), "Ada");
    log.assert(&["SELECT users"]);
    session.get_one(key).await?;
    log.assert_silent();
    session.expire::<User>(77);
    Ok(())
}

async fn one_expired_column_is_read_alone_and_other_changes_survive(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_name("Changed");
    ada.set_nick("new");
    let key = Key::of(&ada);
    session.expire_attributes(key, User::NAME);
    assert_eq!(expired(session.peek(key)), (vec!["name"], StateCause::Explicit));
    let log = db.statement_log();
    let ada = session.get_one(key).await?;
    let sent = log.texts();
    assert!(sent.len() == 1 && sent[0].starts_with("SELECT \"name\" FROM \"users\" WHERE"), "{sent:?}");
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("new")));
    assert_eq!(session.peek(key)?, ada);
    session.flush().await?;
    let sent = log.texts();
    assert!(sent.len() == 1 && sent[0].contains("SET \"nick\"") && !sent[0].contains("SET \"name\""), "{sent:?}");
    session.commit().await?;
    assert_eq!(expired(session.peek(key)), (vec!["id", "name", "nick"], StateCause::Commit));
    assert_eq!(session.get_one(key).await?.nick(), Some("new"));
    Ok(())
}

async fn two_expired_columns_come_in_one_select(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    session.expire_attributes::<User>(1, User::NAME);
    session.expire_attributes::<User>(1, (User::NICK, User::ADDRESSES));
    assert_eq!(expired(session.peek(1)).0, ["name", "nick"]);
    let log = db.statement_log();
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn a_change_that_is_flushed_before_the_expired_columns_come_back_is_kept(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?.set_nick("new");
    session.expire_attributes::<User>(1, [User::NAME]);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    session.flush().await?;
    let ada = session.get_one::<User>(1).await?;
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("new")));
    session.flush().await?;
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn an_expired_relationship_is_loaded_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    session.expire_attributes::<User>(1, User::ADDRESSES);
    let log = db.statement_log();
    let ada = session.get_one::<User>(1).await?;
    assert_eq!(ada.name(), "Ada");
    assert!(ada.try_addresses().is_err());
    log.assert_silent();
    assert_eq!(session.load(&ada, User::ADDRESSES).await?.addresses().len(), 2);
    log.assert(&["SELECT addresses"]);
    Ok(())
}

async fn an_expired_deferred_column_is_deferred_again(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('T', 'B')"]).await?;
    let mut session = db.session();
    session.get_one::<Doc>(1).undefer(Doc::BODY).await?.set_title("new");
    session.expire_attributes::<Doc>(1, Doc::BODY);
    let log = db.statement_log();
    let doc = session.peek::<Doc>(1)?;
    assert_eq!(doc.title(), "new");
    assert!(session.loaded(&doc, Doc::BODY).is_err());
    log.assert_silent();
    // The other way round, the deferred column that is loaded stays.
    session.load(&doc, Doc::BODY).await?;
    session.expire_attributes::<Doc>(1, Doc::TITLE);
    drop(log.take());
    let doc = session.get_one::<Doc>(1).await?;
    assert_eq!((doc.title(), session.loaded(&doc, Doc::BODY)?.body()), ("new", Some("B")));
    log.assert(&["SELECT docs"]);
    Ok(())
}

async fn expire_all_leaves_pending_objects_alone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let detached = session.detach(&ada)?;
    ada.set_name("Changed");
    session.add(User::builder().name("Dan").addresses([Address::builder().email("dan@x.org")]))?;
    session.delete(&session.get_one::<User>(3).await?).await?;
    drop(session.flush().await);
    session.get_one::<User>(2).await?.set_name("Changed too");
    session.add(User::builder().name("Eve"))?;
    session.expire_all();
    assert_eq!(expired(session.peek(1)), (vec!["id", "name", "nick"], StateCause::Explicit));
    assert!(matches!(session.peek::<User>(3), Err(StateError::Deleted { .. })));
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT users"]);
    assert_eq!(session.all(&User::select()).await?.len(), 4);
    log.assert(&["SELECT users"]);
    assert_eq!((session.peek::<User>(1)?.name(), session.peek::<User>(2)?.name()), ("Changed", "Bob"));
    log.assert_silent();
    assert_eq!((detached.name(), detached.addresses().len()), ("Ada", 2));
    // What was new in this transaction is taken back with it.
    session.expire_all();
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn an_expired_member_of_a_loaded_list_is_read_again_with_the_list(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    session.expire_attributes::<Address>(1, Address::EMAIL);
    session.expire::<Address>(2);
    let log = db.statement_log();
    let ada = session.peek::<User>(1)?;
    for error in [session.loaded(&ada, User::ADDRESSES).map(drop), ada.try_addresses().map(drop)] {
        match error {
            Err(StateError::Expired { entity, key, attributes, cause }) => {
                assert_eq!((entity, &*key, attributes, cause), ("Address", "1", vec!["email"], StateCause::Explicit))
            }
            other => panic!("{other:?}"),
        }
    }
    log.assert_silent();
    let ada = session.load(&ada, User::ADDRESSES).await?;
    log.assert(&["SELECT addresses"]);
    assert_eq!(ada.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(), ["ada@x.org", "ada@y.org"]);
    Ok(())
}

async fn a_dropped_change_of_a_parent_leaves_no_list_that_shows_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    let address = session.get_one::<Address>(1).await?;
    address.set_user(users[1])?;
    assert_eq!((users[0].addresses().len(), users[1].addresses().len()), (1, 2));
    session.expire_attributes::<Address>(1, Address::USER);
    let log = db.statement_log();
    session.flush().await?;
    assert_eq!(session.get_one::<Address>(1).await?.user_id(), Some(1));
    log.assert_silent();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    assert_eq!((users[0].addresses().len(), users[1].addresses().len()), (2, 1));
    Ok(())
}

async fn a_dropped_pair_leaves_no_list_that_shows_it(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let mut session = db.session();
    let waves = session.get_one::<Book>(2).selectin(Book::GENRES).await?;
    let fantasy = session.get_one::<Genre>(2).selectin(Genre::BOOKS).await?;
    waves.add_to_genres(fantasy)?;
    assert_eq!((waves.genres().len(), fantasy.books().len()), (2, 2));
    session.expire_attributes::<Book>(2, Book::GENRES);
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    let fantasy = session.get_one::<Genre>(2).selectin(Genre::BOOKS).await?;
    assert_eq!(fantasy.books().len(), 1);
    let _ = session.get_one::<Writer>(1).await?;
    Ok(())
}

async fn the_key_of_a_row_that_is_gone_is_free(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(3).await?;
    session.commit().await?;
    session.sql("DELETE FROM users WHERE id = 3").execute().await?;
    assert!(session.get::<User>(3).await?.is_none());
    assert!(matches!(session.peek::<User>(3), Err(StateError::Deleted { .. })));
    session.insert(User::builder().id(3).name("Dan")).await?;
    session.rollback().await?;
    assert_eq!(session.get_one::<User>(3).await?.name(), "Cy", "it is back");
    Ok(())
}

async fn an_expired_object_whose_row_is_gone_is_none(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(3).await?;
    session.commit().await?;
    db.run(&["DELETE FROM users WHERE id = 3"]).await?;
    let log = db.statement_log();
    assert!(session.get::<User>(3).await?.is_none());
    log.assert(&["SELECT users"]);
    session.get_one::<User>(2).await?;
    session.commit().await?;
    session.get_one::<User>(2).await?;
    Ok(())
}

async fn a_query_reads_what_expired_and_nothing_else(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    session.get_one::<User>(1).await?.set_nick("mine");
    session.expire_attributes::<User>(1, User::NAME);
    let log = db.statement_log();
    let ada = session.one(&User::select().filter(User::ID.eq(1))).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("mine")));
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    Ok(())
}
