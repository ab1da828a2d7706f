//! PostgreSQL behind PgBouncer in transaction mode, where each transaction may have another server connection.

use std::time::Duration;

use orm_core::{database::Isolation, error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Item, Order, User};

each_backend!(
    only_pgbouncer: many_clients_never_get_what_another_asked_for,
    every_kind_of_statement_runs,
    types_that_the_driver_does_not_know_are_read,
    a_statement_outside_of_a_session_is_a_transaction,
    what_cannot_run_in_a_transaction_runs_alone,
    a_lock_timeout_is_that_of_each_transaction,
    nothing_is_left_behind_on_the_servers_connections,
    without_the_option_the_error_says_which_one_it_is,
    a_cancelled_statement_leaves_others_alone,
);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ColumnType, serde::Serialize)]
enum Mood {
    Happy,
    Sad,
}

#[derive(Entity)]
#[orm(table = "moods")]
struct Moody {
    #[orm(primary_key)]
    id: i64,
    mood: Mood,
    before: Option<Mood>,
}

/// More clients than the pooler has server connections, and statements of one shape and of many.
async fn many_clients_never_get_what_another_asked_for(db: TestDb) -> Outcome {
    let db = db.with(schema![User, Address]).await?;
    let clients = (0..8_i64).map(|client| {
        let options = db.options().max_connections(2);
        tokio::spawn(async move {
            let db = options.connect().await?;
            for round in 0..100_i64 {
                let mark = client * 1_000 + round;
                match round % 5 {
                    0 => {
                        let mut session = db.session();
                        let name = format!("u{mark}");
                        session.insert(User::builder().id(mark + 1).name(name.clone())).await?;
                        session.commit().await?;
                        assert_eq!(session.get_one::<User>(mark + 1).await?.name(), name);
                        session.commit().await?;
                    }
                    1 => assert_eq!(db.sql("SELECT ?").bind(mark).one::<i64>().await?, mark),
                    2 => {
                        let text = format!("SELECT 'c{client}' || ? AS x{}", round % 7);
                        assert_eq!(
                            db.sql(text).bind(mark.to_string()).one::<String>().await?,
                            format!("c{client}{mark}")
                        );
                    }
                    3 => {
                        let own = User::ID.gt(client * 1_000) & User::ID.le(client * 1_000 + 1_000);
                        let users = db.all(&User::select().filter(own).selectin(User::ADDRESSES)).await?;
                        assert_eq!(users.len() as i64, round / 5 + 1);
                        assert!(users.iter().all(|user| user.id() / 1_000 == client && user.addresses().is_empty()));
                    }
                    _ => {
                        let own = "SELECT name, id FROM users WHERE id = ?";
                        let found = db.sql(own).bind(mark - 3).first::<(String, i64)>().await?;
                        assert_eq!(found, Some((format!("u{}", mark - 4), mark - 3)));
                    }
                }
            }
            db.execute("SELECT 1", vec![]).await?;
            Ok::<_, Error>(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("no panic")?;
    }
    assert_eq!(db.count(&User::select()).await?, 160);
    Ok(())
}

async fn every_kind_of_statement_runs(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let factory = db.session_factory().isolation(Isolation::Serializable);
    let mut session = factory.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    ada.set_nick("pooled");
    session.insert_all((0..20).map(|n| User::builder().name(format!("n{n}")))).await?;
    let order = session.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    order.remove_from_items(&order.items().first().expect("an item"))?;
    let savepoint = session.savepoint().await?;
    drop(savepoint);
    session.commit().await?;
    let update = User::update().set(User::NICK, "x").filter(User::NAME.starts_with("n"));
    assert_eq!(session.update(&update).await?, 20);
    session.rollback().await?;
    assert_eq!(db.count(&User::select().filter(User::NICK.eq("pooled"))).await?, 1);
    assert_eq!(db.delete_where(User::NAME.starts_with("n")).await?, 20);
    assert_eq!(db.count(&Item::select()).await?, 3);
    db.transaction(async |session: &mut Session| session.insert(Item::builder().name("pin")).await.map(drop)).await?;
    let sandbox = db.sandbox().await?;
    sandbox.execute("DELETE FROM items WHERE name = $1", vec!["pin".into()]).await?;
    assert_eq!(sandbox.count(&Item::select()).await?, 3);
    sandbox.rollback().await?;
    assert_eq!(db.count(&Item::select()).await?, 4);
    Ok(())
}

async fn types_that_the_driver_does_not_know_are_read(db: TestDb) -> Outcome {
    let db = db.with(schema![Moody]).await?;
    for _ in 0..3 {
        // Each time a connection that knows nothing.
        let db = db.options().max_connections(1).connect().await?;
        let mut session = db.session();
        session.insert(Moody::builder().mood(Mood::Happy)).await?;
        let moody = session.all(&Moody::select().filter(Moody::MOOD.eq(Mood::Happy))).await?;
        moody[0].set_before(Some(Mood::Sad));
        session.commit().await?;
        assert_eq!(db.all(&Moody::select().filter(Moody::MOOD.in_([Mood::Happy]))).await?[0].mood(), Mood::Happy);
        db.execute("DELETE FROM moods", vec![]).await?;
    }
    Ok(())
}

async fn a_statement_outside_of_a_session_is_a_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    assert_eq!(db.count(&User::select()).await?, 3);
    log.assert_framed(&["BEGIN", "SELECT users", "COMMIT"]);
    refused(db.execute("INSERT INTO users (id, name) VALUES (1, 'again')", vec![]).await, ErrorKind::UniqueViolation);
    log.assert_framed(&["BEGIN", "INSERT", "ROLLBACK"]);
    refused(db.sql("SELECT ?").bind(1).bind(2).one::<i64>().await, ErrorKind::Value);
    log.assert_silent();
    Ok(())
}

async fn what_cannot_run_in_a_transaction_runs_alone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.execute("VACUUM users", vec![]).await?;
    db.execute("CREATE INDEX CONCURRENTLY pooled_names ON users (name)", vec![]).await?;
    let error = db.execute("VACUUM users; DROP TABLE users", vec![]).await.expect_err("two statements");
    assert!(!error.to_string().is_empty());
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_lock_timeout_is_that_of_each_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let patient = db.session();
    patient.get_one::<User>(1).for_update().await?;
    let hasty = db.options().lock_timeout(Duration::from_millis(150)).connect().await?;
    let mut session = hasty.session();
    refused(session.get::<User>(1).for_update().await.map(drop), ErrorKind::Timeout);
    session.rollback().await?;
    refused(hasty.execute("UPDATE users SET nick = 'x' WHERE id = 1", vec![]).await, ErrorKind::Timeout);
    drop(patient);
    for _ in 0..6 {
        assert_eq!(db.sql("SHOW lock_timeout").one::<String>().await?, "0");
    }
    Ok(())
}

async fn nothing_is_left_behind_on_the_servers_connections(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for round in 0..30 {
        db.sql(format!("SELECT {round}")).one::<i64>().await?;
        let mut session = db.session();
        session.all(&User::select().filter(User::ID.gt(round))).await?;
        session.commit().await?;
        assert_eq!(db.sql("SELECT count(*) FROM pg_prepared_statements").one::<i64>().await?, 0);
    }
    Ok(())
}

async fn without_the_option_the_error_says_which_one_it_is(db: TestDb) -> Outcome {
    let url = db.url().replace("?transaction_pooler=true", "");
    let options = Database::options(&*url).lock_timeout(Duration::from_secs(1)).connect().await;
    let error = options.expect_err("a parameter that PgBouncer refuses");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("transaction_pooler"), "{error}");
    let url = format!("{}&options=-c%20search_path%3Dx", db.url());
    let error = Database::connect(url).await.expect_err("a parameter that PgBouncer refuses");
    assert!(error.kind() == ErrorKind::Configuration && error.to_string().contains("ALTER ROLE"), "{error}");
    Ok(())
}

async fn a_cancelled_statement_leaves_others_alone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for _ in 0..3 {
        let slow = db.sql("SELECT pg_sleep(5)").all::<Option<String>>();
        assert!(tokio::time::timeout(Duration::from_millis(100), slow).await.is_err());
        assert_eq!(db.count(&User::select()).await?, 3);
        let session = db.session();
        let slow = session.sql("SELECT pg_sleep(5)").all::<Option<String>>();
        assert!(tokio::time::timeout(Duration::from_millis(100), slow).await.is_err());
        drop(session);
        assert_eq!(db.sql("SELECT ?").bind(7_i64).one::<i64>().await?, 7);
    }
    Ok(())
}
