//! The flush: the unit of work as statements. SQLAlchemy's unit of work, as a plan that can be read.
//!
//! *Collect* reads what was added, written, linked and deleted, under the lock of the unit of work; *cascade* finds what a
//! deletion takes along; *order* sorts rows by foreign keys and unique values into a [`FlushPlan`]; *execute* sends it and
//! keeps what came back; *publish* tells the objects, in one step, once all of it succeeded.

mod cascade;
mod collect;
mod display;
mod execute;
mod foreign_key;
mod graph;
mod order;
mod plan;
mod publish;
mod record;
mod row_key;
mod rows;
#[cfg(test)]
mod tests;

use self::cascade::{Cascade, Loaded, Needs};
pub use self::record::{Flushed, FlushedChange, FlushedObject, Written};
pub(crate) use self::{collect::plain_columns, plan::FlushPlan, row_key::comes_back_exactly};
use crate::{
    database::{Checks, Connection},
    error::Result,
    identity::IdentityMap,
    query::sql::TextCache,
};

/// Sends everything that is unflushed, in the transaction that is open, and notes what it was in `flushed`. An error leaves the objects as they were, and
/// the transaction to be rolled back; so does dropping the future.
///
/// # Errors
/// What the plan refuses before anything is sent, what the database refuses, and rows that are not as they were read.
pub(crate) async fn flush(
    map: &IdentityMap,
    connection: &mut Connection,
    texts: &TextCache,
    flushed: Option<&mut Flushed>,
) -> Result<()> {
    send(map, connection, texts, flushed).await.map_err(|error| error.with_verb("flush"))
}

async fn send(
    map: &IdentityMap,
    connection: &mut Connection,
    texts: &TextCache,
    mut flushed: Option<&mut Flushed>,
) -> Result<()> {
    let mut loaded = Loaded::default();
    let plan = loop {
        let mut cascade = Cascade::new(map, &map.work());
        while let Some(needs) = walk(map, &mut cascade, &loaded) {
            cascade::load(map, connection, texts, needs, &mut loaded).await?;
        }
        // All over again, in one step: the program may have gone on writing meanwhile.
        match plan(map, &loaded, connection.backend().checks())? {
            Ok(plan) => break plan,
            Err(needs) => cascade::load(map, connection, texts, needs, &mut loaded).await?,
        }
    };
    tracing::trace!(target: "orm::flush", plan = %plan, "flush");
    if let Some(flushed) = &mut flushed {
        flushed.before(map, &plan);
    }
    let results = execute::execute(map, connection, texts, &plan).await?;
    publish::publish(map, &plan, &results)?;
    if let Some(flushed) = flushed {
        flushed.after(map, &plan);
    }
    Ok(())
}

/// What a flush would send now, as text; where deletions take along what is not loaded, only that it must be read first.
///
/// # Errors
/// What the plan refuses before anything is sent.
pub(crate) fn describe(map: &IdentityMap, checks: Checks) -> Result<String> {
    Ok(match plan(map, &Loaded::default(), checks)? {
        Ok(plan) => plan.to_string(),
        Err(_) => "reads what the deletions take along, and plans with that\n".to_owned(),
    })
}

/// Publishes what is unflushed as if a database had taken it, which then makes nothing of its own: for values that are never
/// in a database.
///
/// # Errors
/// The first column that nobody set; what a flush refuses before anything is sent.
pub(crate) fn pretend(map: &IdentityMap) -> Result<()> {
    // In no database anybody has a former child.
    map.work().one_to_one.clear();
    match plan(map, &Loaded::default(), Checks::AtStatementEnd)? {
        Ok(plan) => publish::publish(map, &plan, &execute::Results::nothing(&plan)),
        Err(_) => unreachable!("orm bug: new objects alone take nothing along that must be read"),
    }
}

fn walk(map: &IdentityMap, cascade: &mut Cascade, loaded: &Loaded) -> Option<Needs> {
    cascade.walk(map, &map.work(), loaded);
    cascade.take_needs()
}

/// Plans a flush of what is unflushed now, or says what must be read before.
///
/// # Errors
/// What no statements can do: a parent that is missing, rows in a circle, unique values that change places.
fn plan(map: &IdentityMap, loaded: &Loaded, checks: Checks) -> Result<Result<FlushPlan, Needs>> {
    let work = map.work();
    let mut cascade = Cascade::new(map, &work);
    cascade.walk(map, &work, loaded);
    if let Some(needs) = cascade.take_needs() {
        return Ok(Err(needs));
    }
    cascade.settle(map)?;
    match collect::collect(map, &work, &cascade)? {
        Ok(rows) => order::order(map, rows, checks).map(Ok),
        Err(needs) => Ok(Err(needs)),
    }
}
