//! Operations that are joined on one session: one connection, one after the other, none lost.

use futures::future::try_join_all;
use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, User};

each_backend!(
    two_gets_joined_both_answer_on_one_connection,
    many_operations_joined_none_is_lost,
    writes_while_a_query_runs_are_not_lost,
);

async fn two_gets_joined_both_answer_on_one_connection(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let (one, two) = tokio::join!(session.get_one::<User>(1), session.get_one::<User>(2));
    assert_eq!((one?.name(), two?.name()), ("Ada", "Bob"));
    // One BEGIN: one connection.
    log.assert_framed(&["BEGIN", "SELECT users", "SELECT users"]);
    let (one, two) = futures::join!(session.get_one::<User>(3), session.get_one::<User>(3));
    assert_eq!(one?, two?);
    Ok(())
}

async fn many_operations_joined_none_is_lost(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = try_join_all((1_i64..=3).map(|id| session.get_one::<User>(id).selectin(User::ADDRESSES))).await?;
    assert_eq!(users.iter().map(|user| user.addresses().len()).collect::<Vec<_>>(), [2, 1, 0]);
    let inserted = try_join_all((0..20).map(|n| session.insert(User::builder().name(format!("u{n}"))))).await?;
    assert_eq!(inserted.len(), 20);
    let loaded = try_join_all(inserted.iter().map(|user| session.load(user, User::ADDRESSES))).await?;
    assert!(loaded.iter().all(|user| user.addresses().is_empty()));
    let users = User::select();
    let (count, all, flushed) = tokio::join!(session.count(&users), session.all(&users), session.flush());
    flushed?;
    assert_eq!((count?, all?.len()), (23, 23));
    Ok(())
}

async fn writes_while_a_query_runs_are_not_lost(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let write = async {
        for n in 0..50 {
            ada.set_nick(format!("nick {n}"));
            ada.add_to_addresses(Address::builder().email(format!("{n}@x.org")).build())?;
            tokio::task::yield_now().await;
        }
        Ok::<_, Error>(())
    };
    let read = async {
        for _ in 0..50 {
            session.all(&User::select()).await?;
        }
        Ok::<_, Error>(())
    };
    futures::try_join!(write, read)?;
    session.commit_keeping().await?;
    let stored = db.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    assert_eq!((stored.nick(), stored.addresses().len()), (Some("nick 49"), 52));
    assert_eq!(ada.addresses().len(), 52);
    Ok(())
}
