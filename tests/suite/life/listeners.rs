//! Listeners of flushes, commits and rollbacks.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use orm_core::{
    error::ErrorKind,
    prelude::*,
    session::{Flushed, Heard, Listener, Written},
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Parent, Stamped, User, Versioned};

each_backend!(
    a_listener_sees_what_is_to_be_flushed_and_adds_to_it,
    after_a_flush_old_and_new_values_are_told,
    what_is_added_after_a_flush_is_written_by_the_commit,
    an_error_before_a_flush_sends_nothing,
    an_error_after_a_flush_asks_for_a_rollback,
    commits_and_rollbacks_are_told_when_there_was_a_transaction,
    an_error_before_a_commit_commits_nothing,
    a_listener_that_never_stops_writing_is_stopped,
    try_insert_tells_its_listeners,
    what_the_database_made_and_cascades_took_is_told,
);

/// Keeps the lines that it hears.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Listener for Diary {
    fn before_flush(&self, session: &Session) -> Heard {
        let (new, dirty) = (session.new_objects::<User>().len(), session.dirty::<User>().len());
        self.note(format!("before flush: {new} new, {dirty} dirty, {} deleted", session.deleted::<User>().len()));
        Ok(())
    }

    fn after_flush(&self, _: &Session, flushed: &Flushed) -> Heard {
        flushed.objects().iter().for_each(|object| self.note(object.to_string()));
        Ok(())
    }

    fn before_commit(&self, _: &Session) -> Heard {
        self.note("before commit");
        Ok(())
    }

    fn after_commit(&self, session: &Session) {
        assert!(session.dirty::<User>().is_empty());
        self.note("after commit");
    }

    fn after_rollback(&self, _: &Session) {
        self.note("after rollback");
    }
}

/// Gives new users a nick and marks changed ones.
struct Nicks;

impl Listener for Nicks {
    fn before_flush(&self, session: &Session) -> Heard {
        for user in session.new_objects::<User>() {
            if user.nick().is_none() {
                user.set_nick(user.name().to_lowercase());
            }
        }
        for user in session.dirty::<User>() {
            session.add(Address::builder().email(format!("changed-{}", user.id())))?;
        }
        Ok(())
    }
}

async fn a_listener_sees_what_is_to_be_flushed_and_adds_to_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let diary = Diary::default();
    let session = db.session_factory().listen(Nicks).listen(diary.clone()).session();
    let (ada, cy) = (session.get_one::<User>(1).await?, session.get_one::<User>(3).await?);
    assert!(diary.take().is_empty(), "reading flushes nothing");
    let dan = session.add(User::builder().name("Dan"))?;
    ada.set_name("Ada L.");
    session.delete(&cy).await?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["SELECT addresses", "UPDATE users", "INSERT users", "INSERT addresses", "DELETE users"]);
    assert_eq!(session.persisted(&dan)?.nick(), Some("dan"));
    assert_eq!(
        diary.take(),
        [
            "before flush: 1 new, 1 dirty, 1 deleted",
            r#"User[4] inserted: id 4, name "Dan", nick "dan""#,
            r#"Address[5] inserted: id 5, user_id NULL, email "changed-1""#,
            r#"User[1] updated: name "Ada" -> "Ada L.""#,
            "User[3] deleted",
        ]
    );
    session.flush().await?;
    assert!(diary.take().is_empty(), "nothing to flush");
    Ok(())
}

/// Checks values by their types.
struct Typed(Arc<AtomicU32>);

impl Listener for Typed {
    fn after_flush(&self, _: &Session, flushed: &Flushed) -> Heard {
        for object in flushed.objects() {
            self.0.fetch_add(1, Ordering::Relaxed);
            assert!(object.is::<User>() && !object.is::<Address>());
            assert_eq!(object.change(Address::EMAIL), None);
            let names: Vec<&str> = object.changes().iter().map(|change| change.attribute()).collect();
            match object.written() {
                Written::Inserted => {
                    assert_eq!(object.change(User::NAME), Some((None, Some("Dan".to_owned()))));
                    assert_eq!((object.key(), names), ("4", vec!["id", "name", "nick"]));
                }
                Written::Updated => {
                    assert_eq!(object.change(User::NICK), Some((Some(Some("countess".to_owned())), Some(None))));
                    assert_eq!(object.change(User::NAME), None, "the same");
                    assert_eq!((object.key(), names), ("1", vec!["nick"]));
                }
                _ => {
                    assert_eq!(object.change(User::NAME), Some((Some("Cy".to_owned()), None)));
                    assert_eq!((object.entity(), object.key(), names), ("User", "3", vec!["id", "name", "nick"]));
                }
            }
        }
        Ok(())
    }
}

async fn after_a_flush_old_and_new_values_are_told(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let count = Arc::default();
    let session = db.session_factory().listen(Typed(Arc::clone(&count))).session();
    session.add(User::builder().name("Dan"))?;
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick(None);
    ada.set_name("A");
    ada.set_name("Ada");
    session.delete(&session.get_one::<User>(3).await?).await?;
    session.flush().await?;
    assert_eq!(count.load(Ordering::Relaxed), 3);
    Ok(())
}

/// Writes an address for each user that was written.
struct Follower;

impl Listener for Follower {
    fn after_flush(&self, session: &Session, flushed: &Flushed) -> Heard {
        for user in flushed.objects().iter().filter(|object| object.is::<User>()) {
            session.add(Address::builder().email(user.key()))?;
        }
        Ok(())
    }
}

async fn what_is_added_after_a_flush_is_written_by_the_commit(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().listen(Follower).session();
    session.add(User::builder().name("Dan"))?;
    let log = db.statement_log();
    session.flush().await?;
    assert_eq!(session.new_objects::<Address>().len(), 1);
    session.get_one::<User>(1).await?.set_nick("x");
    session.commit().await?;
    log.assert_framed(&[
        "BEGIN",
        "INSERT users",
        "INSERT addresses",
        "SELECT users",
        "UPDATE users",
        "INSERT addresses",
        "COMMIT",
    ]);
    let emails = db.all(&Address::select().order_by(Address::ID.desc()).limit(2)).await?;
    assert_eq!(emails.iter().map(|it| it.email()).collect::<Vec<_>>(), ["1", "4"]);
    Ok(())
}

/// Refuses as it is told.
struct Refuses(&'static str);

#[derive(Debug)]
struct TooLate;

impl std::fmt::Display for TooLate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("too late")
    }
}

impl std::error::Error for TooLate {}

impl Listener for Refuses {
    fn before_flush(&self, session: &Session) -> Heard {
        match self.0 {
            "before flush" if session.dirty::<User>().iter().any(|user| user.nick() == Some("no")) => {
                Err("nobody is called no".into())
            }
            _ => Ok(()),
        }
    }

    fn after_flush(&self, _: &Session, _: &Flushed) -> Heard {
        if self.0 == "after flush" { Err(TooLate.into()) } else { Ok(()) }
    }

    fn before_commit(&self, session: &Session) -> Heard {
        match self.0 {
            "before commit" => {
                Err(session.peek::<User>(99).map(drop).map_err(Error::from).expect_err("not there").into())
            }
            _ => Ok(()),
        }
    }
}

async fn an_error_before_a_flush_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().listen(Refuses("before flush")).session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("no");
    let log = db.statement_log();
    for result in
        [session.flush().await, session.count(&User::select()).await.map(drop), session.commit_keeping().await]
    {
        let error = refused(result, ErrorKind::Listener);
        assert!(error.to_string().ends_with("a listener refused: nobody is called no"), "{error}");
        assert_eq!(error.verb(), Some("flush"));
    }
    log.assert_silent();
    ada.set_nick("yes");
    session.commit().await?;
    log.assert_framed(&["UPDATE users", "COMMIT"]);
    Ok(())
}

async fn an_error_after_a_flush_asks_for_a_rollback(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().listen(Refuses("after flush")).session();
    session.get_one::<User>(1).await?.set_nick("no");
    let error = refused(session.commit().await, ErrorKind::Listener);
    assert!(std::error::Error::source(&error).is_some_and(|source| source.is::<TooLate>()), "{error:?}");
    let error = refused(session.flush().await, ErrorKind::PendingRollback);
    assert!(error.to_string().contains("too late"), "{error}");
    session.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    Ok(())
}

async fn commits_and_rollbacks_are_told_when_there_was_a_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let diary = Diary::default();
    let factory = db.session_factory().listen(diary.clone());
    let mut session = factory.session();
    session.commit().await?;
    session.rollback().await?;
    session.add(User::builder().name("forgotten"))?;
    session.rollback().await?;
    assert!(diary.take().is_empty(), "no transaction had begun");
    session.get_one::<User>(1).await?;
    session.commit_keeping().await?;
    assert_eq!(diary.take(), ["before commit", "after commit"]);
    session.add(User::builder().name("Dan"))?;
    session.commit().await?;
    let lines = ["before commit", "before flush: 1 new, 0 dirty, 0 deleted"];
    let heard = diary.take();
    assert_eq!((&heard[..2], heard.last().map(|line| &**line)), (&lines.map(String::from)[..], Some("after commit")));
    session.get_one::<User>(1).await?;
    session.rollback().await?;
    session.get_one::<User>(1).await?;
    session.reset().await?;
    session.get_one::<User>(1).await?;
    session.close().await?;
    assert_eq!(diary.take(), ["after rollback", "after rollback", "after rollback"]);
    factory.session().get_one::<User>(1).await?;
    assert!(diary.take().is_empty(), "a session that is dropped says nothing");
    Ok(())
}

async fn an_error_before_a_commit_commits_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().listen(Refuses("before commit")).session();
    session.get_one::<User>(1).await?.set_nick("x");
    let log = db.statement_log();
    let error = refused(session.commit().await, ErrorKind::State);
    assert!(error.to_string().starts_with("commit: User[99]: not loaded"), "one of ours comes as it is: {error}");
    log.assert_silent();
    assert!(!session.needs_rollback());
    assert_eq!(session.dirty::<User>().len(), 1);
    Ok(())
}

/// Adds an address whenever one was written.
struct Restless;

impl Listener for Restless {
    fn after_flush(&self, session: &Session, _: &Flushed) -> Heard {
        session.add(Address::builder().email("again"))?;
        Ok(())
    }
}

async fn a_listener_that_never_stops_writing_is_stopped(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().listen(Restless).session();
    session.get_one::<User>(1).await?.set_nick("x");
    let error = refused(session.commit().await, ErrorKind::Listener);
    assert!(error.to_string().starts_with("commit: after 100 flushes there still is something to write"), "{error}");
    session.rollback().await?;
    assert_eq!(db.count(&Address::select()).await?, 4);
    Ok(())
}

async fn try_insert_tells_its_listeners(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let diary = Diary::default();
    let session = db.session_factory().listen(diary.clone()).session();
    assert!(session.try_insert(User::builder().name("Ada")).await?.is_err());
    assert_eq!(diary.take(), ["before flush: 1 new, 0 dirty, 0 deleted"]);
    let dan = session.try_insert(User::builder().name("Dan")).await?.expect("no conflict");
    let heard = diary.take();
    assert_eq!((heard.len(), &*heard[0]), (2, "before flush: 1 new, 0 dirty, 0 deleted"));
    assert!(heard[1].starts_with(&format!("User[{}] inserted", dan.id())), "{heard:?}");
    Ok(())
}

async fn what_the_database_made_and_cascades_took_is_told(db: TestDb) -> Outcome {
    let db = db.with(orm_core::schema![Versioned, Stamped, Parent, fixtures::Kid]).await?;
    db.run(&[
        "INSERT INTO versioned (name, version) VALUES ('a', 1)",
        "INSERT INTO parents (name) VALUES ('p')",
        "INSERT INTO kids (name, parent_id) VALUES ('k', 1)",
    ])
    .await?;
    let diary = Diary::default();
    let mut session = db.session_factory().listen(diary.clone()).session();
    session.get_one::<Versioned>(1).await?.set_name("b");
    session.add(Stamped::builder().name("s"))?;
    session.delete(&session.get_one::<Parent>(1).await?).await?;
    session.commit().await?;
    let mut heard = diary.take();
    heard.retain(|line| line.contains('['));
    heard.sort();
    assert_eq!(
        heard,
        [
            "Kid[1] deleted",
            "Parent[1] deleted",
            r#"Stamped[1] inserted: id 1, name "s", state "fresh""#,
            r#"Versioned[1] updated: name "a" -> "b", version 1 -> 2"#,
        ]
    );
    Ok(())
}
