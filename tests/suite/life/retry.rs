//! `transaction`: commits, rolls back, tries again.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use orm_core::{
    database::{BeginMode, Isolation},
    error::ErrorKind,
    prelude::*,
};
use orm_tests::{Failure, Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, User, Versioned};

each_backend!(
    a_transaction_commits_and_gives_back_what_its_closure_does,
    an_error_of_the_closure_rolls_back_and_is_not_tried_again,
    a_stale_row_is_tried_again_as_often_as_was_said,
);

each_backend!(sqlite_file: writers_that_meet_all_succeed, a_transaction_runs_in_a_task,);

async fn a_transaction_commits_and_gives_back_what_its_closure_does(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let name = "Dan".to_owned();
    let log = db.statement_log();
    let key = db
        .transaction(async |session: &mut Session| {
            let dan = session.insert(User::builder().name(&*name)).await?;
            Ok::<_, Error>(Key::of(&dan))
        })
        .await?;
    log.assert_framed(&["BEGIN", "INSERT users", "COMMIT"]);
    assert_eq!(db.session().get_one(key).await?.name(), name);
    Ok(())
}

async fn an_error_of_the_closure_rolls_back_and_is_not_tried_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let tries = AtomicU32::new(0);
    let result = db
        .transaction(async |session: &mut Session| {
            tries.fetch_add(1, Ordering::Relaxed);
            session.insert(User::builder().name("Dan")).await?;
            session.insert(User::builder().name("Ada")).await?;
            Ok::<_, Error>(())
        })
        .await;
    refused(result, ErrorKind::UniqueViolation);
    // At the commit as well.
    let result = db
        .transaction(async |session: &mut Session| {
            tries.fetch_add(1, Ordering::Relaxed);
            session.add(User::builder().name("Ada")).map(drop)
        })
        .await;
    refused(result, ErrorKind::UniqueViolation);
    assert_eq!((tries.load(Ordering::Relaxed), db.count(&User::select()).await?), (2, 3));
    Ok(())
}

async fn a_stale_row_is_tried_again_as_often_as_was_said(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![Versioned]).await?;
    db.run(&["INSERT INTO versioned (name, version) VALUES ('a', 1)"]).await?;
    let tries = AtomicU32::new(0);
    let change = async |session: &mut Session, until: u32| {
        let it = session.get_one::<Versioned>(1).await?;
        if tries.fetch_add(1, Ordering::Relaxed) < until {
            session.sql("UPDATE versioned SET version = version + 1 WHERE id = 1").execute().await?;
        }
        it.set_name(format!("mine {until}"));
        session.flush().await
    };
    db.transaction(async |session: &mut Session| change(session, 2).await).await?;
    assert_eq!(tries.swap(0, Ordering::Relaxed), 3);
    let factory = db.session_factory().attempts(2);
    let result = factory.transaction(async |session: &mut Session| change(session, 9).await).await;
    refused(result, ErrorKind::StaleData);
    assert_eq!(tries.load(Ordering::Relaxed), 2);
    Ok(())
}

async fn writers_that_meet_all_succeed(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["UPDATE users SET nick = '0' WHERE id = 1"]).await?;
    let factory = db.session_factory().isolation(Isolation::Serializable).begin_mode(BeginMode::Deferred).attempts(50);
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let factory = factory.clone();
        tasks.push(tokio::spawn(async move {
            factory
                .transaction(async |session: &mut Session| {
                    let ada = session.get_one::<User>(1).await?;
                    let count: u32 = ada.nick().and_then(|nick| nick.parse().ok()).unwrap_or_default();
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    ada.set_nick((count + 1).to_string());
                    session.flush().await
                })
                .await
        }));
    }
    for task in tasks {
        task.await??;
    }
    assert_eq!(db.session().get_one::<User>(1).await?.nick(), Some("4"));
    Ok(())
}

/// An application's own error.
#[derive(Debug)]
enum Refused {
    TooShort,
    Orm(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Orm(error)
    }
}

async fn a_transaction_runs_in_a_task(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let name = Arc::new("Dan".to_owned());
    let task = tokio::spawn({
        let db = db.clone();
        async move {
            let name = &name;
            db.transaction(async |session: &mut Session| {
                let savepoint = session.savepoint().await?;
                let users = savepoint.all(&User::select().selectin(User::ADDRESSES)).await?;
                if users.iter().any(|user| user.name().len() > name.len() && user.addresses().len() > 9) {
                    return Err(Refused::TooShort);
                }
                savepoint.add(User::builder().name(&***name))?;
                savepoint.release().await?;
                Ok(())
            })
            .await
        }
    });
    match task.await? {
        Ok(()) => {}
        Err(Refused::Orm(error)) => return Err(Failure::from(error)),
        Err(Refused::TooShort) => panic!("nobody has ten addresses"),
    }
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}
