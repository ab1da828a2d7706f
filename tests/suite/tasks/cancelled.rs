//! Futures that are dropped at any await: no open transaction goes back to the pool, nothing half-applied is seen.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use orm_core::{entity::Key, error::ErrorKind};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    sqlite_file: a_flush_dropped_at_any_await,
    a_commit_dropped_at_any_await,
    a_rollback_dropped_at_any_await,
    a_whole_piece_of_work_dropped_at_any_await,
    a_get_dropped_at_any_await,
    a_query_with_hints_dropped_at_any_await,
);

/// Polls so many times, waiting for the driver in between, and drops the future. Whether it had answered.
async fn poll_and_drop<F: Future>(future: F, polls: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return true;
        }
        // The answer of the server arrives meanwhile.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    false
}

/// What is committed is either all there or not at all, and no connection is left in a transaction.
async fn check(db: &TestDb, committed: &[u64]) -> Outcome<u64> {
    let dans = db.count(&User::select().filter(User::NAME.eq("Dan"))).await?;
    let addresses = db.count(&Address::select().filter(Address::EMAIL.starts_with("dan"))).await?;
    assert_eq!(addresses, dans * 2, "all of it or nothing");
    assert!(committed.contains(&dans), "{dans} of {committed:?}");
    // A writer gets through: nobody holds a lock.
    let writer = db.options().lock_timeout(std::time::Duration::from_secs(2)).connect().await?;
    writer.execute("UPDATE users SET nick = 'free' WHERE id = 1", vec![]).await?;
    db.run(&["DELETE FROM addresses WHERE email LIKE 'dan%'", "DELETE FROM users WHERE name = 'Dan'"]).await?;
    Ok(dans)
}

fn dan() -> orm_core::handle::Transient<User> {
    User::builder()
        .name("Dan")
        .addresses(["dan@x.org", "dan@y.org"].map(|email| Address::builder().email(email)))
        .build()
}

async fn a_flush_dropped_at_any_await(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for polls in 0..40 {
        let mut session = db.session();
        let ada = session.get_one::<User>(1).await?;
        let pending = session.add(dan())?;
        ada.set_nick("changed");
        if poll_and_drop(session.flush(), polls).await {
            session.close().await?;
            check(&db, &[0]).await?;
            assert!(polls > 0);
            return Ok(());
        }
        // Handles show what they showed before; what needs the database asks for a rollback, unless nothing had begun.
        assert_eq!((ada.nick(), pending.name()), (Some("changed"), "Dan"));
        assert!(session.persisted(&pending).is_err(), "nothing is published");
        match session.count(&User::select()).await {
            Ok(count) => assert_eq!((polls, count), (0, 4)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::PendingRollback, "{error:?}"),
        }
        if session.needs_rollback() {
            refused(session.flush().await, ErrorKind::PendingRollback);
            refused(session.commit_keeping().await, ErrorKind::PendingRollback);
        }
        session.rollback().await?;
        assert_eq!(session.get_one::<User>(2).await?.name(), "Bob");
        session.close().await?;
        check(&db, &[0]).await?;
    }
    panic!("the flush never ended");
}

async fn a_commit_dropped_at_any_await(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for polls in 0..40 {
        let mut session = db.session();
        session.add(dan())?;
        let done = poll_and_drop(session.commit(), polls).await;
        drop(session);
        // Dropped, nobody knows whether the server had committed already.
        let dans = check(&db, &[0, 1]).await?;
        if done {
            assert_eq!(dans, 1);
            return Ok(());
        }
    }
    panic!("the commit never ended");
}

async fn a_rollback_dropped_at_any_await(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for polls in 0..40 {
        let mut session = db.session();
        let key = Key::of(&session.insert(dan()).await?);
        session.get_one::<User>(1).await?.set_nick("changed");
        let done = poll_and_drop(session.rollback(), polls).await;
        if polls > 0 {
            // The session has forgotten what was rolled back, whether or not the server's answer was waited for.
            assert_ne!(session.get_one::<User>(1).await?.nick(), Some("changed"));
            assert!(session.get(key).await?.is_none());
        }
        session.close().await?;
        check(&db, &[0]).await?;
        if done {
            return Ok(());
        }
    }
    panic!("the rollback never ended");
}

async fn a_whole_piece_of_work_dropped_at_any_await(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for polls in 0..60 {
        let mut session = db.session();
        let work = async {
            let ada = session.get_one::<User>(1).await?;
            let dan = session.insert(dan()).await?;
            ada.set_nick("changed");
            session.flush().await?;
            dan.set_nick("changed too");
            session.commit().await
        };
        let done = poll_and_drop(work, polls).await;
        if !done {
            // Whatever it was in the middle of, it goes on where nothing is unknown, and else asks for a rollback.
            match session.count(&User::select()).await {
                Ok(count) => assert!((3..=4).contains(&count), "{count}"),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::PendingRollback, "{error:?}");
                    refused(session.commit().await, ErrorKind::PendingRollback);
                }
            }
            session.rollback().await?;
            assert_eq!(session.get_one::<User>(2).await?.name(), "Bob");
        }
        drop(session);
        let dans = check(&db, &[0, 1]).await?;
        let nick = db.session().get_one::<User>(1).await?.nick().map(str::to_owned);
        assert_eq!(nick.as_deref(), Some("free"), "the writer of the check came through");
        if done {
            assert_eq!(dans, 1);
            return Ok(());
        }
    }
    panic!("the work never ended");
}

async fn a_get_dropped_at_any_await(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for polls in 0..40 {
        let mut session = db.session();
        let done = poll_and_drop(session.get_one::<User>(1), polls).await;
        match session.get_one::<User>(1).await {
            Ok(ada) => assert_eq!(ada.name(), "Ada"),
            Err(error) => {
                assert!(!done);
                assert_eq!(error.kind(), ErrorKind::PendingRollback, "{error:?}");
                session.rollback().await?;
                assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
            }
        }
        session.close().await?;
        check(&db, &[0]).await?;
        if done {
            return Ok(());
        }
    }
    panic!("the get never ended");
}

async fn a_query_with_hints_dropped_at_any_await(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES.selectin(Address::USER));
    for polls in 0..60 {
        let mut session = db.session();
        let before = session.get_one::<User>(1).await?;
        let done = poll_and_drop(session.one(&query), polls).await;
        // Loaded whole or not at all: the promise came with the list.
        if let Ok(addresses) = before.try_addresses() {
            assert_eq!(addresses.len(), 2);
        }
        assert_eq!(before.name(), "Ada");
        session.rollback().await?;
        let ada = session.one(&query).await?;
        assert!(ada.addresses().iter().all(|address| address.user().is_some_and(|user| user == ada)));
        session.close().await?;
        if done {
            return check(&db, &[0]).await.map(drop);
        }
    }
    panic!("the query never ended");
}
