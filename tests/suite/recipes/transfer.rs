//! Money from one account to another: nothing is locked, a version tells whoever comes too late, and all of it is done again.

use std::sync::atomic::{AtomicU32, Ordering};

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "accounts")]
pub struct Account {
    #[orm(primary_key)]
    id: i64,
    cents: i64,
    #[orm(version)]
    version: i32,
}

/// Why a transfer is not made.
#[derive(Debug)]
pub enum TransferError {
    Insufficient { cents: i64 },
    Database(Error),
}

impl From<Error> for TransferError {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

/// Tried again, from the reading on, when someone else changed one of the accounts in between.
pub async fn transfer(
    sessions: &SessionFactory,
    from: Key<Account>,
    to: Key<Account>,
    cents: i64,
    tries: &AtomicU32,
) -> Result<(), TransferError> {
    sessions
        .transaction(async |session: &mut Session| {
            tries.fetch_add(1, Ordering::Relaxed);
            let (from, to) = (session.get_one(from).await?, session.get_one(to).await?);
            if from.cents() < cents {
                return Err(TransferError::Insufficient { cents: from.cents() });
            }
            from.set_cents(from.cents() - cents);
            to.set_cents(to.cents() + cents);
            Ok(())
        })
        .await
}

each_backend!(a_transfer_that_is_refused_changes_nothing);
each_backend!(sqlite_file: money_is_neither_made_nor_lost);

async fn accounts(db: TestDb) -> Outcome<(TestDb, Key<Account>, Key<Account>)> {
    let db = db.with(schema![Account]).await?;
    db.run(&["INSERT INTO accounts (cents, version) VALUES (1000, 1), (0, 1)"]).await?;
    Ok((db, Key::new(1), Key::new(2)))
}

async fn money_is_neither_made_nor_lost(db: TestDb) -> Outcome {
    let (db, one, two) = accounts(db).await?;
    let sessions = db.session_factory().attempts(100);
    let tries = std::sync::Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for n in 0..8 {
        let (sessions, tries) = (sessions.clone(), std::sync::Arc::clone(&tries));
        tasks.push(tokio::spawn(async move {
            for _ in 0..3 {
                let (from, to) = if n % 4 == 3 { (two, one) } else { (one, two) };
                match transfer(&sessions, from, to, 10, &tries).await {
                    Ok(()) | Err(TransferError::Insufficient { .. }) => {}
                    Err(TransferError::Database(error)) => return Err(error),
                }
            }
            Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let session = db.session();
    let (one, two) = (session.get_one(one).await?, session.get_one(two).await?);
    assert_eq!(one.cents() + two.cents(), 1000);
    assert_eq!(one.version(), two.version(), "each transfer changed both");
    assert!(tries.load(Ordering::Relaxed) >= 24);
    Ok(())
}

async fn a_transfer_that_is_refused_changes_nothing(db: TestDb) -> Outcome {
    let (db, one, two) = accounts(db).await?;
    let tries = AtomicU32::new(0);
    match transfer(&db.session_factory(), one, two, 2000, &tries).await {
        Err(TransferError::Insufficient { cents: 1000 }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(tries.load(Ordering::Relaxed), 1, "doing it again would not help");
    assert_eq!(db.session().get_one(one).await?.version(), 1);
    Ok(())
}
