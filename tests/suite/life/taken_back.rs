//! What is marked for deletion is not handed out as if it stayed; deletions and additions can be taken back.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Kid, Marker, MarkerKey, Parent, User};

each_backend!(
    get_or_insert_makes_a_new_one_of_what_is_marked_for_deletion,
    get_or_insert_knows_what_a_deletion_takes_along,
    one_or_insert_does_not_find_what_is_marked_for_deletion,
    try_insert_takes_the_place_of_what_is_marked_for_deletion,
    an_upsert_takes_the_place_of_what_is_marked_for_deletion,
    a_merge_does_not_go_into_what_is_marked_for_deletion,
    nothing_is_left_of_empty_changes_of_an_unknown_key,
    a_deletion_is_taken_back_while_a_handle_lives,
    what_a_flush_deleted_is_not_taken_back,
    an_addition_is_taken_back_without_a_key,
    what_an_addition_brought_along_is_taken_back_with_it,
    what_has_a_row_is_not_withdrawn,
);

async fn markers(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Marker, User, Address, Parent, Kid]).await?;
    db.run(&[
        "INSERT INTO markers (a, b, name) VALUES (1, 1, 'old'), (1, 2, 'other')",
        "INSERT INTO users (name) VALUES ('Cy')",
        "INSERT INTO parents (name) VALUES ('P')",
        "INSERT INTO kids (name, parent_id) VALUES ('K', 1)",
    ])
    .await?;
    Ok(db)
}

const KEY: MarkerKey = MarkerKey { a: 1, b: 1 };

fn new_marker() -> impl FnOnce() -> Transient<Marker> + Send {
    || Marker::builder().a(1).b(1).name("new").build()
}

async fn marker_name(db: &TestDb) -> Outcome<Option<String>> {
    let found = db.one_or_none(&Marker::select().filter(Marker::A.eq(1) & Marker::B.eq(1))).await?;
    Ok(found.map(|marker| marker.name().to_owned()))
}

async fn get_or_insert_makes_a_new_one_of_what_is_marked_for_deletion(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    for autoflush in [true, false] {
        let mut session = db.session_factory().autoflush(autoflush).session();
        let old = session.get_one::<Marker>(KEY).await?;
        session.delete(&old).await?;
        let log = db.statement_log();
        let new = session.get_or_insert::<Marker, _, _>(KEY, new_marker()).await?;
        assert_eq!(new.name(), "new");
        assert!(new != old);
        log.assert(&["DELETE markers", "SELECT markers", "SAVEPOINT", "INSERT markers", "RELEASE"]);
        // What is not marked costs nothing, whatever else is pending.
        session.get_one::<Marker>(MarkerKey { a: 1, b: 2 }).await?.set_name("changed");
        drop(log.take());
        session.get_or_insert::<Marker, _, _>(KEY, new_marker()).await?;
        log.assert(&[]);
        session.commit().await?;
        assert_eq!(marker_name(&db).await?.as_deref(), Some("new"));
    }
    Ok(())
}

async fn get_or_insert_knows_what_a_deletion_takes_along(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    let mut session = db.session();
    let (parent, _kid) = (session.get_one::<Parent>(1).await?, session.get_one::<Kid>(1).await?);
    session.delete(&parent).await?;
    let other = session.add(Parent::builder().name("Q"))?;
    let kid = session.get_or_insert::<Kid, _, _>(1, || Kid::builder().id(1).name("new").parent(other)).await?;
    assert_eq!(kid.name(), "new");
    session.commit().await?;
    assert_eq!(db.one(&Kid::select()).await?.name(), "new");
    Ok(())
}

async fn one_or_insert_does_not_find_what_is_marked_for_deletion(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    for autoflush in [true, false] {
        let mut session = db.session_factory().autoflush(autoflush).session();
        let old = session.one(&User::select()).await?;
        session.delete(&old).await?;
        let cy = User::select().filter(User::NAME.eq("Cy"));
        let new = session.one_or_insert(&cy, || User::builder().name("Cy")).await?;
        assert!(new != old);
        session.commit().await?;
        assert_eq!(db.count(&cy).await?, 1, "autoflush {autoflush}");
    }
    Ok(())
}

async fn try_insert_takes_the_place_of_what_is_marked_for_deletion(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    let mut session = db.session();
    session.delete(&session.get_one::<Marker>(KEY).await?).await?;
    let new = session.try_insert(new_marker()()).await??;
    assert_eq!(new.name(), "new");
    session.commit().await?;
    assert_eq!(marker_name(&db).await?.as_deref(), Some("new"));
    Ok(())
}

async fn an_upsert_takes_the_place_of_what_is_marked_for_deletion(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    for autoflush in [true, false] {
        let mut session = db.session_factory().autoflush(autoflush).session();
        let old = session.one(&User::select()).await?;
        session.delete(&old).await?;
        let new = session.upsert(User::builder().name("Cy"), on_conflict(User::NAME).do_nothing()).await?;
        assert!(new != old);
        session.commit().await?;
        assert_eq!(db.count(&User::select()).await?, 1, "autoflush {autoflush}");
    }
    Ok(())
}

async fn a_merge_does_not_go_into_what_is_marked_for_deletion(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    for autoflush in [true, false] {
        let mut session = db.session_factory().autoflush(autoflush).session();
        let old = session.get_one::<Marker>(KEY).await?;
        let mut value = session.detach(&old)?;
        value.set_name("merged");
        session.delete(&old).await?;
        let new = session.merge(value).await?;
        assert!(new != old);
        assert_eq!(new.name(), "merged");
        session.commit().await?;
        assert_eq!(marker_name(&db).await?.as_deref(), Some("merged"), "autoflush {autoflush}");
        // Changes are of a row that is there.
        session.delete(&session.get_one::<Marker>(KEY).await?).await?;
        refused(session.merge(Marker::changes().a(1).b(1).name("x")).await.map(drop), ErrorKind::NotFound);
        session.rollback().await?;
    }
    Ok(())
}

async fn nothing_is_left_of_empty_changes_of_an_unknown_key(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.apply(Key::<User>::new(1), User::changes())?;
    let error = session.peek::<User>(1).map(drop).err();
    assert!(error.as_ref().is_some_and(|error| !error.to_string().contains("expired")), "{error:?}");
    assert!(matches!(error, Some(orm_core::error::StateError::NotLoaded { .. })), "{error:?}");
    session.apply(Key::<User>::new(9), User::changes())?;
    assert!(session.get::<User>(9).await?.is_none());
    let dan = session.insert(User::builder().id(9).name("Dan")).await?;
    assert_eq!(dan.id(), 9);
    Ok(())
}

async fn a_deletion_is_taken_back_while_a_handle_lives(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    session.undelete(&ada)?;
    session.delete(&ada).await?;
    assert!(session.inspect(&ada)?.is_to_be_deleted());
    ada.set_nick("stays");
    session.undelete(&ada)?;
    assert!(!session.inspect(&ada)?.is_to_be_deleted());
    assert!(session.deleted::<User>().is_empty());
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    session.delete(&ada).await?;
    session.undelete(&ada)?;
    session.delete(&ada).await?;
    session.flush().await?;
    log.assert(&["SELECT addresses", "UPDATE addresses", "DELETE users"]);
    session.rollback().await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn what_a_flush_deleted_is_not_taken_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let cy = session.get_one::<User>(3).await?;
    session.delete(&cy).await?;
    session.flush().await?;
    let error = refused(session.undelete(&cy), ErrorKind::ObjectDeleted);
    assert_eq!((error.verb(), error.key()), (Some("undelete"), Some("3")));
    let other = db.session();
    refused(other.undelete(&cy), ErrorKind::NotInSession);
    Ok(())
}

async fn an_addition_is_taken_back_without_a_key(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let address = session.get_one::<Address>(4).await?;
    let (dan, eve) = (session.add(User::builder().name("Dan"))?, session.add(User::builder().name("Eve"))?);
    address.set_user(dan)?;
    session.withdraw(&dan)?;
    session.withdraw(&dan)?;
    assert_eq!(dan.name(), "Dan");
    assert_eq!(session.new_objects::<User>().len(), 1);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT users"]);
    assert_eq!(session.persisted(&eve)?.name(), "Eve");
    assert!(session.persisted(&dan).is_err());
    // A key that it was given is free again.
    let old = session.add(User::builder().id(9).name("old"))?;
    session.withdraw(&old)?;
    session.insert(User::builder().id(9).name("new")).await?;
    session.commit().await?;
    let names = db.all(&User::select().filter(User::ID.gt(3)).order_by(User::NAME.asc())).await?;
    assert_eq!(names.iter().map(|user| user.name()).collect::<Vec<_>>(), ["Eve", "new"]);
    Ok(())
}

async fn what_an_addition_brought_along_is_taken_back_with_it(db: TestDb) -> Outcome {
    let db = markers(db).await?;
    let session = db.session();
    let kid = session.get_one::<Kid>(1).selectin(Kid::PARENT).await?;
    let old = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let parent = session.add(Parent::builder().name("new").kids([Kid::builder().name("new")]))?;
    kid.set_parent(parent)?;
    session.withdraw(&parent)?;
    assert_eq!((old.kids().len(), kid.parent().id()), (1, 1), "it stays where it was");
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    assert_eq!(session.count(&Kid::select()).await?, 1);
    Ok(())
}

async fn what_has_a_row_is_not_withdrawn(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let dan = session.add(User::builder().name("Dan"))?;
    session.flush().await?;
    let error = refused(session.withdraw(&dan), ErrorKind::State);
    assert!(error.to_string().contains("session.delete(&session.persisted(&pending)?).await?"), "{error}");
    let other = db.session();
    refused(other.withdraw(&dan), ErrorKind::NotInSession);
    Ok(())
}
