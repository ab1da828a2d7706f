//! `plan`: what a flush would send, as text.

use orm_core::{error::ErrorKind, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Kid, Parent, User};

each_backend!(a_plan_names_tables_in_order_and_sends_nothing, a_plan_refuses_what_the_flush_would);

async fn a_plan_names_tables_in_order_and_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    assert_eq!(session.plan()?, "nothing to send\n");
    // Before anything is pending: a `get` that must ask the database flushes first.
    session.get_one::<User>(1).await?.set_nick("planned");
    session.add(User::builder().name("Dan").addresses([Address::builder().email("dan@x.org")]))?;
    let log = db.statement_log();
    let plan = session.plan()?;
    log.assert_silent();
    let at = |what: &str| plan.find(what).unwrap_or_else(|| panic!("`{what}` is not in:\n{plan}"));
    assert!(at("users") < at("addresses"), "{plan}");
    assert!(!plan.contains("planned"), "no values:\n{plan}");
    session.flush().await?;
    log.assert(&["UPDATE users", "INSERT users", "INSERT addresses"]);
    assert_eq!(session.plan()?, "nothing to send\n");
    Ok(())
}

async fn a_plan_refuses_what_the_flush_would(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    session.add(Kid::builder().name("K"))?;
    let error = refused(session.plan(), ErrorKind::MissingParent);
    assert_eq!((error.entity(), error.verb()), (Some("Kid"), Some("plan")));
    assert!(!session.needs_rollback());
    Ok(())
}
