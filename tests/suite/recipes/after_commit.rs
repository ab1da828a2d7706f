//! Reading after a commit: with the values of the transaction, or with those that the database has now.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "orders")]
pub struct Order {
    #[orm(primary_key)]
    id: i64,
    customer: String,
    #[orm(server_default = "'new'")]
    state: String,
}

/// A handler that answers with what it wrote: an owned value, taken before the commit. No statement beside the INSERT.
pub async fn place(mut session: Session, customer: &str) -> Result<Detached<Order>, Error> {
    let order = session.insert(Order::builder().customer(customer)).await?;
    let answer = session.detach(&order)?;
    session.commit().await?;
    Ok(answer)
}

each_backend!(
    a_handler_answers_with_what_it_wrote,
    with_keeping_handles_live_on,
    without_keeping_a_key_leads_to_what_is_there_now,
);

async fn orders(db: TestDb) -> Outcome<TestDb> {
    db.with(schema![Order]).await
}

async fn a_handler_answers_with_what_it_wrote(db: TestDb) -> Outcome {
    let db = orders(db).await?;
    let log = db.statement_log();
    let order = place(db.session(), "Ada").await?;
    assert_eq!((order.customer(), order.state()), ("Ada", "new"));
    // MySQL reads what it made of the row.
    log.assert(db.or_without_returning(&["INSERT orders"][..], &["INSERT orders", "SELECT orders"]));
    Ok(())
}

async fn with_keeping_handles_live_on(db: TestDb) -> Outcome {
    let db = orders(db).await?;
    let session = db.session();
    let order = session.insert(Order::builder().customer("Ada")).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE orders SET state = 'paid'"]).await?;
    let log = db.statement_log();
    assert_eq!(order.state(), "new", "as of the transaction");
    log.assert_silent();
    session.refresh(&order).await?;
    assert_eq!(order.state(), "paid");
    log.assert(&["SELECT orders"]);
    Ok(())
}

async fn without_keeping_a_key_leads_to_what_is_there_now(db: TestDb) -> Outcome {
    let db = orders(db).await?;
    let mut session = db.session();
    let key = Key::of(&session.insert(Order::builder().customer("Ada")).await?);
    session.commit().await?;
    db.run(&["UPDATE orders SET state = 'paid'"]).await?;
    let log = db.statement_log();
    assert_eq!(session.get_one(key).await?.state(), "paid");
    assert_eq!(session.get_one(key).await?.state(), "paid");
    log.assert(&["SELECT orders"]);
    Ok(())
}
