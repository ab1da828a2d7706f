//! What is worth a warning: relationships loaded one by one, unflushed work that is lost.

use std::{
    fmt::Write as _,
    sync::{Mutex, Once, PoisonError},
};

use orm_core::schema;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};
use tracing::{Event, Level, Metadata, Subscriber, field::Visit, span};

each_backend!(only_sqlite: a_relationship_loaded_one_by_one_is_a_warning_once_for_each_place);

each_backend!(loads_that_cost_nothing_or_are_few_are_none, work_that_is_lost_is_a_warning_that_names_it,);

/// Keeps the warnings of all tests of the program.
struct Collector;

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target() == "orm::session"
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(tracing::level_filters::LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                write!(self.0, "{}={value:?} ", field.name()).ok();
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        WARNINGS.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn collect() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Collector).expect("nobody else listens"));
}

/// The warnings about an entity, which one test alone has.
fn warnings(about: &str) -> Vec<String> {
    let mut all = WARNINGS.lock().unwrap_or_else(PoisonError::into_inner);
    all.extract_if(.., |line| line.contains(about)).collect()
}

macro_rules! letters {
    ($module:ident, $sender:ident, $letter:ident) => {
        mod $module {
            use orm_core::prelude::*;

            #[derive(Entity)]
            #[orm(table = "senders")]
            pub(super) struct $sender {
                #[orm(primary_key)]
                id: i64,
                name: String,
                #[orm(foreign_key = sender_id)]
                letters: HasMany<$letter>,
            }

            #[derive(Entity)]
            #[orm(table = "letters")]
            pub(super) struct $letter {
                #[orm(primary_key)]
                id: i64,
                sender_id: Option<i64>,
                text: String,
            }
        }
    };
}

// The warnings of the program are one list: each test on each database has entities of its own.
letters!(one_by_one, SenderA, LetterA);

async fn a_relationship_loaded_one_by_one_is_a_warning_once_for_each_place(db: TestDb) -> Outcome {
    use one_by_one::{LetterA, SenderA};
    let db = db.with(schema![SenderA, LetterA]).await?;
    collect();
    let mut session = db.session();
    let builders = (0..25).map(|n| SenderA::builder().name(format!("s{n}")).letters([LetterA::builder().text("t")]));
    session.insert_all(builders).await?;
    session.commit_and_clear().await?;
    let senders = session.all(&SenderA::select()).await?;
    let log = db.statement_log();
    for (count, sender) in senders.iter().enumerate() {
        assert_eq!(
            warnings("SenderA").len(),
            usize::from(count == 10),
            "nine may be a coincidence, and once is enough"
        );
        session.load(sender, SenderA::LETTERS).await?;
    }
    assert_eq!(log.count(), 25);
    // The same place in another session says no more; another place does.
    for expected in [1, 0] {
        let other = db.session();
        for sender in other.all(&SenderA::select()).await? {
            other.load(&sender, SenderA::LETTERS).await?;
        }
        let found = warnings("SenderA");
        assert_eq!(found.len(), expected, "{found:?}");
        for part in [
            "relationship=SenderA.letters ",
            "count=10 ",
            "warnings.rs:",
            "`session.load_all(&objects, SenderA::LETTERS)`",
        ] {
            assert!(found.iter().all(|line| line.contains(part)), "{part} is not in {found:?}");
        }
    }
    // What is meant instead.
    let other = db.session();
    let senders = other.all(&SenderA::select()).await?;
    drop(log.take());
    other.load_all(&senders, SenderA::LETTERS).await?;
    log.assert(&["SELECT letters"]);
    assert!(warnings("SenderA").is_empty());
    Ok(())
}

letters!(few_sqlite, SenderC, LetterC);
letters!(few_postgres, SenderD, LetterD);
letters!(few_mysql, SenderG, LetterG);
letters!(few_mariadb, SenderI, LetterI);

macro_rules! few {
    ($db:ident, $sender:ident, $letter:ident) => {{
        let db = $db.with(schema![$sender, $letter]).await?;
        collect();
        let session = db.session();
        let builders =
            (0..25).map(|n| $sender::builder().name(format!("s{n}")).letters([$letter::builder().text("t")]));
        for sender in session.insert_all(builders).await? {
            session.load(&sender, $sender::LETTERS).await?;
        }
        session.commit_keeping().await?;
        for _ in 0..9 {
            let other = db.session();
            for sender in other.all(&$sender::select().limit(2)).await? {
                other.load(&sender, $sender::LETTERS).await?;
            }
        }
        assert_eq!(warnings(stringify!($sender)), Vec::<String>::new());
        Ok(())
    }};
}

async fn loads_that_cost_nothing_or_are_few_are_none(db: TestDb) -> Outcome {
    use few_mariadb::{LetterI, SenderI};
    use few_mysql::{LetterG, SenderG};
    use few_postgres::{LetterD, SenderD};
    use few_sqlite::{LetterC, SenderC};
    if db.is_mariadb() {
        return few!(db, SenderI, LetterI);
    }
    if db.is_mysql() {
        return few!(db, SenderG, LetterG);
    }
    if db.is_postgres() { few!(db, SenderD, LetterD) } else { few!(db, SenderC, LetterC) }
}

letters!(lost_sqlite, SenderE, LetterE);
letters!(lost_postgres, SenderF, LetterF);
letters!(lost_mysql, SenderH, LetterH);
letters!(lost_mariadb, SenderJ, LetterJ);

macro_rules! lost {
    ($db:ident, $sender:ident, $letter:ident) => {{
        let db = $db.with(schema![$sender, $letter]).await?;
        collect();
        for ending in ["drop", "close", "reset"] {
            let mut session = db.session();
            let old = session.insert($sender::builder().name("a")).await?;
            old.set_name("b");
            session.delete(&session.insert($letter::builder().text("t")).await?).await?;
            old.set_name("c");
            session.add($sender::builder().name("d"))?;
            session.add($sender::builder().name("e"))?;
            match ending {
                "drop" => drop(session),
                "close" => session.close().await?,
                _ => session.reset().await?,
            }
            let lost = warnings(stringify!($sender));
            assert_eq!(lost.len(), 1, "{ending}: {lost:?}");
            let names = ["2 new ", "1 changed ", stringify!($sender), "a session ended with unflushed work"];
            assert!(names.iter().all(|part| lost[0].contains(part)), "{lost:?}");
        }
        // Nothing is lost where nothing is unflushed, or it was given up by name.
        let mut session = db.session();
        session.insert($sender::builder().name("a")).await?;
        drop(session);
        session = db.session();
        session.add($sender::builder().name("a"))?;
        session.rollback().await?;
        drop(session);
        assert_eq!(warnings(stringify!($sender)), Vec::<String>::new());
        Ok(())
    }};
}

async fn work_that_is_lost_is_a_warning_that_names_it(db: TestDb) -> Outcome {
    use lost_mariadb::{LetterJ, SenderJ};
    use lost_mysql::{LetterH, SenderH};
    use lost_postgres::{LetterF, SenderF};
    use lost_sqlite::{LetterE, SenderE};
    if db.is_mariadb() {
        return lost!(db, SenderJ, LetterJ);
    }
    if db.is_mysql() {
        return lost!(db, SenderH, LetterH);
    }
    if db.is_postgres() { lost!(db, SenderF, LetterF) } else { lost!(db, SenderE, LetterE) }
}
