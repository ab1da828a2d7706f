//! Keys made by the program: UUIDs of version 7, known before anything is sent, in the order in which they were made.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};
use uuid::Uuid;

#[derive(Entity)]
#[orm(table = "invoices")]
pub struct Invoice {
    #[orm(primary_key, default = Uuid::now_v7())]
    id: Uuid,
    customer: String,
    #[orm(foreign_key = invoice_id, back_populates = invoice, cascade = "all, delete-orphan", order_by = id)]
    lines: HasMany<InvoiceLine>,
}

#[derive(Entity)]
#[orm(table = "invoice_lines")]
pub struct InvoiceLine {
    #[orm(primary_key, default = Uuid::now_v7())]
    id: Uuid,
    text: String,
    invoice_id: Uuid,
    #[orm(foreign_key = invoice_id, back_populates = lines)]
    invoice: BelongsTo<Invoice>,
}

/// An event for other systems: it can be written before the row is.
pub fn announce(invoice: Key<Invoice>) -> String {
    format!("invoice-created {}", invoice.value())
}

/// Takes the key from the request, so that a request that is sent twice makes one invoice.
pub async fn create_once(sessions: &SessionFactory, id: Uuid, customer: &str) -> Result<Detached<Invoice>, Error> {
    let mut session = sessions.session();
    if let Some(known) = session.get::<Invoice>(id).await? {
        return session.detach(&known);
    }
    let invoice = session.insert(Invoice::builder().id(id).customer(customer)).await?;
    let created = session.detach(&invoice)?;
    session.commit().await?;
    Ok(created)
}

each_backend!(
    a_key_is_known_before_the_flush,
    a_graph_goes_out_table_by_table,
    a_request_sent_twice_makes_one_invoice,
    the_same_key_twice_in_a_session_is_a_conflict,
);

async fn a_key_is_known_before_the_flush(db: TestDb) -> Outcome {
    let db = db.with(schema![Invoice, InvoiceLine]).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let pending = session.add(Invoice::builder().customer("Ada"))?;
    let key: Key<Invoice> = Key::new(pending.id());
    assert_eq!(announce(key), format!("invoice-created {}", pending.id()));
    log.assert_silent();
    session.commit().await?;
    log.assert(&["INSERT invoices"]);
    assert_eq!(session.get_one(key).await?.customer(), "Ada");
    assert_eq!(key.value().get_version_num(), 7);
    Ok(())
}

async fn a_graph_goes_out_table_by_table(db: TestDb) -> Outcome {
    let db = db.with(schema![Invoice, InvoiceLine]).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let invoices = ["Ada", "Bob", "Cid"].map(|customer| {
        Invoice::builder().customer(customer).lines(["pens", "ink"].map(|text| InvoiceLine::builder().text(text)))
    });
    let invoices = session.insert_all(invoices).await?;
    log.assert(&["INSERT invoices", "INSERT invoice_lines"]);
    let keys: Vec<Uuid> = invoices.iter().map(|invoice| invoice.id()).collect();
    for invoice in &invoices {
        assert!(invoice.lines().iter().all(|line| line.invoice_id() == invoice.id()));
    }
    session.commit().await?;
    // Made one after the other, and so they sort: the newest page needs no other column.
    let newest = db.all(&Invoice::select().order_by(Invoice::ID.desc()).selectin(Invoice::LINES)).await?;
    assert_eq!(newest.iter().map(|invoice| invoice.customer()).collect::<Vec<_>>(), ["Cid", "Bob", "Ada"]);
    assert_eq!(newest.iter().rev().map(|invoice| invoice.id()).collect::<Vec<_>>(), keys);
    assert_eq!(newest[0].lines().iter().map(|line| line.text()).collect::<Vec<_>>(), ["pens", "ink"]);
    Ok(())
}

async fn a_request_sent_twice_makes_one_invoice(db: TestDb) -> Outcome {
    let db = db.with(schema![Invoice, InvoiceLine]).await?;
    let (sessions, id) = (db.session_factory(), Uuid::now_v7());
    let first = create_once(&sessions, id, "Ada").await?;
    let second = create_once(&sessions, id, "Ada").await?;
    assert_eq!((first.id(), second.id()), (id, id));
    assert_eq!(db.count(&Invoice::select()).await?, 1);
    Ok(())
}

async fn the_same_key_twice_in_a_session_is_a_conflict(db: TestDb) -> Outcome {
    let db = db.with(schema![Invoice, InvoiceLine]).await?;
    let session = db.session();
    let id = Uuid::now_v7();
    let _first = session.add(Invoice::builder().id(id).customer("Ada"))?;
    let lines = [InvoiceLine::builder().text("pens")];
    let error =
        refused(session.add(Invoice::builder().id(id).customer("Bob").lines(lines)), ErrorKind::IdentityConflict);
    assert_eq!(error.entity(), Some("Invoice"));
    assert!(error.to_string().contains(&id.to_string()), "{error}");
    session.flush().await?;
    assert_eq!(session.count(&InvoiceLine::select()).await?, 0, "nothing of the second was added");
    Ok(())
}
