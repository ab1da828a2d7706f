//! Columns of the program's own types: enums as text and as numbers, newtypes, exact decimals, JSON.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// Stored as `draft`, `on-sale`, `sold_out`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ColumnType)]
#[orm(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    #[orm(rename = "on-sale")]
    OnSale,
    SoldOut,
}

/// Stored as its number, in a column as wide as the `repr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ColumnType)]
#[orm(integer)]
#[repr(i16)]
pub enum Priority {
    Low = -10,
    Normal = 0,
    Urgent = 100,
}

/// A text that was checked: the only way to make one is `parse`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, ColumnType)]
pub struct Sku(String);

impl Sku {
    pub fn parse(text: &str) -> Option<Self> {
        let valid =
            text.len() == 6 && text.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
        valid.then(|| Self(text.to_owned()))
    }
}

/// A number that is not to be taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ColumnType)]
pub struct Grams(i32);

#[derive(Entity)]
#[orm(table = "articles")]
pub struct Article {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    sku: Sku,
    #[orm(default = Status::Draft)]
    status: Status,
    priority: Option<Priority>,
    weight: Grams,
    price: Decimal,
    attributes: Json,
}

/// Everything on sale, dearer than this.
pub async fn on_sale_above(db: &Database, price: Decimal) -> Result<Vec<Detached<Article>>, Error> {
    let query = Article::select()
        .filter(Article::STATUS.eq(Status::OnSale) & Article::PRICE.gt(price))
        .order_by(Article::PRICE.desc());
    db.all(&query).await
}

each_backend!(
    every_type_comes_back_as_it_was,
    they_filter_and_sort_as_what_they_are,
    json_is_written_when_it_changed,
    a_label_that_nobody_knows_is_an_error_of_its_column,
);

fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap_or_else(|| panic!("{text} is no SKU"))
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|_| panic!("{text} is no decimal"))
}

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Article]).await?;
    let mut session = db.session();
    let article = |name: &str, price: &str| {
        let attributes = json!({ "colour": null, "sizes": [1, 2.5], "text": "ü \" \\ \u{1f980}" });
        Article::builder().sku(sku(name)).weight(Grams(250)).price(decimal(price)).attributes(attributes)
    };
    session
        .insert_all([
            article("AAA001", "9.90").status(Status::OnSale).priority(Priority::Low),
            article("AAA002", "10.00").status(Status::OnSale).priority(Priority::Urgent),
            article("BBB001", "79228162514264337593543.9501").status(Status::OnSale),
            article("BBB002", "-0.0000000000000000000001").priority(Priority::Normal),
        ])
        .await?;
    session.commit().await?;
    Ok(db)
}

async fn every_type_comes_back_as_it_was(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let articles = db.all(&Article::select().order_by(Article::ID.asc())).await?;
    let read: Vec<_> = articles.iter().map(|it| (it.status(), it.priority(), it.price().to_string())).collect();
    let expected = [
        // MySQL keeps the number, not how many zeros it was written with.
        (Status::OnSale, Some(Priority::Low), db.or_mysql("9.90", "9.9").to_owned()),
        (Status::OnSale, Some(Priority::Urgent), db.or_mysql("10.00", "10").to_owned()),
        (Status::OnSale, None, "79228162514264337593543.9501".to_owned()),
        (Status::Draft, Some(Priority::Normal), "-0.0000000000000000000001".to_owned()),
    ];
    assert_eq!(read, expected, "to the last digit, and no digit more");
    assert_eq!((articles[0].sku(), articles[0].weight()), (&sku("AAA001"), Grams(250)));
    assert_eq!(articles[0].attributes()["text"], "ü \" \\ \u{1f980}");
    let expected = json!({
        "id": 2, "sku": "AAA002", "status": "on_sale", "priority": "Urgent", "weight": 250, "price": db.or_mysql("10.00", "10"),
        "attributes": { "colour": null, "sizes": [1, 2.5], "text": "ü \" \\ \u{1f980}" },
    });
    assert_eq!(serde_json::to_value(&articles[1])?, expected);
    Ok(())
}

async fn they_filter_and_sort_as_what_they_are(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let found = on_sale_above(&db, decimal("9.9")).await?;
    let skus: Vec<&Sku> = found.iter().map(|article| article.sku()).collect();
    assert_eq!(skus, [&sku("BBB001"), &sku("AAA002")], "9.90 is 9.9, and numbers do not sort as texts");
    assert!(db.exists(&Article::select().filter(Article::SKU.eq(sku("AAA001")))).await?);
    assert_eq!(db.count(&Article::select().filter(Article::SKU.starts_with("BBB"))).await?, 2);
    assert_eq!(db.count(&Article::select().filter(Article::PRIORITY.ge(Priority::Normal))).await?, 2);
    assert_eq!(db.count(&Article::select().filter(Article::PRIORITY.is_null())).await?, 1);
    let either = Article::STATUS.in_([Status::Draft, Status::SoldOut]);
    assert_eq!(db.count(&Article::select().filter(either)).await?, 1);
    Ok(())
}

async fn json_is_written_when_it_changed(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let article = session.get_one::<Article>(1).await?;
    let log = db.statement_log();
    article.set_attributes(article.attributes().clone());
    article.set_price(article.price());
    article.set_status(Status::OnSale);
    session.flush().await?;
    log.assert_silent();
    let mut attributes = article.attributes().clone();
    attributes["colour"] = "red".into();
    article.set_attributes(attributes);
    article.set_priority(None);
    session.commit().await?;
    log.assert(&["UPDATE articles"]);
    let article = session.get_one::<Article>(1).await?;
    assert_eq!((&article.attributes()["colour"], article.priority()), (&json!("red"), None));
    Ok(())
}

async fn a_label_that_nobody_knows_is_an_error_of_its_column(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    db.run(&["UPDATE articles SET status = 'lost' WHERE id = 2"]).await?;
    let error = refused(db.all(&Article::select()).await, ErrorKind::Decode);
    assert_eq!((error.entity(), error.attribute()), (Some("Article"), Some("status")));
    assert!(error.to_string().contains(r#"found "lost", expected "draft", "on-sale", "sold_out""#), "{error}");
    Ok(())
}
