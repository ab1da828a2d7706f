//! `expunge`, `inspect` and its relatives.

use orm_core::{
    error::StateCause,
    prelude::*,
    session::{History, ObjectState},
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Doc, User};

each_backend!(
    an_expunged_object_is_detached_and_nothing_of_it_is_written,
    a_pending_object_with_that_key_is_not_inserted,
    expunge_all_empties_the_session,
    history_tells_net_changes,
    inspect_tells_what_is_loaded_and_what_expired,
    new_dirty_and_deleted_objects_are_listed,
);

async fn an_expunged_object_is_detached_and_nothing_of_it_is_written(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    users[0].set_nick("lost");
    session.get_one::<Address>(1).await?.set_user(users[1])?;
    session.delete(&session.get_one::<Address>(2).await?).await?;
    let log = db.statement_log();
    let ada = session.expunge::<User>(1).expect("held");
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("lost")));
    assert!(session.expunge::<Address>(1).is_some() && session.expunge::<Address>(2).is_some());
    assert!(session.expunge::<User>(1).is_none() && session.inspect_key::<User>(1).is_none());
    session.flush().await?;
    assert!(matches!(session.peek::<User>(1), Err(StateError::NotLoaded { .. })));
    log.assert_silent();
    assert!(session.peek::<User>(2)?.try_addresses().is_err(), "it had shown the address");
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    assert_eq!((ada.nick(), ada.addresses().len()), (Some("countess"), 2));
    log.assert(&["SELECT users", "SELECT addresses"]);
    Ok(())
}

async fn a_pending_object_with_that_key_is_not_inserted(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.add(User::builder().id(70).name("Dan"))?;
    assert!(session.expunge::<User>(70).is_none());
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    session.add(User::builder().id(70).name("Dan"))?;
    session.flush().await?;
    log.assert(&["INSERT users"]);
    Ok(())
}

async fn expunge_all_empties_the_session(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.insert(User::builder().name("flushed")).await?;
    session.get_one::<User>(1).await?.set_nick("lost");
    session.add(User::builder().name("pending"))?;
    session.expunge_all();
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&[]);
    assert_eq!(db.count(&User::select()).await?, 4);
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    Ok(())
}

async fn history_tells_net_changes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_name("Ada L.");
    ada.set_nick("other");
    ada.set_nick("countess");
    let inspection = session.inspect(&ada)?;
    assert_eq!(
        (inspection.state(), inspection.key(), inspection.modified()),
        (ObjectState::Persistent, Some("1"), &["name"][..])
    );
    let History { added, unchanged, deleted, .. } = inspection.history(User::NAME);
    assert_eq!((added.as_deref(), unchanged, deleted.as_deref()), (Some("Ada L."), None, Some("Ada")));
    let History { added, unchanged, deleted, .. } = inspection.history(User::NICK);
    assert_eq!((added, unchanged, deleted), (None, Some(Some("countess".to_owned())), None));
    assert!(session.is_modified(&ada) && inspection.is_modified());
    session.flush().await?;
    assert!(!session.is_modified(&ada));
    assert_eq!(session.inspect(&ada)?.history(User::NAME).unchanged.as_deref(), Some("Ada L."));
    let dan = session.add(User::builder().name("Dan"))?;
    let inspection = session.inspect_pending(&dan)?;
    assert_eq!((inspection.state(), inspection.key()), (ObjectState::Pending, None));
    assert_eq!(inspection.history(User::NAME).added.as_deref(), Some("Dan"));
    Ok(())
}

async fn inspect_tells_what_is_loaded_and_what_expired(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(orm_core::schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('T', 'B')"]).await?;
    let mut session = db.session();
    let doc = session.get_one::<Doc>(1).await?;
    assert_eq!(
        (session.inspect(&doc)?.loaded(), session.inspect(&doc)?.unloaded()),
        (&["id", "title"][..], &["body"][..])
    );
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    assert_eq!(session.inspect(&ada)?.loaded(), ["id", "name", "nick", "addresses"]);
    session.expire_attributes::<User>(1, User::NAME);
    let log = db.statement_log();
    let inspection = session.inspect_key::<User>(1).expect("held");
    assert_eq!((inspection.loaded(), inspection.expired()), (&["id", "nick", "addresses"][..], &["name"][..]));
    assert_eq!(inspection.expired_by(), Some(StateCause::Explicit));
    log.assert_silent();
    session.commit().await?;
    let inspection = session.inspect_key::<User>(1).expect("held");
    assert_eq!((inspection.expired(), inspection.unloaded()), (&["id", "name", "nick"][..], &["addresses"][..]));
    assert_eq!(inspection.expired_by(), Some(StateCause::Commit));
    Ok(())
}

async fn new_dirty_and_deleted_objects_are_listed(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let (ada, bob) = (session.get_one::<User>(1).await?, session.get_one::<User>(2).await?);
    let cy = session.get_one::<User>(3).await?;
    ada.set_nick("new");
    bob.set_nick("other");
    bob.set_nick("builder");
    session.delete(&cy).await?;
    let dan = session.add(User::builder().name("Dan"))?;
    session.add(Address::builder().email("x@x.org"))?;
    let log = db.statement_log();
    assert_eq!((session.new_objects::<User>(), session.dirty::<User>()), (vec![dan], vec![ada]));
    assert_eq!(session.deleted::<User>(), [cy]);
    assert!(session.inspect(&cy)?.is_to_be_deleted());
    log.assert_silent();
    session.flush().await?;
    assert!(session.new_objects::<User>().is_empty() && session.dirty::<User>().is_empty());
    assert!(session.deleted::<User>().is_empty());
    assert_eq!(session.inspect(&cy)?.state(), ObjectState::Deleted);
    Ok(())
}
