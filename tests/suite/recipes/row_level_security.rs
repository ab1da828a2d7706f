//! Many tenants in one table: PostgreSQL shows and takes the rows of the one that the transaction is for, whatever a query asks.
//!
//! Every connection acts as a role that the policy binds (`after_connect`); a superuser, and the owner of a table without FORCE, are not bound.
//! Every transaction says who it is for (`after_begin`), and that ends with it.

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "invoices")]
pub struct Invoice {
    #[orm(primary_key)]
    id: i64,
    tenant: String,
    amount: i64,
}

/// What a migration does. Without a tenant the policy shows nothing and takes nothing.
const POLICY: [&str; 3] = [
    "ALTER TABLE invoices ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE invoices FORCE ROW LEVEL SECURITY",
    "CREATE POLICY of_the_tenant ON invoices USING (tenant = current_setting('app.tenant', true))",
];

/// The sessions of one tenant: made for each request.
pub fn sessions_of(db: &Database, tenant: &str) -> SessionFactory {
    db.session_factory().after_begin("SELECT set_config('app.tenant', ?, true)", [tenant.into()])
}

each_backend!(only_postgres: a_tenant_sees_and_writes_its_own_rows);

async fn a_tenant_sees_and_writes_its_own_rows(db: TestDb) -> Outcome {
    let db = db.with(schema![Invoice]).await?;
    db.run(&POLICY).await?;
    let schema = db.sql("SELECT current_schema()").one::<String>().await?;
    let role = format!("{schema}_app");
    db.execute(format!("CREATE ROLE {role} NOLOGIN"), vec![]).await?;
    db.execute(format!("GRANT USAGE ON SCHEMA {schema} TO {role}"), vec![]).await?;
    db.execute(format!("GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}"), vec![]).await?;
    db.execute(format!("GRANT ALL ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"), vec![]).await?;

    let shop = db.options().max_connections(1).after_connect(format!("SET ROLE {role}"));
    let result = tokio::spawn(async move { requests(&shop.connect().await?).await }).await;
    // Roles belong to the whole server.
    db.execute(format!("DROP OWNED BY {role}"), vec![]).await?;
    db.execute(format!("DROP ROLE {role}"), vec![]).await?;
    result.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

async fn requests(db: &Database) -> Outcome {
    for (tenant, amount) in [("ada", 10), ("bob", 20)] {
        let mut session = sessions_of(db, tenant).session();
        session.insert(Invoice::builder().tenant(tenant).amount(amount)).await?;
        session.commit().await?;
        session.close().await?;
    }
    let mut session = sessions_of(db, "ada").session();
    assert_eq!(session.one(&Invoice::select()).await?.amount(), 10);
    refused(session.insert(Invoice::builder().tenant("bob").amount(1)).await.map(drop), ErrorKind::Database);
    session.rollback().await?;
    assert_eq!(session.sql("UPDATE invoices SET amount = 0").execute().await?, 1, "SQL of one's own is bound as well");
    session.rollback().await?;
    session.close().await?;

    // The connection that Ada's transactions had, without a tenant, and with one that does worse than it should.
    assert_eq!(db.count(&Invoice::select()).await?, 0);
    let session = sessions_of(db, "bob").session();
    session.sql("SELECT set_config('app.tenant', 'ada', false)").execute().await?;
    assert_eq!(session.one(&Invoice::select()).await?.amount(), 10, "the policy is as strong as the SQL is trusted");
    drop(session);
    assert_eq!(db.count(&Invoice::select()).await?, 0, "but nothing of it reaches the next");
    let mut session = sessions_of(db, "bob").session();
    assert_eq!(session.one(&Invoice::select()).await?.amount(), 20);
    session.commit().await?;
    Ok(())
}
