//! A fresh price: one column of an object is read again, the rest of it stays.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "products")]
pub struct Product {
    #[orm(primary_key)]
    id: i64,
    name: String,
    description: String,
    cents: i64,
}

/// What a basket is worth now. One SELECT of one column, however many products.
pub async fn total(session: &Session, basket: &[Persistent<'_, Product>]) -> Result<i64, Error> {
    session.refresh_all(basket).only(Product::CENTS).await?;
    Ok(basket.iter().map(|product| product.cents()).sum())
}

each_backend!(a_price_is_read_again_and_nothing_else, a_price_that_expires_is_read_when_it_is_needed);

async fn shop(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Product]).await?;
    db.run(&["INSERT INTO products (name, description, cents) VALUES ('nut', 'of brass', 10), ('bolt', 'long', 25)"])
        .await?;
    Ok(db)
}

async fn a_price_is_read_again_and_nothing_else(db: TestDb) -> Outcome {
    let db = shop(db).await?;
    let mut session = db.session();
    let basket = session.all(&Product::select()).await?;
    basket[0].set_description("of brass, polished");
    session.sql("UPDATE products SET cents = cents + 5, name = 'new name'").execute().await?;
    let log = db.statement_log();
    assert_eq!(total(&session, &basket).await?, 45);
    assert_eq!(basket[0].name(), "nut", "only the price was asked for");
    let sql = log.texts();
    assert_eq!(sql.len(), 1);
    assert!(sql[0].contains("cents") && !sql[0].contains("description"), "{sql:?}");
    session.commit().await?;
    Ok(())
}

async fn a_price_that_expires_is_read_when_it_is_needed(db: TestDb) -> Outcome {
    let db = shop(db).await?;
    let mut session = db.session();
    let nut = session.get_one::<Product>(1).await?;
    nut.set_description("polished");
    let key = Key::of(&nut);
    session.expire_attributes(key, Product::CENTS);
    let log = db.statement_log();
    assert!(session.peek(key).is_err(), "without a statement there is no price");
    let nut = session.get_one(key).await?;
    assert_eq!((nut.cents(), nut.description()), (10, "polished"));
    log.assert(&["SELECT products"]);
    Ok(())
}
