//! `add`: pending objects, and keys that are taken.

use orm_core::{error::ErrorKind, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Kid, Marker, Parent, User};

each_backend!(
    a_second_object_with_a_key_that_is_present_is_refused_and_nothing_of_its_graph_is_added,
    two_pending_objects_with_one_key_are_refused,
    a_pending_object_is_read_and_written_before_it_has_a_row,
    persisted_before_the_flush_says_so,
    an_added_graph_is_in_the_session_and_sends_nothing,
);

async fn a_second_object_with_a_key_that_is_present_is_refused_and_nothing_of_its_graph_is_added(
    db: TestDb,
) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    db.run(&["INSERT INTO parents (name) VALUES ('P')", "INSERT INTO kids (name, parent_id) VALUES ('K', 1)"]).await?;
    let session = db.session();
    session.get_one::<Kid>(1).await?;
    let log = db.statement_log();
    let graph = Parent::builder()
        .name("New")
        .kids([Kid::builder().name("fine").build(), Kid::builder().id(1).name("taken").build()]);
    let error = refused(session.add(graph), ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("Kid"), Some("1"), Some("add")));
    session.flush().await?;
    log.assert_silent();
    assert_eq!(session.count(&Parent::select()).await?, 1);
    Ok(())
}

async fn two_pending_objects_with_one_key_are_refused(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    session.add(Marker::builder().a(1).b(2).name("first"))?;
    let error = refused(session.add(Marker::builder().a(1).b(2).name("second")), ErrorKind::IdentityConflict);
    assert_eq!(error.entity(), Some("Marker"));
    session.flush().await?;
    assert_eq!(session.one(&Marker::select()).await?.name(), "first");
    Ok(())
}

async fn a_pending_object_is_read_and_written_before_it_has_a_row(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let dan = session.add(User::builder().name("Dan"))?;
    assert_eq!((dan.name(), dan.nick()), ("Dan", None));
    dan.set_nick("danny");
    assert_eq!(dan.nick(), Some("danny"));
    log.assert_silent();
    session.flush().await?;
    log.assert(&["INSERT users"]);
    let dan = session.persisted(&dan)?;
    assert_eq!((dan.id(), dan.nick()), (4, Some("danny")));
    Ok(())
}

async fn persisted_before_the_flush_says_so(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let dan = session.add(User::builder().name("Dan"))?;
    let error = refused(session.persisted(&dan), ErrorKind::State);
    assert!(error.to_string().contains("flush"), "{error}");
    Ok(())
}

async fn an_added_graph_is_in_the_session_and_sends_nothing(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let log = db.statement_log();
    let parent = session.add(Parent::builder().name("P").kids([Kid::builder().name("a"), Kid::builder().name("b")]))?;
    log.assert_silent();
    session.flush().await?;
    log.assert(&["INSERT parents", "INSERT kids"]);
    let kids = session.persisted(&parent)?;
    assert_eq!(session.load(&kids, Parent::KIDS).await?.kids().len(), 2);
    Ok(())
}
