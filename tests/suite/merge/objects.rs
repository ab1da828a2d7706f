//! `merge` of one object: what is read, what is written, what comes back.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Doc, Marker, Stamped, User, Versioned};

each_backend!(
    a_builder_without_a_key_is_a_new_object_each_time,
    a_key_that_is_not_there_is_selected_and_inserted,
    of_a_builder_only_what_is_set_is_written,
    an_explicit_null_is_written,
    of_changes_only_what_is_among_them_is_written,
    changes_of_a_row_that_is_not_there_are_not_found,
    changes_without_a_key_are_refused,
    a_target_in_the_map_costs_nothing,
    an_expired_target_costs_one_select,
    a_pending_target_is_flushed_first,
    of_a_detached_value_only_what_was_set_is_written,
    an_expunged_object_takes_its_changes_along,
    a_detached_value_whose_row_is_gone_is_inserted_again,
    an_older_version_is_stale,
    a_part_of_a_composite_key_is_missing,
    a_composite_key_is_merged,
    many_values_are_read_by_one_select,
    two_copies_that_differ_are_refused,
    two_copies_that_agree_are_one,
    a_deferred_column_comes_along,
    a_server_default_is_left_alone,
    an_expired_target_whose_row_is_gone_is_inserted_again,
    merging_into_a_failed_session_is_refused,
);

async fn a_builder_without_a_key_is_a_new_object_each_time(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let dan = session.merge(User::builder().name("Dan")).await?;
    let eve = session.merge(User::builder().name("Eve").nick("e")).await?;
    log.assert(&["INSERT users", "INSERT users"]);
    assert_eq!((dan.name(), eve.nick()), ("Dan", Some("e")));
    assert_ne!(dan.id(), eve.id());
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_key_that_is_not_there_is_selected_and_inserted(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let dan = session.merge(User::builder().id(77).name("Dan")).await?;
    log.assert(&["SELECT users", "INSERT users"]);
    assert_eq!((dan.id(), dan.nick()), (77, None));
    assert_eq!(session.get_one::<User>(77).await?, dan);
    log.assert_silent();
    Ok(())
}

async fn of_a_builder_only_what_is_set_is_written(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let ada = session.merge(User::builder().id(1).name("Ada L.")).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((ada.name(), ada.nick()), ("Ada L.", Some("countess")));
    session.commit().await?;
    let sent = log.texts();
    assert!(sent.len() == 1 && sent[0].starts_with("UPDATE") && !sent[0].contains("nick"), "{sent:?}");
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    Ok(())
}

async fn an_explicit_null_is_written(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.merge(User::builder().id(1).name("Ada").nick(None)).await?;
    session.merge(User::changes().id(2).nick(None)).await?;
    session.commit().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), None);
    assert_eq!(session.get_one::<User>(2).await?.nick(), None);
    Ok(())
}

async fn of_changes_only_what_is_among_them_is_written(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let bob = session.merge(User::changes().id(2).nick("b")).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((bob.name(), bob.nick()), ("Bob", Some("b")));
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    Ok(())
}

async fn changes_of_a_row_that_is_not_there_are_not_found(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let error = refused(session.merge(User::changes().id(99).nick("x")).await, ErrorKind::NotFound);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("User"), Some("99"), Some("merge")));
    assert!(session.plan()?.trim().is_empty() || !session.plan()?.contains("users"), "{}", session.plan()?);
    Ok(())
}

async fn changes_without_a_key_are_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let error = refused(session.merge(User::changes().nick("x")).await, ErrorKind::MissingKey);
    assert_eq!((error.entity(), error.attribute()), (Some("User"), Some("id")));
    log.assert_silent();
    Ok(())
}

async fn a_target_in_the_map_costs_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let detached = session.detach(&ada)?;
    let log = db.statement_log();
    let merged = session.merge(User::changes().id(1).nick("n")).await?;
    assert_eq!((merged, ada.nick()), (ada, Some("n")));
    log.assert_silent();
    // The source stays as it was.
    assert_eq!(detached.nick(), Some("countess"));
    assert_eq!(session.merge(&detached).await?, ada);
    assert_eq!(ada.nick(), Some("n"));
    Ok(())
}

async fn an_expired_target_costs_one_select(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    session.commit().await?;
    let log = db.statement_log();
    let ada = session.merge(User::changes().id(1).nick("n")).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("n")));
    Ok(())
}

async fn a_pending_target_is_flushed_first(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let pending = session.add(User::builder().id(77).name("Dan"))?;
    let log = db.statement_log();
    let dan = session.merge(User::changes().id(77).nick("d")).await?;
    log.assert(&["INSERT users"]);
    assert_eq!((session.persisted(&pending)?, dan.nick()), (dan, Some("d")));
    Ok(())
}

async fn of_a_detached_value_only_what_was_set_is_written(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut ada = db.one(&User::select().filter(User::ID.eq(1))).await?;
    // Someone else, meanwhile.
    db.run(&["UPDATE users SET name = 'Adele' WHERE id = 1"]).await?;
    ada.set_nick("set");
    let mut session = db.session();
    let log = db.statement_log();
    let merged = session.merge(&ada).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((merged.name(), merged.nick()), ("Adele", Some("set")));
    session.commit().await?;
    let sent = log.texts();
    assert!(sent.len() == 1 && sent[0].contains("nick") && !sent[0].contains("\"name\""), "{sent:?}");
    // Nothing was set: nothing is written.
    let clean = db.one(&User::select().filter(User::ID.eq(2))).await?;
    drop(log.take());
    session.merge(clean).await?;
    session.commit().await?;
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn an_expunged_object_takes_its_changes_along(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?.set_nick("offline");
    let ada = session.expunge::<User>(1).expect("it was held");
    let mut other = db.session();
    session.close().await?;
    other.merge(ada).await?;
    other.commit().await?;
    assert_eq!(other.get_one::<User>(1).await?.nick(), Some("offline"));
    Ok(())
}

async fn a_detached_value_whose_row_is_gone_is_inserted_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cy = db.one(&User::select().filter(User::ID.eq(3))).await?;
    db.run(&["DELETE FROM users WHERE id = 3"]).await?;
    let session = db.session();
    let log = db.statement_log();
    let again = session.merge(&cy).await?;
    log.assert(&["SELECT users", "INSERT users"]);
    assert_eq!((again.id(), again.name()), (3, "Cy"));
    Ok(())
}

async fn an_older_version_is_stale(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    let mut session = db.session();
    session.insert(Versioned::builder().name("one")).await?;
    session.commit().await?;
    let mut old = db.one(&Versioned::select()).await?;
    let object = session.get_one::<Versioned>(1).await?;
    object.set_name("two");
    session.commit().await?;
    old.set_name("mine");
    let log = db.statement_log();
    let error = refused(session.merge(&old).await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("Versioned"), Some("1")));
    log.assert(&["SELECT versioned"]);
    let object = session.get_one::<Versioned>(1).await?;
    assert_eq!((object.name(), object.version()), ("two", 2));
    assert!(!session.is_modified(&object));
    // The version that is there is taken, and counted on.
    let mut new = session.detach(&object)?;
    new.set_name("mine");
    session.merge(new).await?;
    session.commit().await?;
    let object = session.get_one::<Versioned>(1).await?;
    assert_eq!((object.name(), object.version()), ("mine", 3));
    // Gone is not the version that was read either.
    let last = session.detach(&object)?;
    session.commit().await?;
    db.run(&["DELETE FROM versioned"]).await?;
    refused(session.merge(last).await, ErrorKind::StaleData);
    Ok(())
}

async fn a_part_of_a_composite_key_is_missing(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let log = db.statement_log();
    let error = refused(session.merge(Marker::changes().a(1).name("x")).await, ErrorKind::MissingKey);
    assert_eq!((error.entity(), error.attribute(), error.key()), (Some("Marker"), Some("b"), Some("1")));
    log.assert_silent();
    Ok(())
}

async fn a_composite_key_is_merged(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let first = session.merge(Marker::builder().a(1).b(2).name("first")).await?;
    let log = db.statement_log();
    let all = [
        Marker::builder().a(1).b(2).name("again"),
        Marker::builder().a(2).b(1).name("two"),
        Marker::builder().a(3).b(1).name("three"),
    ];
    let all = session.merge_all(all).await?;
    log.assert(&["SELECT markers", "UPDATE markers", "INSERT markers"]);
    session.flush().await?;
    assert_eq!((all[0], first.name(), all[1].name()), (first, "again", "two"));
    Ok(())
}

async fn many_values_are_read_by_one_select(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let users = session.merge_all((1..=3).map(|id| User::changes().id(id).nick("all"))).await?;
    log.assert(&["SELECT users"]);
    assert_eq!(users.iter().map(|user| user.name()).collect::<Vec<_>>(), ["Ada", "Bob", "Cy"]);
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    session.commit().await?;
    let none: Vec<Changes<User>> = Vec::new();
    drop(log.take());
    assert!(session.merge_all(none).await?.is_empty());
    log.assert_silent();
    // One that is refused leaves the others as they were.
    let error = session.merge_all([User::changes().id(1).nick("lost"), User::changes().id(99)]).await;
    refused(error, ErrorKind::NotFound);
    let ada = session.get_one::<User>(1).await?;
    assert!(ada.nick() == Some("all") && !session.is_modified(&ada));
    Ok(())
}

async fn two_copies_that_differ_are_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let both = [User::builder().id(1).name("one"), User::builder().id(1).name("other")];
    let error = refused(session.merge_all(both).await, ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("User"), Some("1"), Some("name")));
    log.assert_silent();
    Ok(())
}

async fn two_copies_that_agree_are_one(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let both = session.merge_all([User::changes().id(1).name("A"), User::changes().id(1).nick("a")]).await?;
    assert_eq!((both[0], both[0].name(), both[1].nick()), (both[1], "A", Some("a")));
    let new = session.merge_all([User::builder().id(8).name("E"), User::builder().id(8).name("E").nick("e")]).await?;
    assert_eq!((new[0], new[0].nick()), (new[1], Some("e")));
    Ok(())
}

async fn a_deferred_column_comes_along(db: TestDb) -> Outcome {
    let db = db.with(schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('one', 'long')"]).await?;
    let doc = db.one(&Doc::select().undefer(Doc::BODY)).await?;
    let session = db.session();
    let log = db.statement_log();
    let merged = session.merge(&doc).await?;
    log.assert(&["SELECT docs"]);
    assert_eq!(merged.body(), Some("long"));
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_server_default_is_left_alone(db: TestDb) -> Outcome {
    let db = db.with(schema![Stamped]).await?;
    db.run(&["INSERT INTO stamped (name, state) VALUES ('one', 'old')"]).await?;
    let session = db.session();
    let merged = session.merge(Stamped::builder().id(1).name("two")).await?;
    assert_eq!((merged.name(), merged.state()), ("two", "old"));
    let new = session.merge(Stamped::builder().id(5).name("new")).await?;
    assert_eq!(new.state(), "fresh");
    Ok(())
}

async fn an_expired_target_whose_row_is_gone_is_inserted_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(3).await?;
    session.commit().await?;
    db.run(&["DELETE FROM users WHERE id = 3"]).await?;
    let log = db.statement_log();
    let cy = session.merge(User::builder().id(3).name("Cy")).await?;
    log.assert(&["SELECT users", "INSERT users"]);
    assert_eq!(session.get_one::<User>(3).await?, cy);
    session.rollback().await?;
    assert!(session.get::<User>(3).await?.is_none());
    Ok(())
}

async fn merging_into_a_failed_session_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.add(User::builder().name("Ada"))?;
    refused(session.flush().await, ErrorKind::UniqueViolation);
    refused(session.merge(User::changes().id(1)).await, ErrorKind::PendingRollback);
    refused(session.merge(Address::builder().email("x")).await, ErrorKind::PendingRollback);
    session.rollback().await?;
    assert_eq!(session.merge(User::changes().id(1)).await?.name(), "Ada");
    Ok(())
}
