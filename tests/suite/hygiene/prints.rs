//! What prints: a value where somebody asked for values, never else, never a sensitive one.

use orm_core::{
    error::ErrorKind,
    expr::{Column, Expression},
    prelude::*,
    query::on_conflict,
    schema,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

each_backend!(
    queries_print_no_values,
    a_history_of_a_sensitive_column_prints_none,
    an_inspection_prints_names,
    handles_and_values_print_nothing_sensitive,
    changes_patches_and_builders_print_nothing_sensitive,
    errors_print_no_row,
    a_cell_of_a_sensitive_column_that_cannot_be_read_prints_nothing,
    what_a_flush_wrote_prints_nothing_sensitive,
);

/// No Debug of its own: nothing here may need it.
#[derive(Entity)]
#[orm(table = "vaults")]
struct Vault {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 64)]
    name: String,
    #[orm(sensitive, unique, length = 64)]
    secret: String,
    #[orm(sensitive)]
    pin: Option<i64>,
    #[orm(sensitive)]
    note: Deferred<Option<String>>,
    level: i64,
    parent_id: Option<i64>,
    parent: BelongsTo<Vault>,
    #[orm(foreign_key = parent_id, back_populates = parent)]
    vaults: HasMany<Vault>,
}

const SECRET: &str = "hunter2";
const PIN: i64 = 424_242;
/// Bound in filters, where it is nobody's to print either.
const BOUND: &str = "bound-value";

#[track_caller]
fn silent(printed: &str) {
    for value in [SECRET, "424242", BOUND] {
        assert!(!printed.contains(value), "{value} is printed: {printed}");
    }
}

fn debug<T: std::fmt::Debug>(value: &T) {
    silent(&format!("{value:?}"));
    silent(&format!("{value:#?}"));
}

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Vault]).await?;
    let mut session = db.session();
    let vault = Vault::builder().name("one").secret(SECRET).pin(PIN).note(SECRET).level(1);
    session.insert(vault.vaults([Vault::builder().name("two").secret("other").level(2)])).await?;
    session.commit().await?;
    Ok(db)
}

async fn queries_print_no_values(db: TestDb) -> Outcome {
    let filter = || {
        Vault::SECRET
            .eq(SECRET)
            .or(Vault::NAME.starts_with(BOUND))
            .or(Vault::NAME.icontains(BOUND))
            .or(Vault::PIN.in_([Some(PIN)]))
            .or(Vault::PIN.between(PIN, PIN))
            .or(!Vault::NAME.lower().eq(BOUND))
            .or(Predicate::raw("{name} = ?", [BOUND.into()]))
            .or(Vault::VAULTS.any(Vault::SECRET.eq(SECRET)))
    };
    debug(&filter());
    let query = Vault::select()
        .filter(filter())
        .order_by(Vault::NAME.asc())
        .selectin(Vault::VAULTS.filter(filter()).limit(3))
        .joined(Vault::PARENT);
    debug(&query);
    debug(&Vault::VAULTS.filter(filter()));
    debug(&Vault::update().filter(filter()).set(Vault::SECRET, SECRET));
    debug(&Vault::delete().filter(filter()));
    let sum: Expression<Vault, i64> = Column::<Vault, i64>::into(Vault::LEVEL);
    debug(&(sum + PIN));
    debug(&Vault::update().set_expr(Vault::LEVEL, Vault::LEVEL + PIN));
    debug(&on_conflict(Vault::SECRET).update(Vault::SECRET));
    debug(&db.sql("SELECT id FROM vaults WHERE secret = ?").bind(SECRET));
    // What is compared, and how, is there to be read.
    let printed = format!("{:?}", Vault::SECRET.eq(SECRET));
    assert!(printed.contains("Column(2)") && printed.contains("Equal") && printed.contains('?'), "{printed}");
    Ok(())
}

async fn a_history_of_a_sensitive_column_prints_none(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let vault = session.get_one::<Vault>(1).await?;
    debug(&session.inspect(&vault)?.history(Vault::SECRET));
    vault.set_secret(format!("{SECRET}!"));
    vault.set_pin(PIN);
    vault.set_name("renamed");
    let inspection = session.inspect(&vault)?;
    let history = inspection.history(Vault::SECRET);
    debug(&history);
    debug(&inspection.history(Vault::PIN));
    // It can be asked for, and of a column that is not sensitive it is printed.
    assert_eq!(history.deleted.as_deref(), Some(SECRET));
    assert!(format!("{:?}", inspection.history(Vault::NAME)).contains("renamed"));
    Ok(())
}

async fn an_inspection_prints_names(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let vault = session.get_one::<Vault>(1).await?;
    vault.set_secret(BOUND);
    let inspection = session.inspect(&vault)?.clone();
    debug(&inspection);
    let printed = format!("{inspection:?}");
    assert!(printed.contains("Vault") && printed.contains(r#"modified: ["secret"]"#), "{printed}");
    Ok(())
}

async fn handles_and_values_print_nothing_sensitive(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let query =
        Vault::select().filter(Vault::ID.eq(1)).undefer(Vault::NOTE).selectin(Vault::VAULTS.undefer(Vault::NOTE));
    let vault = session.one(&query).await?;
    debug(&vault);
    debug(&vault.vaults());
    debug(&vault.vaults().iter());
    let mut detached = session.detach(&vault)?;
    detached.set_secret(format!("{SECRET}{BOUND}"));
    detached.add_to_vaults(Vault::builder().name("new").secret(SECRET).level(1))?;
    debug(&detached);
    silent(&serde_json::to_string(&detached)?);
    debug(&session.add(Vault::builder().name("three").secret(SECRET).level(3))?);
    debug(&session.merge(&detached));
    debug(&session.insert(Vault::builder().name("four").secret(SECRET).level(3)));
    debug(&session.get::<Vault>(1));
    debug(&session);
    debug(&db.session_factory());
    silent(&session.plan()?);
    Ok(())
}

async fn changes_patches_and_builders_print_nothing_sensitive(_: TestDb) -> Outcome {
    debug(&Vault::changes().secret(SECRET).pin(PIN).note(SECRET));
    debug(&serde_json::from_value::<Patch<Vault>>(serde_json::json!({ "secret": SECRET, "pin": PIN }))?);
    let builder = Vault::builder().name("n").secret(SECRET).pin(PIN).level(1);
    debug(&builder.build());
    debug(&Member::from(Vault::builder().name("n").secret(SECRET).pin(PIN).level(1).build()));
    Ok(())
}

/// An error and all that it was caused by, as logs print them.
fn chain(error: &Error) -> String {
    let mut printed = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        printed.push_str(&format!("{error}\n{error:?}\n{error:#?}\n"));
        source = error.source();
    }
    printed
}

async fn errors_print_no_row(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    // A unique violation, with the key in the server's words.
    session.add(Vault::builder().name(BOUND).secret(SECRET).pin(PIN).level(1))?;
    let error = refused(session.flush().await, ErrorKind::UniqueViolation);
    silent(&chain(&error));
    session.rollback().await?;
    // A violation that shows the failing row.
    session.add(Vault::builder().name(BOUND).secret(BOUND).pin(PIN).level(1).parent(Key::new(999)))?;
    let error = refused(session.flush().await, ErrorKind::ForeignKeyViolation);
    silent(&chain(&error));
    session.rollback().await?;
    let null = format!("INSERT INTO vaults (name, secret, level) VALUES ('{BOUND}', '{SECRET}', NULL)");
    let error = match db.run(&[null.as_str()]).await {
        Ok(()) => panic!("a NULL was taken"),
        Err(error) => error,
    };
    silent(&format!("{error:?}").replace(&null, ""));
    // A value that is none of the type.
    if let Err(error) =
        session.sql("SELECT id FROM vaults WHERE id = CAST(? AS DECIMAL(2, 1))").bind(BOUND).all::<i64>().await
    {
        silent(&chain(&error));
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, serde::Serialize, ColumnType)]
enum Rank {
    Low,
    High,
}

#[derive(Entity)]
#[orm(table = "ranked")]
struct Ranked {
    #[orm(primary_key)]
    id: i64,
    #[orm(sensitive)]
    standing: Rank,
    shown: Rank,
}

async fn a_cell_of_a_sensitive_column_that_cannot_be_read_prints_nothing(db: TestDb) -> Outcome {
    let db = db.with(schema![Ranked]).await?;
    db.run(&[format!("INSERT INTO ranked (standing, shown) VALUES ('{SECRET}', 'High')").as_str()]).await?;
    let error = refused(db.one(&Ranked::select()).await, ErrorKind::Decode);
    assert_eq!((error.entity(), error.attribute()), (Some("Ranked"), Some("standing")));
    silent(&chain(&error));
    Ok(())
}

async fn what_a_flush_wrote_prints_nothing_sensitive(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let vault = session.get_one::<Vault>(1).await?;
    vault.set_secret(format!("{SECRET}{BOUND}"));
    vault.set_pin(PIN + 1);
    silent(&session.plan()?);
    session.flush().await?;
    let log = db.statement_log();
    session.get_one::<Vault>(2).await?.set_secret(BOUND);
    session.flush().await?;
    debug(&log.texts());
    Ok(())
}
