//! Many at once: all finish, or time out with the error that says so.

use std::time::Duration;

use orm_core::{database::BeginMode, error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    sqlite_file: sixty_four_tasks_share_a_pool_of_four,
    a_pool_that_stays_empty_times_out_with_the_typed_error,
);
each_backend!(only_sqlite_file: two_writers_take_turns_on_one_file, a_writer_that_never_gets_the_lock_times_out);
each_backend!(only_sqlite: two_sessions_and_a_plain_query_share_a_database_in_memory);

async fn sixty_four_tasks_share_a_pool_of_four(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let pool = db.options().max_connections(4).begin_mode(BeginMode::Immediate).connect().await?;
    let tasks: Vec<_> = (0..64)
        .map(|n| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut session = pool.session();
                let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
                assert!(ada.addresses().len() >= 2);
                session.insert(Address::builder().email(format!("{n}@x.org")).user(ada)).await?;
                tokio::task::yield_now().await;
                session.commit().await?;
                pool.count(&Address::select().filter(Address::EMAIL.eq(format!("{n}@x.org")))).await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await??, 1);
    }
    assert_eq!(db.count(&Address::select()).await?, 68);
    Ok(())
}

async fn a_pool_that_stays_empty_times_out_with_the_typed_error(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let pool = db.options().max_connections(1).acquire_timeout(Duration::from_millis(100)).connect().await?;
    let (holder, mut other) = (pool.session(), pool.session());
    holder.get_one::<User>(1).await?;
    let error = refused(other.get_one::<User>(1).await, ErrorKind::Timeout);
    assert!(error.to_string().contains("max_connections"), "{error}");
    refused(pool.all(&User::select()).await, ErrorKind::Timeout);
    // Nothing is broken: once there is a connection, the session goes on.
    holder.close().await?;
    assert_eq!(other.get_one::<User>(1).await?.name(), "Ada");
    other.commit().await?;
    assert_eq!(pool.count(&User::select()).await?, 3);
    Ok(())
}

async fn two_writers_take_turns_on_one_file(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let writers: Vec<_> = ["a", "b"]
        .map(|writer| {
            let sessions = db.session_factory().begin_mode(BeginMode::Immediate);
            tokio::spawn(async move {
                let mut session = sessions.session();
                for n in 0..25 {
                    session.insert(User::builder().name(format!("{writer}{n}"))).await?;
                    tokio::task::yield_now().await;
                    session.commit().await?;
                }
                Ok::<_, Error>(())
            })
        })
        .into();
    for writer in writers {
        writer.await??;
    }
    assert_eq!(db.count(&User::select()).await?, 53);
    Ok(())
}

async fn a_writer_that_never_gets_the_lock_times_out(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let impatient = db.options().lock_timeout(Duration::from_millis(100)).connect().await?;
    let holder = db.session();
    holder.insert(User::builder().name("Dan")).await?;
    let mut other = impatient.session();
    refused(other.insert(User::builder().name("Eve")).await.map(drop), ErrorKind::Timeout);
    assert!(other.needs_rollback());
    // Readers are not in its way.
    assert_eq!(impatient.count(&User::select()).await?, 3);
    holder.close().await?;
    other.rollback().await?;
    other.insert(User::builder().name("Eve")).await?;
    other.commit().await?;

    // A transaction that has read before another one wrote cannot write any more.
    let mut reader = db.session();
    let ada = reader.get_one::<User>(1).await?;
    db.run(&["UPDATE users SET nick = 'newer' WHERE id = 1"]).await?;
    ada.set_nick("mine");
    refused(reader.commit().await, ErrorKind::Serialization);
    reader.rollback().await?;
    assert_eq!(reader.get_one::<User>(1).await?.nick(), Some("newer"));
    Ok(())
}

async fn two_sessions_and_a_plain_query_share_a_database_in_memory(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (mut first, mut second) = (db.session(), db.session());
    first.insert(User::builder().name("Dan")).await?;
    first.commit().await?;
    assert!(second.exists(&User::select().filter(User::NAME.eq("Dan"))).await?);
    second.commit().await?;
    let count = async { db.count(&User::select()).await };
    let write = async {
        first.insert(Address::builder().email("e@x.org")).await?;
        first.commit_keeping().await
    };
    let read = async { second.all(&User::select().selectin(User::ADDRESSES)).await.map(|users| users.len()) };
    let (count, written, read) = tokio::join!(count, write, read);
    written?;
    assert_eq!((count?, read?), (4, 4));
    Ok(())
}
