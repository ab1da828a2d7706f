//! A session never waits for itself for ever: each shape in which one operation waits for another that nobody polls.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::{
    FutureExt as _, StreamExt as _,
    stream::{self, FuturesUnordered},
};
use orm_core::{
    database::Backend,
    error::ErrorKind,
    prelude::*,
    session::{Heard, Listener},
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    a_buffered_stream_goes_on_while_its_session_is_used_in_the_loop,
    a_buffered_stream_goes_on_however_much_its_loop_asks_for,
    a_set_of_futures_goes_on_while_its_session_is_used_between_them,
    a_savepoint_goes_on_while_it_is_used_between_its_futures,
    one_joined_future_is_done_and_the_other_waits,
    a_future_that_waits_and_is_not_polled_is_passed_over,
    a_listener_that_uses_its_own_session_is_told_at_once,
    a_listener_uses_its_session_after_a_commit,
    tasks_that_share_a_session_all_get_their_turn,
);

each_backend!(
    only_sqlite: the_session_inside_its_own_sqlite_connection_is_told_at_once,
);

each_backend!(
    only_sqlite_file: a_future_that_waits_for_a_lock_and_is_not_polled_is_named,
);

each_backend!(
    only_postgres: a_select_arm_beside_a_pinned_statement_is_told_which_it_waits_for,
    a_slow_statement_that_is_polled_keeps_others_waiting_and_no_one_gives_up,
    a_forgotten_future_is_named_and_a_rollback_goes_on,
    the_session_inside_its_own_connection_is_told_at_once,
    a_task_that_waits_inside_the_own_connection_is_told_within_the_limit,
    a_commit_beside_a_pinned_statement_commits_nothing,
);

each_backend!(
    only_mysql: a_select_arm_beside_a_pinned_statement_is_told_which_it_waits_for,
    a_slow_statement_that_is_polled_keeps_others_waiting_and_no_one_gives_up,
    a_forgotten_future_is_named_and_a_rollback_goes_on,
    a_commit_beside_a_pinned_statement_commits_nothing,
);

/// A statement that takes so many milliseconds.
async fn slow(session: &Session, milliseconds: u32) -> Result<(), Error> {
    let seconds = f64::from(milliseconds) / 1000.0;
    match session.database().backend() {
        Backend::MySql => session.sql(format!("SELECT SLEEP({seconds})")).one::<i64>().await.map(drop),
        _ => session.sql(format!("SELECT 1 FROM pg_sleep({seconds})")).one::<i32>().await.map(drop),
    }
}

/// Polls a future once, so that it has its turn and waits for the database.
fn begin<F: Future>(future: Pin<&mut F>) {
    assert!(future.now_or_never().is_none(), "the answer has to come from the server");
}

async fn a_buffered_stream_goes_on_while_its_session_is_used_in_the_loop(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let mut users = stream::iter(1_i64..=3).map(|id| session.get_one::<User>(id)).buffered(4);
    let mut addresses = Vec::new();
    while let Some(user) = users.next().await {
        let user = session.load(&user?, User::ADDRESSES).await?;
        addresses.push(user.addresses().len());
    }
    assert_eq!(addresses, [2, 1, 0]);
    assert_eq!(log.texts().len(), 6, "three users, three lists");
    Ok(())
}

async fn a_buffered_stream_goes_on_however_much_its_loop_asks_for(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let everyone = User::select();
    let mut users = pin!(stream::iter(1_i64..=3).map(|id| session.get_one::<User>(id)).buffer_unordered(2));
    let mut seen = 0;
    while let Some(user) = users.next().await {
        user?;
        for _ in 0..40 {
            assert_eq!(session.count(&everyone).await?, 3);
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
    Ok(())
}

async fn a_set_of_futures_goes_on_while_its_session_is_used_between_them(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    {
        let mut users: FuturesUnordered<_> = (1_i64..=3).map(|id| session.get_one::<User>(id)).collect();
        let first = users.next().await.expect("three of them")?;
        session.insert(Address::builder().email("new@x.org").user(first)).await?;
        session.flush().await?;
        while let Some(user) = users.next().await {
            user?;
        }
    }
    session.commit().await?;
    assert_eq!(db.count(&Address::select()).await?, 5);
    Ok(())
}

async fn a_savepoint_goes_on_while_it_is_used_between_its_futures(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    let savepoint = session.savepoint().await?;
    {
        let mut users = pin!(stream::iter(1_i64..=3).map(|id| savepoint.get_one::<User>(id)).buffered(3));
        while let Some(user) = users.next().await {
            user?.set_nick("same");
            savepoint.flush().await?;
        }
    }
    savepoint.release().await?;
    session.commit().await?;
    assert_eq!(db.count(&User::select().filter(User::NICK.eq("same"))).await?, 3);
    Ok(())
}

async fn one_joined_future_is_done_and_the_other_waits(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let long = async {
        for id in 1_i64..=3 {
            session.get_one::<User>(id).selectin(User::ADDRESSES).await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        session.count(&User::select()).await
    };
    let (one, long) = tokio::join!(session.get_one::<User>(1), long);
    assert_eq!((one?.name(), long?), ("Ada", 3));
    let everyone = User::select();
    let (one, long) = futures::join!(session.count(&everyone), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        session.count(&Address::select()).await
    });
    assert_eq!((one?, long?), (3, 4));
    Ok(())
}

async fn a_future_that_waits_and_is_not_polled_is_passed_over(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let everyone = User::select();
    // The first has its turn (on SQLite it is done); the others wait for theirs, and nobody polls them from here on.
    let mut first = Box::pin(async {
        match session.database().backend() {
            Backend::Sqlite => session.count(&everyone).await.map(drop),
            _ => slow(&session, 100).await,
        }
    });
    let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(session.count(&everyone))).collect();
    let done = first.as_mut().now_or_never();
    let answers: Vec<_> = waiting.iter_mut().map(|future| future.as_mut().now_or_never()).collect();
    match done {
        Some(done) => done?,
        None => first.await?,
    }
    for _ in 0..20 {
        assert_eq!(session.count(&everyone).await?, 3);
    }
    for (future, answer) in waiting.into_iter().zip(answers) {
        assert_eq!(if let Some(answer) = answer { answer? } else { future.await? }, 3);
    }
    Ok(())
}

async fn a_select_arm_beside_a_pinned_statement_is_told_which_it_waits_for(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let mut pinned = pin!(slow(&session, 400));
    let mut told = None;
    loop {
        tokio::select! {
            biased;
            done = &mut pinned => {
                done?;
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(20)), if told.is_none() => {
                told = Some(refused(session.get_one::<User>(1).await, ErrorKind::SessionBusy));
            }
        }
    }
    let told = told.expect("the arm was taken");
    assert_eq!(told.verb(), Some("get"));
    let text = told.to_string();
    for part in ["`sql` of the same session", "get_many", "load_all", "a session of its own"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Nothing is lost by it.
    assert!(!session.needs_rollback());
    assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
    Ok(())
}

async fn a_slow_statement_that_is_polled_keeps_others_waiting_and_no_one_gives_up(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let everyone = User::select();
    let (done, ada, count) = tokio::join!(slow(&session, 3000), session.get_one::<User>(1), session.count(&everyone));
    done?;
    assert_eq!((ada?.name(), count?), ("Ada", 3));
    Ok(())
}

async fn a_forgotten_future_is_named_and_a_rollback_goes_on(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    {
        let mut forgotten = Box::pin(slow(&session, 300));
        begin(forgotten.as_mut());
        std::mem::forget(forgotten);
    }
    let told = refused(session.commit().await, ErrorKind::SessionBusy);
    assert!(told.to_string().contains("`sql` of the same session"), "{told}");
    session.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
    session.close().await?;
    Ok(())
}

async fn a_commit_beside_a_pinned_statement_commits_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.insert(User::builder().name("Dan")).await?;
    {
        let mut pinned = Box::pin(slow(&session, 300));
        begin(pinned.as_mut());
        refused(session.commit_keeping().await, ErrorKind::SessionBusy);
        assert_eq!(db.count(&User::select()).await?, 3);
        pinned.await?;
    }
    session.commit_keeping().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn the_session_inside_its_own_connection_is_told_at_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let inside = session
        .with_connection(async |connection| {
            let error = refused(session.get_one::<User>(1).await, ErrorKind::SessionBusy);
            let everyone = User::select();
            let (one, two) = tokio::join!(session.flush(), session.count(&everyone));
            refused(one, ErrorKind::SessionBusy);
            refused(two, ErrorKind::SessionBusy);
            let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(connection).await?;
            assert_eq!(one, 1);
            Ok::<_, Error>(error.to_string())
        })
        .await;
    let text = inside?;
    assert!(text.contains("from within `with_connection`") && text.contains("the connection that was lent"), "{text}");
    assert_eq!(session.get_one::<User>(1).await?.name(), "Ada");
    Ok(())
}

async fn a_task_that_waits_inside_the_own_connection_is_told_within_the_limit(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let other = db.options().acquire_timeout(Duration::from_millis(300)).connect().await?;
    let session = Arc::new(other.session());
    let told = session
        .with_connection(async |_| {
            let session = Arc::clone(&session);
            let task = tokio::spawn(async move { session.count(&User::select()).await });
            Ok::<_, Error>(task.await.expect("no panic"))
        })
        .await?;
    let text = refused(told, ErrorKind::SessionBusy).to_string();
    assert!(text.contains("`with_connection`") && text.contains("300ms"), "{text}");
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn the_session_inside_its_own_sqlite_connection_is_told_at_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let told = session
        .with_sqlite_connection(|_| {
            let everyone = User::select();
            Ok::<_, Error>(session.count(&everyone).now_or_never().expect("an answer at once"))
        })
        .await?;
    let text = refused(told, ErrorKind::SessionBusy).to_string();
    assert!(text.contains("from within `with_sqlite_connection`"), "{text}");
    assert_eq!(session.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_future_that_waits_for_a_lock_and_is_not_polled_is_named(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut writer = db.session();
    writer.insert(User::builder().name("Dan")).await?;
    let session = db.session();
    session.add(User::builder().name("Eve"))?;
    {
        let mut waiting = pin!(session.flush());
        assert!(waiting.as_mut().now_or_never().is_none(), "the other one has the lock");
        let told = refused(session.count(&User::select()).await, ErrorKind::SessionBusy);
        assert!(told.to_string().contains("`flush` of the same session"), "{told}");
        writer.commit().await?;
        waiting.await?;
    }
    assert_eq!(session.count(&User::select()).await?, 5);
    Ok(())
}

/// Uses the session that tells it, on the thread that tells it.
#[derive(Clone, Default)]
struct Curious {
    before: Arc<OnceLock<String>>,
    after: Arc<AtomicU32>,
}

fn ask(session: &Session) -> Result<u64, Error> {
    tokio::task::block_in_place(|| {
        tokio::runtime::Handle::current().block_on(async { session.count(&User::select()).await })
    })
}

impl Listener for Curious {
    fn before_flush(&self, session: &Session) -> Heard {
        let error = refused(ask(session), ErrorKind::SessionBusy);
        let _ = self.before.set(error.to_string());
        Ok(())
    }

    fn after_commit(&self, session: &Session) {
        let count = ask(session).expect("no operation is under way");
        self.after.store(u32::try_from(count).expect("few"), Ordering::Relaxed);
    }
}

async fn a_listener_that_uses_its_own_session_is_told_at_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let curious = Curious::default();
    let session = db.session_factory().listen(curious.clone()).session();
    session.insert(User::builder().name("Dan")).await?;
    let text = curious.before.get().expect("it was called");
    assert!(
        text.contains("from within `insert`") && text.contains("a listener reads what the session holds"),
        "{text}"
    );
    assert_eq!(session.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_listener_uses_its_session_after_a_commit(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let curious = Curious::default();
    let mut session = db.session_factory().listen(curious.clone()).session();
    session.insert(User::builder().name("Dan")).await?;
    session.commit_keeping().await?;
    assert_eq!(curious.after.swap(0, Ordering::Relaxed), 4);
    session.insert(User::builder().name("Eve")).await?;
    session.commit().await?;
    assert_eq!(curious.after.load(Ordering::Relaxed), 5);
    Ok(())
}

async fn tasks_that_share_a_session_all_get_their_turn(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = Arc::new(db.session());
    let stop = Arc::new(AtomicBool::new(false));
    let greedy: Vec<_> = (0..3)
        .map(|_| {
            let (session, stop) = (Arc::clone(&session), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    session.count(&User::select()).await?;
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(session.count(&User::select()).await?, 3);
    }
    stop.store(true, Ordering::Relaxed);
    for task in greedy {
        task.await.expect("no panic")?;
    }
    Ok(())
}
