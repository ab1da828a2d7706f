//! Detached values: whole, and untouched by what becomes of the session.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    changes_that_are_not_in_the_database_are_not_handed_out,
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
