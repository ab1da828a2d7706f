//! What a factory says of its sessions: read-only ones, info; and `reset`.

use orm_core::{
    database::{BeginMode, Isolation},
    error::ErrorKind,
    prelude::*,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    a_read_only_session_reads_and_refuses_every_write_before_it_is_sent,
    a_read_only_transaction_is_so_for_the_database_too,
    what_is_set_in_a_read_only_session_is_refused_by_the_flush,
    a_reset_session_is_as_new,
    info_is_found_by_its_type,
    factory_options_stay_apart,
);

async fn a_read_only_session_reads_and_refuses_every_write_before_it_is_sent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().read_only().session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    assert_eq!((ada.addresses().len(), session.count(&User::select()).await?), (2, 3));
    let log = db.statement_log();
    for error in [
        session.add(User::builder().name("Dan")).map(drop),
        session.insert(User::builder().name("Dan")).await.map(drop),
        session.try_insert(User::builder().name("Dan")).await.map(drop),
        session.delete(&ada).await,
        session.insert_many([User::builder().name("Dan")]).await.map(drop),
        session.get::<User>(2).for_update().await.map(drop),
        session.refresh(&ada).for_update().await,
        session.all(&User::select().for_share()).await.map(drop),
    ] {
        let error = refused(error, ErrorKind::ReadOnly);
        assert_eq!(error.entity(), Some("User"), "{error}");
        assert!(error.verb().is_some(), "{error}");
    }
    for sql in ["UPDATE users SET nick = 'x'", "DROP TABLE users", "DELETE FROM users"] {
        refused(session.sql(sql).execute().await, ErrorKind::ReadOnly);
    }
    refused(session.update(&User::update().set(User::NICK, "x")).await, ErrorKind::ReadOnly);
    let error = refused(session.delete_where(User::ID.eq(1)).await, ErrorKind::ReadOnly);
    assert_eq!(
        error.to_string(),
        "delete_where: User: this session only reads (`SessionFactory::read_only`): write with a session of another factory"
    );
    log.assert_silent();
    assert!(!session.needs_rollback());
    session.commit().await?;
    // The connection writes again.
    db.run(&["UPDATE users SET nick = 'free' WHERE id = 1"]).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?.set_nick("too");
    session.commit().await?;
    Ok(())
}

async fn a_read_only_transaction_is_so_for_the_database_too(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    // What the words of a statement do not tell.
    if db.is_mysql() {
        let wipe = "CREATE FUNCTION wipe() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM addresses; RETURN 1; END";
        db.run(&[wipe]).await?;
    } else if db.is_postgres() {
        db.run(&["CREATE FUNCTION wipe() RETURNS integer LANGUAGE sql AS 'DELETE FROM addresses; SELECT 1'"]).await?;
    }
    for isolation in [None, Some(Isolation::RepeatableRead), Some(Isolation::Serializable)] {
        let factory = db.session_factory().read_only();
        let factory = if let Some(isolation) = isolation { factory.isolation(isolation) } else { factory };
        let session = factory.session();
        let sql = match db.is_sqlite() {
            true => "WITH nobody AS (SELECT 0 AS id) DELETE FROM addresses WHERE id > (SELECT id FROM nobody)",
            false => "SELECT wipe()",
        };
        let error = refused(session.sql(sql).execute().await, ErrorKind::ReadOnly);
        // SQLite's functions do not write: no words get through to it.
        assert!(db.is_sqlite() || error.to_string() == "the transaction only reads", "{error}");
        // Left behind in the middle of the transaction.
        drop(session);
        assert_eq!(db.count(&Address::select()).await?, 4);
        db.run(&["UPDATE users SET nick = 'free' WHERE id = 1"]).await?;
    }
    Ok(())
}

async fn what_is_set_in_a_read_only_session_is_refused_by_the_flush(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().read_only().session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    ada.set_nick("changed");
    let error = refused(session.flush().await, ErrorKind::ReadOnly);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("User"), Some("1"), Some("flush")));
    refused(session.count(&User::select()).await, ErrorKind::ReadOnly);
    refused(session.commit_keeping().await, ErrorKind::ReadOnly);
    log.assert_silent();
    ada.set_nick("countess");
    session.flush().await?;
    log.assert_silent();
    session.get_one::<Address>(4).await?.set_user(ada)?;
    refused(session.commit().await, ErrorKind::ReadOnly);
    session.expire::<Address>(4);
    session.commit().await?;
    Ok(())
}

async fn a_reset_session_is_as_new(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().info(7_u8).session();
    session.set_info("asked".to_owned());
    session.insert(User::builder().name("Dan")).await?;
    session.get_one::<User>(1).await?.set_nick("lost");
    let log = db.statement_log();
    session.reset().await?;
    log.assert_framed(&["ROLLBACK"]);
    assert!(matches!(session.peek::<User>(1), Err(StateError::NotLoaded { .. })), "not even expired");
    assert!(session.dirty::<User>().is_empty());
    assert_eq!((session.info::<u8>(), session.info::<String>().map(|it| &**it)), (Some(&7), Some("asked")));
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    assert_eq!(session.count(&User::select()).await?, 3);
    // A failed session, and one that did nothing.
    session.add(User::builder().name("Ada"))?;
    refused(session.flush().await, ErrorKind::UniqueViolation);
    session.reset().await?;
    session.reset().await?;
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

#[derive(Debug, PartialEq)]
struct Tenant(i64);

async fn info_is_found_by_its_type(db: TestDb) -> Outcome {
    let factory = db.session_factory().info(Tenant(1)).info("name");
    let session = factory.session();
    assert_eq!((session.info::<Tenant>(), session.info::<&str>()), (Some(&Tenant(1)), Some(&"name")));
    assert_eq!(session.info::<u64>(), None);
    let before = session.info::<Tenant>();
    session.set_info(Tenant(2));
    session.set_info(9_u64);
    assert_eq!(
        (before, session.info::<Tenant>(), session.info::<u64>()),
        (Some(&Tenant(1)), Some(&Tenant(2)), Some(&9))
    );
    assert_eq!(factory.session().info::<Tenant>(), Some(&Tenant(1)), "of that session alone");
    assert_eq!(db.session().info::<Tenant>(), None);
    Ok(())
}

async fn factory_options_stay_apart(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let isolated = db.session_factory().isolation(Isolation::Serializable).begin_mode(BeginMode::Immediate);
    let reading = isolated.clone().read_only();
    let log = db.statement_log();
    for (factory, sqlite, postgres, mysql) in [
        (
            &isolated,
            "BEGIN IMMEDIATE",
            "BEGIN ISOLATION LEVEL SERIALIZABLE",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN",
        ),
        (
            &reading,
            "BEGIN",
            "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION READ ONLY",
        ),
    ] {
        factory.session().get_one::<User>(1).await?;
        let begun = &log.take()[0].sql;
        assert_eq!(begun, db.or_mysql(if db.is_postgres() { postgres } else { sqlite }, mysql));
    }
    Ok(())
}
