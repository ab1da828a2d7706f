//! A session against a plain model: whatever is done in whatever order, queries answer what a map of rows would, and what is committed
//! is what the map says.

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin};

use orm_core::{
    error::{ErrorKind, Result, StateError},
    prelude::*,
    schema,
    session::Savepoint,
};
use orm_tests::{Outcome, TestDb, each_backend, refused};
use proptest::prelude::{Strategy, prop, prop_oneof};

use super::check;

each_backend!(only_sqlite: a_session_does_what_a_map_of_rows_does);

#[derive(Entity)]
#[orm(table = "notes")]
pub(crate) struct Note {
    #[orm(primary_key, generated = false)]
    id: i64,
    text: String,
}

type Text = u8;

#[derive(Clone, Copy, Debug)]
enum Step {
    Add(i64, Text),
    AddTaken(i64),
    Set(i64, Text),
    SetHeld(i64, Text),
    Get(i64),
    Query,
    Refresh(i64),
    Expire(i64),
    ExpireAll,
    Delete(i64),
    Flush,
    Savepoint,
    Release,
    RollbackTo,
    Rollback,
    Commit,
    CommitKeeping,
}

/// The steps as a program would write them: what a failure prints.
#[derive(Clone)]
struct Scenario(Vec<Step>);

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nlet mut session = db.session();")?;
        self.0.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(id, text) => {
                write!(
                    f,
                    "if session.get::<Note>({id}).await?.is_none() {{ session.add(Note::builder().id({id}).text(\"{text}\"))?; }}"
                )
            }
            Self::AddTaken(id) => {
                write!(
                    f,
                    "session.flush().await?; session.expunge_all(); session.add(Note::builder().id({id}).text(\"taken\"))?;"
                )
            }
            Self::Set(id, text) => {
                write!(f, "if let Some(note) = session.get::<Note>({id}).await? {{ note.set_text(\"{text}\"); }}")
            }
            Self::SetHeld(id, text) => {
                write!(f, "if let Ok(note) = session.peek::<Note>({id}) {{ note.set_text(\"{text}\"); }}")
            }
            Self::Get(id) => write!(f, "session.get::<Note>({id}).await?;"),
            Self::Query => write!(f, "session.all(&Note::select()).await?;"),
            Self::Refresh(id) => {
                write!(f, "if let Ok(note) = session.peek::<Note>({id}) {{ session.refresh(&note).await?; }}")
            }
            Self::Expire(id) => write!(f, "session.expire::<Note>({id});"),
            Self::ExpireAll => write!(f, "session.expire_all();"),
            Self::Delete(id) => {
                write!(f, "if let Some(note) = session.get::<Note>({id}).await? {{ session.delete(&note).await?; }}")
            }
            Self::Flush => write!(f, "session.flush().await?;"),
            Self::Savepoint => write!(f, "let mut session = session.savepoint().await?;"),
            Self::Release => write!(f, "session.release().await?;"),
            Self::RollbackTo => write!(f, "session.rollback().await?; // to the savepoint"),
            Self::Rollback => write!(f, "session.rollback().await?;"),
            Self::Commit => write!(f, "session.commit().await?;"),
            Self::CommitKeeping => write!(f, "session.commit_keeping().await?;"),
        }
    }
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let (id, with_text) = (|| 1..4_i64, || (1..4_i64, 0..10_u8));
    let step = prop_oneof![
        3 => with_text().prop_map(|(id, text)| Step::Add(id, text)),
        1 => id().prop_map(Step::AddTaken),
        3 => with_text().prop_map(|(id, text)| Step::Set(id, text)),
        3 => with_text().prop_map(|(id, text)| Step::SetHeld(id, text)),
        2 => id().prop_map(Step::Get),
        2 => id().prop_map(|_| Step::Query),
        2 => id().prop_map(Step::Refresh),
        2 => id().prop_map(Step::Expire),
        1 => id().prop_map(|_| Step::ExpireAll),
        3 => id().prop_map(Step::Delete),
        1 => id().prop_map(|_| Step::Flush),
        3 => id().prop_map(|_| Step::Savepoint),
        2 => id().prop_map(|_| Step::Release),
        2 => id().prop_map(|_| Step::RollbackTo),
        1 => id().prop_map(|_| Step::Rollback),
        2 => id().prop_map(|_| Step::Commit),
        2 => id().prop_map(|_| Step::CommitKeeping),
    ];
    prop::collection::vec(step, 1..40).prop_map(Scenario)
}

type Rows = BTreeMap<i64, String>;

/// What a session is to a program that knows nothing of sessions.
#[derive(Clone, Debug, Default)]
struct Model {
    committed: Rows,
    /// As this transaction sees it.
    rows: Rows,
    /// Unflushed: a row, or its deletion.
    unflushed: BTreeMap<i64, Option<String>>,
    /// Before each open savepoint.
    savepoints: Vec<Rows>,
    /// A flush must fail: a key is taken.
    doomed: bool,
    failed: bool,
}

impl Model {
    fn flush(&mut self) {
        if self.failed {
            return;
        }
        if std::mem::take(&mut self.doomed) {
            self.failed = true;
            return;
        }
        for (id, row) in std::mem::take(&mut self.unflushed) {
            match row {
                Some(text) => self.rows.insert(id, text),
                None => self.rows.remove(&id),
            };
        }
    }

    fn go_back(&mut self, rows: Rows) {
        self.rows = rows;
        self.unflushed.clear();
        self.doomed = false;
        self.failed = false;
    }

    fn commit(&mut self) {
        self.flush();
        if !self.failed {
            self.committed = self.rows.clone();
        }
    }

    /// As the program sees it, unflushed changes included.
    fn text(&self, id: i64) -> Option<&String> {
        match self.unflushed.get(&id) {
            Some(row) => row.as_ref(),
            None => self.rows.get(&id),
        }
    }
}

/// A session, or one within a savepoint.
trait Exclusive: Send {
    fn shared(&self) -> &Session;
    fn expire(&mut self, id: i64);
    fn expire_all(&mut self);
    fn expunge_all(&mut self);
    fn savepoint(&mut self) -> impl Future<Output = Result<Savepoint<'_>>> + Send;
    /// Whether it was one that a savepoint has too.
    fn end(&mut self, step: Step) -> impl Future<Output = Option<Result<()>>> + Send;
}

impl Exclusive for Session {
    fn shared(&self) -> &Session {
        self
    }
    fn expire(&mut self, id: i64) {
        Session::expire::<Note>(self, id);
    }
    fn expire_all(&mut self) {
        Session::expire_all(self);
    }
    fn expunge_all(&mut self) {
        Session::expunge_all(self);
    }
    async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Session::savepoint(self).await
    }
    async fn end(&mut self, step: Step) -> Option<Result<()>> {
        match step {
            Step::Commit => Some(self.commit().await),
            Step::Rollback => Some(self.rollback().await),
            _ => None,
        }
    }
}

impl Exclusive for Savepoint<'_> {
    fn shared(&self) -> &Session {
        self
    }
    fn expire(&mut self, id: i64) {
        Savepoint::expire::<Note>(self, id);
    }
    fn expire_all(&mut self) {
        Savepoint::expire_all(self);
    }
    fn expunge_all(&mut self) {
        Savepoint::expunge_all(self);
    }
    async fn savepoint(&mut self) -> Result<Savepoint<'_>> {
        Savepoint::savepoint(self).await
    }
    async fn end(&mut self, _: Step) -> Option<Result<()>> {
        None
    }
}

/// What must fail fails as the model says, and nothing else does.
fn expect(model: &mut Model, failed_before: bool, result: Result<()>) -> Outcome {
    match (failed_before, model.failed) {
        (true, _) => drop(refused(result, ErrorKind::PendingRollback)),
        (false, true) => drop(refused(result, ErrorKind::UniqueViolation)),
        (false, false) => result?,
    }
    Ok(())
}

/// Steps that need no exclusive session.
async fn shared(session: &Session, model: &mut Model, step: Step) -> Outcome {
    let failed = model.failed;
    match step {
        Step::Flush => {
            model.flush();
            expect(model, failed, session.flush().await)
        }
        Step::CommitKeeping => {
            let result = session.commit_keeping().await;
            if !failed && !model.savepoints.is_empty() {
                drop(refused(result, ErrorKind::SavepointOpen));
                return Ok(());
            }
            model.commit();
            expect(model, failed, result)
        }
        Step::Query => {
            model.flush();
            let found = session.all(&Note::select().order_by(Note::ID.asc())).await;
            if let Ok(found) = &found {
                let found: Rows = found.iter().map(|note| (note.id(), note.text().to_owned())).collect();
                assert_eq!(found, model.rows);
            }
            expect(model, failed, found.map(drop))
        }
        Step::Get(id) | Step::Set(id, _) | Step::Delete(id) | Step::Add(id, _) => {
            model.flush();
            let flushed = session.flush().await;
            expect(model, failed, flushed)?;
            if model.failed {
                return Ok(());
            }
            let found = session.get::<Note>(id).await?;
            assert_eq!(found.map(|note| note.text()), model.text(id).map(|text| &**text), "get({id})");
            match (step, found) {
                (Step::Set(_, text), Some(note)) => {
                    note.set_text(text.to_string());
                    model.unflushed.insert(id, Some(text.to_string()));
                }
                (Step::Delete(_), Some(note)) => {
                    session.delete(&note).await?;
                    model.unflushed.insert(id, None);
                }
                (Step::Add(_, text), None) => {
                    session.add(Note::builder().id(id).text(text.to_string()))?;
                    model.unflushed.insert(id, Some(text.to_string()));
                }
                (Step::Add(..), Some(_)) => {
                    drop(refused(session.add(Note::builder().id(id).text("x")).map(drop), ErrorKind::IdentityConflict));
                }
                _ => {}
            }
            Ok(())
        }
        Step::SetHeld(id, text) => {
            match session.peek::<Note>(id) {
                // To be deleted: a change of it goes along.
                Ok(_) if model.unflushed.get(&id) == Some(&None) => {}
                Ok(note) => {
                    assert_eq!(Some(note.text()), model.text(id).map(|text| &**text), "peek({id})");
                    note.set_text(text.to_string());
                    model.unflushed.insert(id, Some(text.to_string()));
                }
                Err(StateError::Deleted { .. }) => assert!(!model.rows.contains_key(&id)),
                Err(_) => {}
            }
            Ok(())
        }
        Step::Refresh(id) => {
            let Ok(note) = session.peek::<Note>(id) else { return Ok(()) };
            if model.unflushed.get(&id) == Some(&None) {
                return Ok(());
            }
            if !failed {
                model.unflushed.remove(&id);
                model.flush();
            }
            expect(model, failed, session.refresh(&note).await)?;
            if !model.failed {
                assert_eq!(Some(note.text()), model.rows.get(&id).map(|text| &**text), "refresh({id})");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

type Running<'r> = Pin<Box<dyn Future<Output = Outcome<Option<Step>>> + Send + 'r>>;

/// Runs steps until one ends the savepoint, or none is left.
fn run<'r, S: Exclusive>(
    session: &'r mut S,
    model: &'r mut Model,
    steps: &'r mut std::vec::IntoIter<Step>,
) -> Running<'r> {
    Box::pin(async move {
        while let Some(step) = steps.next() {
            let failed = model.failed;
            match step {
                Step::Release | Step::RollbackTo if !model.savepoints.is_empty() => return Ok(Some(step)),
                Step::Savepoint if model.savepoints.len() < 3 => {
                    model.flush();
                    let opened = session.savepoint().await;
                    if model.failed {
                        expect(model, failed, opened.map(drop))?;
                        continue;
                    }
                    let mut inner = opened?;
                    model.savepoints.push(model.rows.clone());
                    let end = run(&mut inner, model, steps).await?;
                    let failed = model.failed;
                    let before = model.savepoints.pop().unwrap_or_default();
                    match end {
                        Some(Step::Release) => {
                            model.flush();
                            let failing = model.failed;
                            let released = inner.release().await;
                            if failing {
                                model.go_back(before);
                                let kind = if failed { ErrorKind::PendingRollback } else { ErrorKind::UniqueViolation };
                                drop(refused(released, kind));
                            } else {
                                released?;
                            }
                        }
                        Some(_) => {
                            inner.rollback().await?;
                            model.go_back(before);
                        }
                        None => {
                            drop(inner);
                            model.go_back(before);
                        }
                    }
                }
                Step::Expire(id) => {
                    session.expire(id);
                    if model.rows.contains_key(&id)
                        && model.unflushed.get(&id).is_some_and(Option::is_some)
                        && !model.doomed
                    {
                        model.unflushed.remove(&id);
                    }
                }
                Step::ExpireAll => {
                    session.expire_all();
                    let rows = &model.rows;
                    model.unflushed.retain(|id, row| row.is_none() || !rows.contains_key(id));
                }
                Step::AddTaken(id) => {
                    model.flush();
                    expect(model, failed, session.shared().flush().await)?;
                    if !model.failed && model.rows.contains_key(&id) {
                        session.expunge_all();
                        session.shared().add(Note::builder().id(id).text("taken"))?;
                        model.doomed = true;
                    }
                }
                Step::Commit | Step::Rollback => {
                    let Some(result) = session.end(step).await else { continue };
                    match step {
                        Step::Commit => {
                            if !failed {
                                model.commit();
                            }
                            expect(model, failed, result)?;
                        }
                        _ => {
                            result?;
                            model.go_back(model.committed.clone());
                        }
                    }
                }
                _ => shared(session.shared(), model, step).await?,
            }
        }
        Ok(None)
    })
}

async fn a_session_does_what_a_map_of_rows_does(db: TestDb) -> Outcome {
    let db = db.with(schema![Note]).await?;
    check(400, &scenarios(), async |Scenario(steps): Scenario| {
        db.run(&["DELETE FROM notes", "INSERT INTO notes (id, text) VALUES (1, 'one'), (2, 'two')"]).await?;
        let rows: Rows = [(1, "one".to_owned()), (2, "two".to_owned())].into();
        let mut model = Model { committed: rows.clone(), rows, ..Model::default() };
        let mut session = db.session();
        run(&mut session, &mut model, &mut steps.into_iter()).await?;
        session.rollback().await?;
        drop(session);
        let found = db.all(&Note::select()).await?;
        let found: Rows = found.iter().map(|note| (note.id(), note.text().to_owned())).collect();
        assert_eq!(found, model.committed, "what was committed");
        Ok(())
    });
    Ok(())
}
