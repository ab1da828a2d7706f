//! PUT and PATCH of a document with lines: PUT makes the whole what the body says, PATCH what it names.

use std::collections::HashMap;

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};
use serde::{Deserialize, Deserializer};
use serde_json::json;

#[derive(Entity)]
#[orm(table = "invoices")]
pub struct Invoice {
    #[orm(primary_key)]
    id: i64,
    customer: String,
    note: Option<String>,
    #[orm(version)]
    version: i32,
    #[orm(foreign_key = invoice_id, back_populates = invoice, cascade = "all, delete-orphan", order_by = id)]
    lines: HasMany<Line>,
}

#[derive(Entity)]
#[orm(table = "lines")]
pub struct Line {
    #[orm(primary_key)]
    id: i64,
    product: String,
    quantity: i32,
    invoice_id: i64,
    #[orm(foreign_key = invoice_id, back_populates = lines)]
    invoice: BelongsTo<Invoice>,
}

/// The body of a PUT: all of it.
#[derive(Deserialize)]
pub struct Put {
    customer: String,
    note: Option<String>,
    lines: Vec<PutLine>,
}

/// A line that is there has an id; one without is new.
#[derive(Deserialize)]
pub struct PutLine {
    id: Option<i64>,
    product: String,
    quantity: i32,
}

/// The body of a PATCH: what it does not name stays; `null` is a value.
#[derive(Deserialize)]
pub struct Patch {
    customer: Option<String>,
    #[serde(default, deserialize_with = "present")]
    note: Option<Option<String>>,
}

/// A field that is there, `null` or not.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Replaces the collection: lines that the body lacks are deleted, those that it names are changed, the others are new. One SELECT for
/// the invoice and one for its lines, then a statement for each table and kind of change.
pub async fn put(session: &mut Session, id: i64, body: Put) -> Result<(), Error> {
    let invoice = session.get_one::<Invoice>(id).selectin(Invoice::LINES).await?;
    invoice.set_customer(body.customer);
    invoice.set_note(body.note);
    let known: HashMap<i64, _> = invoice.lines().iter().map(|line| (line.id(), line)).collect();
    let mut lines: Vec<Member<Line>> = Vec::new();
    for line in body.lines {
        match line.id.and_then(|id| known.get(&id)) {
            Some(there) => {
                there.set_product(line.product);
                there.set_quantity(line.quantity);
                lines.push(there.into());
            }
            None => lines.push(Line::builder().product(line.product).quantity(line.quantity).build().into()),
        }
    }
    // All of them are checked before anything changes; what is missing goes, for the invoice owns its lines.
    invoice.replace_lines(lines)?;
    session.commit().await
}

/// Sets what the body names. One SELECT, and one UPDATE of just those columns; none where all of them are what they were.
pub async fn patch(session: &mut Session, id: i64, body: Patch) -> Result<(), Error> {
    let invoice = session.get_one::<Invoice>(id).await?;
    if let Some(customer) = body.customer {
        invoice.set_customer(customer);
    }
    if let Some(note) = body.note {
        invoice.set_note(note);
    }
    session.commit().await
}

each_backend!(
    a_put_replaces_the_collection,
    a_put_of_the_same_sends_nothing,
    a_put_over_someone_elses_is_stale,
    a_patch_writes_what_it_names,
);

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Invoice, Line]).await?;
    let mut session = db.session();
    let line = |product: &'static str, quantity| Line::builder().product(product).quantity(quantity);
    session.add(Invoice::builder().customer("Ada").note("first").lines([
        line("pen", 1),
        line("ink", 2),
        line("pad", 3),
    ]))?;
    session.commit().await?;
    Ok(db)
}

async fn read(db: &Database) -> Outcome<(String, Option<String>, i32, Vec<(i64, String, i32)>)> {
    let invoice = db.one(&Invoice::select().selectin(Invoice::LINES)).await?;
    let lines = invoice.lines().iter().map(|line| (line.id(), line.product().to_owned(), line.quantity())).collect();
    Ok((invoice.customer().to_owned(), invoice.note().map(str::to_owned), invoice.version(), lines))
}

async fn a_put_replaces_the_collection(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let body = json!({ "customer": "Bob", "note": null, "lines": [
        { "product": "ruler", "quantity": 9 },
        { "id": 3, "product": "pad", "quantity": 30 },
        { "id": 1, "product": "pencil", "quantity": 1 },
    ]});
    let log = db.statement_log();
    put(&mut db.session(), 1, serde_json::from_value(body)?).await?;
    log.assert(&[
        "SELECT invoices",
        "SELECT lines",
        "UPDATE invoices",
        "UPDATE lines",
        "UPDATE lines",
        "INSERT lines",
        "DELETE lines",
    ]);
    let lines = vec![(1, "pencil".to_owned(), 1), (3, "pad".to_owned(), 30), (4, "ruler".to_owned(), 9)];
    assert_eq!(read(&db).await?, ("Bob".to_owned(), None, 2, lines));
    Ok(())
}

async fn a_put_of_the_same_sends_nothing(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let body = json!({ "customer": "Ada", "note": "first", "lines": [
        { "id": 1, "product": "pen", "quantity": 1 },
        { "id": 2, "product": "ink", "quantity": 2 },
        { "id": 3, "product": "pad", "quantity": 3 },
    ]});
    let log = db.statement_log();
    put(&mut db.session(), 1, serde_json::from_value(body)?).await?;
    log.assert(&["SELECT invoices", "SELECT lines"]);
    Ok(())
}

async fn a_put_over_someone_elses_is_stale(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    session.get_one::<Invoice>(1).await?;
    session.commit_keeping().await?;
    let mut other = db.session();
    patch(&mut other, 1, serde_json::from_value(json!({ "customer": "other" }))?).await?;
    // What this session knows is past, and it writes on top of it.
    session.peek::<Invoice>(1)?.set_customer("mine");
    refused(session.commit().await, ErrorKind::StaleData);
    session.rollback().await?;
    assert_eq!(read(&db).await?.0, "other");
    Ok(())
}

async fn a_patch_writes_what_it_names(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let log = db.statement_log();
    patch(&mut db.session(), 1, serde_json::from_value(json!({ "note": null }))?).await?;
    let sent = log.texts();
    let update = sent.iter().find(|sql| sql.starts_with("UPDATE")).expect("one column changed");
    assert!(update.contains("note") && !update.contains("customer"), "{update}");
    assert_eq!(sent.len(), 2);
    for nothing in [json!({}), json!({ "note": null }), json!({ "customer": "Ada" })] {
        patch(&mut db.session(), 1, serde_json::from_value(nothing)?).await?;
        log.assert(&["SELECT invoices"]);
    }
    assert_eq!((read(&db).await?.0, read(&db).await?.1), ("Ada".to_owned(), None));
    Ok(())
}
