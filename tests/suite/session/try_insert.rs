//! `try_insert` and `get_or_insert`: a constraint refuses the new object alone, and the session goes on.

use orm_core::{
    database::BeginMode,
    error::{ConflictKind, ErrorKind},
    prelude::*,
    schema,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Item, Kid, Marker, MarkerKey, Order, Parent, Stamped, User, Versioned};

each_backend!(
    what_nothing_refuses_is_inserted_within_a_savepoint,
    a_refused_graph_is_gone_and_the_session_lives_on,
    what_was_pending_before_is_flushed_first_and_stays,
    what_was_pending_before_and_is_refused_ends_the_transaction,
    each_kind_of_constraint_is_a_conflict_of_its_own,
    an_error_that_is_no_conflict_is_the_outer_one,
    a_key_that_the_session_holds_is_refused_without_a_statement,
    a_child_that_was_to_come_along_stays_with_its_parent,
    pairs_of_a_refused_object_are_gone_too,
    get_or_insert_gets_what_is_there,
    get_or_insert_with_another_key_in_the_builder_says_so,
    one_or_insert_finds_or_makes,
    a_cancelled_try_insert_asks_for_a_rollback,
);

each_backend!(sqlite_file: two_writers_get_the_same_object, the_other_writer_wins);

async fn what_nothing_refuses_is_inserted_within_a_savepoint(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let addresses = [Address::builder().email("dan@x.org"), Address::builder().email("dan@y.org")];
    let dan = session.try_insert(User::builder().name("Dan").addresses(addresses)).await??;
    log.assert(&["SAVEPOINT", "INSERT users", "INSERT addresses", "RELEASE"]);
    assert_eq!(dan.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(), ["dan@x.org", "dan@y.org"]);
    session.commit().await?;
    assert_eq!(db.count(&Address::select()).await?, 6);
    Ok(())
}

async fn a_refused_graph_is_gone_and_the_session_lives_on(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    let graph = User::builder().name("Ada").addresses([Address::builder().email("other@x.org")]);
    let Err(conflict) = session.try_insert(graph).await? else { panic!("the name is taken") };
    log.assert(&["SAVEPOINT", "INSERT users", "ROLLBACK TO"]);
    assert_eq!((conflict.kind(), conflict.entity()), (ConflictKind::Unique, Some("User")));
    assert_eq!(conflict.columns(), ["name"]);
    if db.is_postgres() {
        assert!(conflict.constraint().is_some_and(|name| name.contains("name")), "{conflict:?}");
    }
    assert_eq!(Error::from(conflict).kind(), ErrorKind::UniqueViolation);

    assert!(!session.needs_rollback());
    ada.set_nick("still here");
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    session.try_insert(User::builder().name("Dan")).await??;
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    assert_eq!(db.count(&Address::select()).await?, 4);
    assert_eq!(db.one(&User::select().filter(User::ID.eq(1))).await?.nick(), Some("still here"));
    Ok(())
}

async fn what_was_pending_before_is_flushed_first_and_stays(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let bob = session.get_one::<User>(2).await?;
    let dan = session.add(User::builder().name("Dan"))?;
    bob.set_nick("before");
    let log = db.statement_log();
    assert!(session.try_insert(User::builder().name("Ada")).await?.is_err());
    log.assert(&["UPDATE users", "INSERT users", "SAVEPOINT", "INSERT users", "ROLLBACK TO"]);
    assert_eq!(session.persisted(&dan)?.name(), "Dan");
    session.commit().await?;
    assert_eq!(db.count(&User::select().filter(User::NAME.eq("Dan"))).await?, 1);
    Ok(())
}

async fn what_was_pending_before_and_is_refused_ends_the_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.add(User::builder().name("Ada"))?;
    refused(session.try_insert(User::builder().name("Dan")).await, ErrorKind::UniqueViolation);
    assert!(session.needs_rollback());
    refused(session.try_insert(User::builder().name("Dan")).await, ErrorKind::PendingRollback);
    Ok(())
}

async fn each_kind_of_constraint_is_a_conflict_of_its_own(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let id = db.or_mysql("id integer PRIMARY KEY", "id integer AUTO_INCREMENT PRIMARY KEY");
    let id = if db.is_postgres() { "id bigserial PRIMARY KEY" } else { id };
    db.run(&[
        &format!("CREATE TABLE stamped ({id}, name text, state varchar(9) DEFAULT 'fresh', epoch text NOT NULL)"),
        &format!("CREATE TABLE versioned ({id}, name text CHECK (name <> 'none'), version integer)"),
    ])
    .await?;
    let session = db.session();
    let kind = |conflict: Option<Conflict>| conflict.map(|conflict| conflict.kind());
    let not_null = session.try_insert(Stamped::builder().name("s")).await?.err();
    assert_eq!(kind(not_null), Some(ConflictKind::NotNull));
    let check = session.try_insert(Versioned::builder().name("none")).await?.err();
    assert_eq!(kind(check), Some(ConflictKind::Check));
    let address = Address::builder().email("x").user(Key::<User>::new(99));
    let foreign_key = session.try_insert(address).await?.err();
    assert_eq!(kind(foreign_key), Some(ConflictKind::ForeignKey));
    assert!(!session.needs_rollback());
    Ok(())
}

async fn an_error_that_is_no_conflict_is_the_outer_one(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let mut session = db.session();
    let error = refused(session.try_insert(Kid::builder().name("orphan")).await, ErrorKind::MissingParent);
    assert_eq!(error.verb(), Some("try_insert"));
    assert!(!session.needs_rollback(), "the savepoint mends it");
    session.try_insert(Parent::builder().name("P").kids([Kid::builder().name("K")])).await??;
    session.commit().await?;
    assert_eq!(db.count(&Kid::select()).await?, 1);
    Ok(())
}

async fn a_key_that_the_session_holds_is_refused_without_a_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.get_one::<User>(1).await?;
    let log = db.statement_log();
    refused(session.try_insert(User::builder().id(1).name("Dan")).await, ErrorKind::IdentityConflict);
    log.assert_silent();
    assert!(!session.needs_rollback());
    Ok(())
}

async fn a_child_that_was_to_come_along_stays_with_its_parent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    let Some(first) = ada.addresses().iter().next() else { panic!("Ada has addresses") };
    let graph = User::builder().name("Bob").addresses([first]);
    assert!(session.try_insert(graph).await?.is_err());
    let mut emails: Vec<&str> = ada.addresses().iter().map(|it| it.email()).collect();
    emails.sort_unstable();
    assert_eq!(emails, ["ada@x.org", "ada@y.org"]);
    assert_eq!(first.user_id(), Some(1));
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn pairs_of_a_refused_object_are_gone_too(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.one(&Order::select().filter(Order::ID.eq(3)).selectin(Order::ITEMS)).await?;
    assert!(session.try_insert(Item::builder().name("nut").orders([order])).await?.is_err());
    assert_eq!(order.items().len(), 0);
    session.try_insert(Item::builder().name("cog").orders([order])).await??;
    assert_eq!(order.items().len(), 1);
    session.commit().await?;
    assert_eq!(db.one(&Order::select().filter(Order::ID.eq(3)).selectin(Order::ITEMS)).await?.items().len(), 1);
    Ok(())
}

async fn get_or_insert_gets_what_is_there(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let log = db.statement_log();
    let key = || MarkerKey { a: 1, b: 2 };
    let make = || Marker::builder().a(1).b(2).name("made");
    let first = session.get_or_insert(key(), make).await?;
    log.assert(&["SELECT markers", "SAVEPOINT", "INSERT markers", "RELEASE"]);
    let again = session.get_or_insert(key(), || -> Transient<Marker> { panic!("it is there") }).await?;
    log.assert_silent();
    assert_eq!((first, first.name()), (again, "made"));
    Ok(())
}

async fn get_or_insert_with_another_key_in_the_builder_says_so(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let make = || Marker::builder().a(1).b(1).name("other");
    let error = refused(session.get_or_insert(MarkerKey { a: 1, b: 2 }, make).await, ErrorKind::State);
    assert_eq!((error.entity(), error.verb()), (Some("Marker"), Some("get_or_insert")));
    Ok(())
}

async fn one_or_insert_finds_or_makes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let named = |name: &str| User::select().filter(User::NAME.eq(name));
    assert_eq!(session.one_or_insert(&named("Ada"), || User::builder().name("Ada")).await?.id(), 1);
    log.assert(&["SELECT users"]);
    let dan = session.one_or_insert(&named("Dan"), || User::builder().name("Dan")).await?;
    log.assert(&["SELECT users", "SAVEPOINT", "INSERT users", "RELEASE"]);
    assert_eq!(session.one_or_insert(&named("Dan"), || User::builder().name("Dan")).await?, dan);
    Ok(())
}

async fn a_cancelled_try_insert_asks_for_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    // The transaction is open, so that the first poll sends the savepoint and waits for its answer (SQLite waits for nothing).
    session.get_one::<User>(1).await?;
    {
        let mut future = Box::pin(session.try_insert(User::builder().name("Dan")));
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready()));
        if polled.await {
            return Ok(());
        }
    }
    refused(session.flush().await, ErrorKind::PendingRollback);
    session.rollback().await?;
    session.try_insert(User::builder().name("Dan")).await??;
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn two_writers_get_the_same_object(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let write = |name: &'static str| {
        let factory = db.session_factory().begin_mode(BeginMode::Immediate);
        async move {
            let mut session = factory.session();
            let make = || Marker::builder().a(1).b(2).name(name);
            let name = session.get_or_insert(MarkerKey { a: 1, b: 2 }, make).await?.name().to_owned();
            session.commit().await?;
            Ok::<_, Error>(name)
        }
    };
    let writers: Vec<_> = ["one", "two", "three", "four"].map(|name| tokio::spawn(write(name))).into();
    let mut seen = Vec::new();
    for writer in writers {
        seen.push(writer.await??);
    }
    let stored = db.one(&Marker::select()).await?;
    assert!(seen.iter().all(|name| *name == stored.name()), "{seen:?}");
    Ok(())
}

async fn the_other_writer_wins(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let key = || MarkerKey { a: 1, b: 2 };
    let factory = db.session_factory().begin_mode(BeginMode::Immediate);
    let mut winner = factory.session();
    winner.get_or_insert(key(), || Marker::builder().a(1).b(2).name("winner")).await?;
    let loser = factory.session();
    let late = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        winner.commit().await
    };
    let make = || Marker::builder().a(1).b(2).name("loser");
    let (got, committed) = tokio::join!(loser.get_or_insert(key(), make), late);
    committed?;
    assert_eq!(got?.name(), "winner");
    assert!(!loser.needs_rollback());
    Ok(())
}
