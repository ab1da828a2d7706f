//! The five states, from each to each, and what is refused in them.

use orm_core::{error::ErrorKind, prelude::*, session::ObjectState};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    an_object_goes_through_its_states,
    a_rollback_leads_back,
    a_deleted_object_can_be_read_and_not_be_changed,
    a_pending_object_is_not_persistent_before_its_flush,
);

async fn an_object_goes_through_its_states(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let transient: Transient<User> = User::builder().name("Dan").build();
    let pending = session.add(transient)?;
    assert_eq!(session.inspect_pending(&pending)?.state(), ObjectState::Pending);
    session.flush().await?;
    assert_eq!(session.inspect_pending(&pending)?.state(), ObjectState::Persistent);
    let dan = session.persisted(&pending)?;
    session.refresh(&dan).await?;
    session.delete(&dan).await?;
    let inspection = session.inspect(&dan)?;
    assert_eq!((inspection.state(), inspection.is_to_be_deleted()), (ObjectState::Persistent, true));
    session.delete(&dan).await?;
    session.flush().await?;
    let inspection = session.inspect(&dan)?;
    assert_eq!((inspection.state(), inspection.is_to_be_deleted()), (ObjectState::Deleted, false));
    let (key, detached) = (Key::of(&dan), session.detach(&dan)?);
    session.commit().await?;
    assert!(session.inspect_key(key).is_none(), "detached, as whatever is in no session");
    assert_eq!(detached.name(), "Dan");
    // Persistent, detached; and the row stays.
    session.get_one::<User>(1).await?;
    assert_eq!(session.expunge::<User>(1).map(|ada| ada.name().to_owned()), Some("Ada".to_owned()));
    assert!(session.inspect_key::<User>(1).is_none());
    assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
    Ok(())
}

async fn a_rollback_leads_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let flushed = Key::of(&session.insert(User::builder().name("flushed")).await?);
    session.add(User::builder().id(70).name("pending"))?;
    session.delete(&session.get_one::<User>(3).await?).await?;
    session.flush().await?;
    session.rollback().await?;
    assert!(session.inspect_key(flushed).is_none() && session.inspect_key::<User>(70).is_none(), "transient again");
    assert_eq!(session.inspect_key::<User>(3).map(|cy| cy.state()), Some(ObjectState::Persistent));
    assert!(session.new_objects::<User>().is_empty() && session.deleted::<User>().is_empty());
    Ok(())
}

async fn a_deleted_object_can_be_read_and_not_be_changed(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let cy = session.get_one::<User>(3).selectin(User::ADDRESSES).await?;
    session.delete(&cy).await?;
    session.flush().await?;
    let log = db.statement_log();
    assert_eq!((cy.name(), cy.addresses().len()), ("Cy", 0));
    for (verb, result) in [
        ("delete", session.delete(&cy).await),
        ("refresh", session.refresh(&cy).await),
        ("refresh", session.refresh_all(&[cy]).for_update().await),
    ] {
        let error = refused(result, ErrorKind::ObjectDeleted);
        assert_eq!(
            error.to_string(),
            format!(
                "{verb}: User[3]: the object is deleted: a flush of this transaction deleted its row; `rollback` brings it back"
            )
        );
    }
    log.assert_silent();
    assert!(session.get::<User>(3).await?.is_none());
    cy.set_nick("late");
    let error = refused(session.flush().await, ErrorKind::ObjectDeleted);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("User"), Some("3"), Some("nick")));
    session.rollback().await?;
    assert_eq!(session.get_one::<User>(3).await?.nick(), None);
    // To one that is deleted nothing can refer.
    let cy = session.get_one::<User>(3).await?;
    session.delete(&cy).await?;
    session.flush().await?;
    let address = session.get_one::<Address>(4).await?;
    let linked = match address.set_user(cy) {
        Ok(()) => session.flush().await,
        Err(error) => Err(error),
    };
    assert!(linked.is_err(), "refused at once, or by the flush");
    Ok(())
}

async fn a_pending_object_is_not_persistent_before_its_flush(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let pending = session.add(User::builder().name("Dan"))?;
    let error = refused(session.persisted(&pending).map(drop), ErrorKind::State);
    assert_eq!(error.to_string(), "persisted: User: still pending: flush first, `session.flush().await?`");
    Ok(())
}
