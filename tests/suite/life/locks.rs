//! Row locks: `for_update` and its variants.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    a_locking_query_shows_what_it_locks,
    a_lock_without_a_session_is_refused,
    what_is_computed_from_an_old_row_is_not_written_under_the_lock_of_a_get,
    what_is_computed_from_an_old_row_is_not_written_under_the_lock_of_a_query,
    a_change_of_a_row_that_is_as_it_was_seen_stays_under_the_lock_of_a_query,
    what_this_transaction_has_locked_is_flushed_before_the_next_lock,
);

each_backend!(sqlite_file: whoever_locks_a_row_keeps_others_from_changing_it);

each_backend!(
    only_postgres: the_lock_is_of_the_root_alone,
    nowait_fails_with_an_error_of_its_own,
    skip_locked_leaves_out_what_others_hold,
    locks_for_sharing_go_together,
);

each_backend!(
    only_mysql: nowait_fails_with_an_error_of_its_own,
    skip_locked_leaves_out_what_others_hold,
    locks_for_sharing_go_together,
);

each_backend!(
    only_sqlite: what_sqlite_lacks_is_refused_before_it_is_sent,
    a_transaction_that_begins_with_a_lock_takes_it_at_once,
);

async fn a_locking_query_shows_what_it_locks(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    session.sql("UPDATE users SET nick = 'newer' WHERE id = 1").execute().await?;
    let query = User::select().filter(User::ID.eq(1));
    assert_eq!(session.one(&query).await?.nick(), Some("countess"), "stale, as a plain query leaves it");
    let query = query.selectin(User::ADDRESSES).for_update();
    let log = db.statement_log();
    assert_eq!(session.one(&query).await?.addresses().len(), 2);
    assert_eq!(ada.nick(), Some("newer"));
    log.assert(&["SELECT users", "SELECT addresses"]);
    // The order in which it is said does not matter, nor is the type another one.
    let queries = [User::select().for_update(), User::select().limit(2).for_update().order_by(User::ID.asc())];
    for query in &queries {
        assert!(session.first(query).await?.is_some());
    }
    assert_eq!((session.count(&queries[0]).await?, session.exists(&queries[0]).await?), (3, true));
    Ok(())
}

async fn a_lock_without_a_session_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let error = refused(db.all(&User::select().for_update()).await, ErrorKind::State);
    assert_eq!(
        error.to_string(),
        "all: User: without a session a lock ends with the statement: query through `db.session()` or `db.transaction(..)`"
    );
    log.assert_silent();
    Ok(())
}

async fn whoever_locks_a_row_keeps_others_from_changing_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut one = db.session();
    one.one(&User::select().filter(User::ID.eq(1)).for_update()).await?.set_nick("one");
    let two = tokio::spawn({
        let db = db.clone();
        async move {
            db.transaction(async |session: &mut Session| {
                let ada = session.get_one::<User>(1).for_update().await?;
                let nick = format!("{} two", ada.nick().unwrap_or_default());
                ada.set_nick(nick);
                Ok::<_, Error>(())
            })
            .await
        }
    });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!two.is_finished(), "it waits");
    one.commit().await?;
    two.await??;
    assert_eq!(db.session().get_one::<User>(1).await?.nick(), Some("one two"), "nothing is lost");
    Ok(())
}

async fn the_lock_is_of_the_root_alone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    session.all(&Address::select().joined(Address::USER).for_update().skip_locked()).await?;
    let sql = log.texts().remove(0);
    assert!(sql.ends_with(r#"FOR UPDATE OF "t0" SKIP LOCKED"#), "{sql}");
    // Many rows to one owner: the lock is inside, where the owners are.
    session.all(&User::select().joined(User::ADDRESSES).limit(2).for_share()).await?;
    let sql = log.texts().remove(0);
    assert!(sql.contains("FOR SHARE OF"), "{sql}");
    Ok(())
}

async fn nowait_fails_with_an_error_of_its_own(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let one = db.session();
    let ada = one.get_one::<User>(1).for_update().await?;
    assert_eq!(ada.name(), "Ada");
    let mut two = db.session();
    for _ in 0..2 {
        let error = refused(two.get::<User>(1).nowait().await.map(drop), ErrorKind::LockNotAvailable);
        assert_eq!(error.to_string(), "get: User: someone else holds the lock, and the statement was not to wait");
        let after = two.get::<User>(2).await.map(drop);
        // MySQL undoes the statement alone.
        if db.is_mysql() {
            after?;
        } else {
            refused(after, ErrorKind::PendingRollback);
        }
        two.rollback().await?;
    }
    refused(two.all(&User::select().for_update().nowait()).await.map(drop), ErrorKind::LockNotAvailable);
    two.rollback().await?;
    // In a savepoint only that is lost.
    two.insert(User::builder().name("Dan")).await?;
    let savepoint = two.savepoint().await?;
    refused(savepoint.get::<User>(1).nowait().await.map(drop), ErrorKind::LockNotAvailable);
    savepoint.rollback().await?;
    two.commit().await?;
    // Waiting for longer than was said is another thing.
    let impatient = db.options().lock_timeout(std::time::Duration::from_millis(50)).connect().await?;
    refused(impatient.session().get::<User>(1).for_update().await.map(drop), ErrorKind::Timeout);
    Ok(())
}

async fn skip_locked_leaves_out_what_others_hold(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (one, two) = (db.session(), db.session());
    let next = User::select().order_by(User::ID.asc()).limit(1).skip_locked();
    assert_eq!(one.one(&next).await?.id(), 1);
    assert_eq!(two.one(&next).await?.id(), 2);
    assert_eq!(one.one(&next).await?.id(), 1, "its own are not in its way");
    assert!(two.get::<User>(1).skip_locked().await?.is_none());
    assert_eq!(two.get_one::<User>(1).await?.id(), 1, "reading does not ask for a lock");
    Ok(())
}

async fn locks_for_sharing_go_together(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (one, two) = (db.session(), db.session());
    one.get_one::<User>(1).for_share().await?;
    let ada = two.get_one::<User>(1).for_share().nowait().await?;
    two.refresh(&ada).for_share().nowait().await?;
    refused(two.refresh(&ada).nowait().await, ErrorKind::LockNotAvailable);
    Ok(())
}

async fn what_sqlite_lacks_is_refused_before_it_is_sent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    for error in [
        session.all(&User::select().for_update().skip_locked()).await.map(drop),
        session.get::<User>(1).nowait().await.map(drop),
    ] {
        let error = refused(error, ErrorKind::Unsupported);
        assert!(error.to_string().contains("SQLite locks the whole database and not rows"), "{error}");
    }
    log.assert_silent();
    assert!(!session.needs_rollback());
    Ok(())
}

async fn a_transaction_that_begins_with_a_lock_takes_it_at_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let begun = || log.take().remove(0).sql;
    session.get_one::<User>(1).for_update().await?;
    assert_eq!(begun(), "BEGIN IMMEDIATE");
    session.rollback().await?;
    drop(log.take());
    session.first(&User::select().for_update()).await?;
    assert_eq!(begun(), "BEGIN IMMEDIATE");
    session.rollback().await?;
    drop(log.take());
    let ada = session.get_one::<User>(1).await?;
    assert_eq!(begun(), "BEGIN");
    session.refresh(&ada).for_update().await?;
    log.assert_framed(&["SELECT users"]);
    Ok(())
}

/// Ada as a transaction left her that is over, changed by someone else since, and here from the old row; and Bob.
async fn outdated<'s>(db: &TestDb, session: &'s Session) -> Outcome<[Persistent<'s, User>; 2]> {
    let (ada, bob) = (session.get_one::<User>(1).await?, session.get_one::<User>(2).await?);
    session.commit_keeping().await?;
    db.run(&["UPDATE users SET nick = 'theirs' WHERE id = 1"]).await?;
    ada.set_nick(format!("{} of old", ada.nick().unwrap_or_default()));
    Ok([ada, bob])
}

async fn what_is_computed_from_an_old_row_is_not_written_under_the_lock_of_a_get(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let [ada, bob] = outdated(&db, &session).await?;
    bob.set_nick("written");
    let log = db.statement_log();
    let locked = session.get_one::<User>(1).for_update().await?;
    log.assert(&["UPDATE users", "SELECT users"]);
    assert_eq!((locked.nick(), ada.nick(), bob.nick()), (Some("theirs"), Some("theirs"), Some("written")));
    session.flush().await?;
    log.assert(&[]);
    session.commit().await?;
    // With hints and a lock for sharing as well.
    let [ada, _] = outdated(&db, &session).await?;
    let locked = session.get_one::<User>(1).selectin(User::ADDRESSES).for_share().await?;
    assert_eq!((locked.addresses().len(), locked.nick(), ada.nick()), (2, Some("theirs"), Some("theirs")));
    session.commit().await?;
    let nick = db.one(&User::select().filter(User::ID.eq(1))).await?;
    assert_eq!(nick.nick(), Some("theirs"));
    Ok(())
}

async fn what_is_computed_from_an_old_row_is_not_written_under_the_lock_of_a_query(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let query = User::select().filter(User::NAME.eq("Ada")).for_update();
    for way in ["one", "all", "first"] {
        let mut session = db.session();
        let [ada, bob] = outdated(&db, &session).await?;
        bob.set_nick(way);
        let log = db.statement_log();
        let found = match way {
            "one" => session.one(&query).await?,
            "all" => session.all(&query).await?.remove(0),
            _ => {
                session.first(&query).await?.ok_or_else(|| orm_tests::Failure::from(std::io::Error::other("no row")))?
            }
        };
        log.assert(&["SELECT users"]);
        assert_eq!((found.nick(), ada.nick()), (Some("theirs"), Some("theirs")), "{way}");
        assert_eq!(bob.nick(), Some(way), "what was not found keeps its change");
        session.commit().await?;
        log.assert(&["UPDATE users"]);
        assert_eq!(db.one(&User::select().filter(User::ID.eq(1))).await?.nick(), Some("theirs"));
        assert_eq!(db.one(&User::select().filter(User::ID.eq(2))).await?.nick(), Some(way));
        db.run(&["UPDATE users SET nick = 'countess' WHERE id = 1"]).await?;
    }
    Ok(())
}

async fn a_change_of_a_row_that_is_as_it_was_seen_stays_under_the_lock_of_a_query(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("mine");
    let found = session.all(&User::select().for_update()).await?;
    assert_eq!((found.len(), ada.nick()), (3, Some("mine")), "nobody changed the row: nothing is lost");
    session.commit().await?;
    assert_eq!(db.one(&User::select().filter(User::ID.eq(1))).await?.nick(), Some("mine"));
    Ok(())
}

async fn what_this_transaction_has_locked_is_flushed_before_the_next_lock(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let next = User::select()
        .filter(User::NICK.ne("taken") | User::NICK.is_null())
        .order_by(User::ID.asc())
        .limit(1)
        .for_update();
    for id in 1..=3 {
        let user = session.one(&next).await?;
        assert_eq!(user.id(), id, "a job queue: what is taken is not found again");
        user.set_nick("taken");
    }
    assert!(session.first(&next).await?.is_none());
    // What it inserted or updated is locked too.
    let new = session.insert(User::builder().name("Dan")).await?;
    new.set_nick("taken");
    assert!(session.first(&next).await?.is_none());
    Ok(())
}
