//! Detached values: whole, and untouched by what becomes of the session.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Item, Kid, Order, Parent, User};

each_backend!(
    changes_that_are_not_in_the_database_are_not_handed_out,
    changes_of_lists_are_not_handed_out_before_the_flush,
    what_is_to_be_deleted_is_not_handed_out_before_the_flush,
    one_query_reads_what_a_commit_expired_and_gets_read_it_one_by_one,
    a_rollback_expires_what_was_kept,
);

async fn changes_that_are_not_in_the_database_are_not_handed_out(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    ada.set_nick("unsaved");
    let error = refused(session.detach(&ada).map(drop), ErrorKind::Unflushed);
    assert_eq!(
        error.to_string(),
        "detach: User[1]: has changes that are not in the database yet: flush first, `session.flush().await?`"
    );
    session.flush().await?;
    session.get_one::<Address>(2).await?.set_email("unsaved");
    let error = refused(session.detach(&ada).map(drop), ErrorKind::Unflushed);
    assert_eq!((error.entity(), error.key()), (Some("Address"), Some("2")), "below it");
    let bare: Persistent<'_, User> = session.narrow(&ada);
    assert_eq!(session.detach(&bare)?.nick(), Some("unsaved"), "what is not handed out does not count");
    session.flush().await?;
    let detached = session.detach(&ada)?;
    session.rollback().await?;
    assert_eq!((detached.nick(), detached.addresses()[1].email()), (Some("unsaved"), "unsaved"));
    Ok(())
}

async fn one_query_reads_what_a_commit_expired_and_gets_read_it_one_by_one(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    session.commit().await?;
    let log = db.statement_log();
    session.all(&User::select()).await?;
    for id in 1..=3 {
        session.get_one::<User>(id).await?;
    }
    log.assert(&["SELECT users"]);
    session.commit().await?;
    drop(log.take());
    for id in 1..=3 {
        session.get_one::<User>(id).await?;
    }
    log.assert(&["SELECT users", "SELECT users", "SELECT users"]);
    Ok(())
}

async fn a_rollback_expires_what_was_kept(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().expire_on_commit(false).session();
    session.get_one::<User>(1).await?.set_nick("kept");
    session.commit().await?;
    assert_eq!(session.peek::<User>(1)?.nick(), Some("kept"));
    session.get_one::<User>(2).await?;
    session.rollback().await?;
    for id in [1, 2] {
        assert!(matches!(session.peek::<User>(id), Err(StateError::Expired { .. })));
    }
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("kept"));
    Ok(())
}

async fn changes_of_lists_are_not_handed_out_before_the_flush(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?.with(schema![Parent, Kid]).await?;
    db.run(&[
        "INSERT INTO parents (name) VALUES ('P'), ('Q')",
        "INSERT INTO kids (name, parent_id) VALUES ('K', 1), ('L', 1)",
    ])
    .await?;
    let mut session = db.session();
    let unflushed = |session: &Session, user: &Persistent<'_, User>, who: &str| {
        let error = refused(session.detach(user).map(drop), ErrorKind::Unflushed);
        assert_eq!(error.entity(), Some("User"), "{who}");
    };
    // Pairs, from either side.
    let order = session.get_one::<Order>(1).selectin(Order::ITEMS).await?;
    let gear = session.get_one::<Item>(3).await?;
    order.add_to_items(&gear)?;
    refused(session.detach(&order).map(drop), ErrorKind::Unflushed);
    refused(session.detach(&gear).map(drop), ErrorKind::Unflushed);
    session.flush().await?;
    assert_eq!(session.detach(&order)?.items().len(), 3);
    order.remove_from_items(&gear)?;
    refused(session.detach(&order).map(drop), ErrorKind::Unflushed);
    session.flush().await?;
    assert_eq!(session.detach(&order)?.items().len(), 2);
    // Children that come, leave and move, loaded or not.
    let (ada, bob) = (session.get_one::<User>(1).await?, session.get_one::<User>(2).await?);
    let nobodys = session.get_one::<Address>(4).await?;
    ada.add_to_addresses(&nobodys)?;
    unflushed(&session, &ada, "a child came");
    session.detach(&bob)?;
    session.flush().await?;
    session.detach(&ada)?;
    bob.add_to_addresses(&nobodys)?;
    unflushed(&session, &ada, "a child left");
    unflushed(&session, &bob, "a child came over");
    session.flush().await?;
    ada.add_to_addresses(Address::builder().email("new@x.org"))?;
    unflushed(&session, &ada, "a new child");
    session.flush().await?;
    session.detach(&ada)?;
    let address = session.get_one::<Address>(1).await?;
    address.set_user(User::builder().name("Dan"))?;
    let error = refused(session.detach(&address).map(drop), ErrorKind::Unflushed);
    assert_eq!(error.entity(), Some("Address"), "its parent has no key yet");
    unflushed(&session, &ada, "a child leaves for a new parent");
    session.flush().await?;
    session.detach(&address)?;
    // Orphans.
    let parent = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let Some(kid) = parent.kids().first() else { panic!("two kids") };
    parent.remove_from_kids(&kid)?;
    refused(session.detach(&parent).map(drop), ErrorKind::Unflushed);
    session.flush().await?;
    assert_eq!(session.detach(&parent)?.kids().len(), 1);
    session.rollback().await?;
    Ok(())
}

async fn what_is_to_be_deleted_is_not_handed_out_before_the_flush(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let cy = session.get_one::<User>(3).await?;
    session.delete(&cy).await?;
    refused(session.detach(&cy).map(drop), ErrorKind::Unflushed);
    session.flush().await?;
    assert_eq!(session.detach(&cy)?.name(), "Cy", "gone, and said so");
    Ok(())
}
