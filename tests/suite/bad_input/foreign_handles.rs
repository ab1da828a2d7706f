//! Handles of another session: every verb and setter refuses them, before any statement.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Item, Order, User};

each_backend!(sqlite_file: every_verb_refuses_a_handle_of_another_session, every_setter_refuses_a_handle_of_another_session);

async fn every_verb_refuses_a_handle_of_another_session(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (mine, other) = (db.session(), db.session());
    let ada = other.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let address = other.get_one::<Address>(1).await?;
    let pending = other.add(User::builder().name("Dan"))?;
    let log = db.statement_log();
    for error in [
        refused(mine.load(&ada, User::ADDRESSES).await.map(drop), ErrorKind::NotInSession),
        refused(mine.load_all(&[ada], User::ADDRESSES).await.map(drop), ErrorKind::NotInSession),
        refused(mine.detach(&ada).map(drop), ErrorKind::NotInSession),
        refused(mine.delete(&ada).await, ErrorKind::NotInSession),
        refused(mine.persisted(&pending).map(drop), ErrorKind::NotInSession),
    ] {
        assert_eq!(error.entity(), Some("User"), "{error:?}");
    }
    refused(mine.assign(&address, Address::USER, ada).await, ErrorKind::NotInSession);
    assert!(matches!(mine.loaded(&ada, User::ADDRESSES), Err(StateError::Detached { entity: "User", .. })));
    log.assert_silent();
    mine.flush().await?;
    log.assert_silent();
    // Its key is well anywhere.
    assert_eq!(mine.get_one(Key::of(&ada)).await?.name(), "Ada");
    assert_eq!(mine.get_one::<User>(&ada).await?.name(), "Ada");
    Ok(())
}

async fn every_setter_refuses_a_handle_of_another_session(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let (mine, other) = (db.session(), db.session());
    let (ada, bob) = (mine.get_one::<User>(1).selectin(User::ADDRESSES).await?, other.get_one::<User>(2).await?);
    let address = mine.get_one::<Address>(1).await?;
    let (order, item) = (mine.get_one::<Order>(1).selectin(Order::ITEMS).await?, other.get_one::<Item>(1).await?);
    let theirs = other.get_one::<Address>(3).await?;
    let pending = mine.add(Address::builder().email("p@x.org"))?;
    let log = db.statement_log();
    refused(address.set_user(bob), ErrorKind::NotInSession);
    refused(pending.set_user(bob), ErrorKind::NotInSession);
    refused(ada.add_to_addresses(theirs), ErrorKind::NotInSession);
    refused(ada.remove_from_addresses(&theirs), ErrorKind::NotInSession);
    refused(order.add_to_items(item), ErrorKind::NotInSession);
    refused(order.remove_from_items(&item), ErrorKind::NotInSession);
    refused(mine.add(Address::builder().email("q@x.org").user(bob)).map(drop), ErrorKind::NotInSession);
    refused(mine.insert(User::builder().name("Eve").addresses([theirs])).await.map(drop), ErrorKind::NotInSession);
    assert_eq!((ada.addresses().len(), order.items().len(), address.user_id()), (2, 2, Some(1)));
    log.assert(&[]);
    mine.flush().await?;
    log.assert(&["INSERT addresses"]);
    assert_eq!(mine.count(&Address::select()).await?, 5);
    assert_eq!(mine.count(&User::select()).await?, 3);
    Ok(())
}
