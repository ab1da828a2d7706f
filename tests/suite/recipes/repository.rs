//! A repository trait: the program asks for what it needs, the database answers, and tests answer in its place.

use std::{collections::HashMap, future::Future, sync::Mutex};

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 255)]
    email: String,
    name: String,
    #[orm(foreign_key = user_id, back_populates = user, order_by = id)]
    orders: HasMany<Order>,
}

#[derive(Entity)]
#[orm(table = "orders")]
pub struct Order {
    #[orm(primary_key)]
    id: i64,
    cents: i64,
    user_id: i64,
    #[orm(foreign_key = user_id, back_populates = orders)]
    user: BelongsTo<User>,
}

/// Written once, for handles and for detached values.
impl User {
    pub fn greeting(&self) -> String {
        format!("Dear {}", self.name)
    }
}

/// A user with orders, owned: what the trait hands out says what it holds.
pub type Buyer = Detached<User, loaded!(User { orders })>;

/// What the program asks of its store.
pub trait Buyers: Send + Sync {
    fn find(&self, id: i64) -> impl Future<Output = Result<Buyer, Error>> + Send;
    fn rename(&self, key: Key<User>, name: &str) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The store in production.
pub struct SqlBuyers(SessionFactory);

impl Buyers for SqlBuyers {
    async fn find(&self, id: i64) -> Result<Buyer, Error> {
        self.0.database().one(&User::select().filter(User::ID.eq(id)).selectin(User::ORDERS)).await
    }

    async fn rename(&self, key: Key<User>, name: &str) -> Result<(), Error> {
        let mut session = self.0.session();
        session.get_one(key).await?.set_name(name);
        session.commit().await
    }
}

/// The store in tests.
#[derive(Default)]
pub struct MockBuyers(Mutex<HashMap<i64, Buyer>>);

impl Buyers for MockBuyers {
    async fn find(&self, id: i64) -> Result<Buyer, Error> {
        let buyers = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(buyers[&id].clone())
    }

    async fn rename(&self, key: Key<User>, name: &str) -> Result<(), Error> {
        let mut buyers = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(buyer) = buyers.get_mut(key.value()) {
            buyer.set_name(name);
        }
        Ok(())
    }
}

/// The program's own logic, which knows of no database.
pub async fn thank(buyers: &impl Buyers, id: i64) -> Result<String, Error> {
    let buyer = buyers.find(id).await?;
    let cents: i64 = buyer.orders().iter().map(|order| order.cents()).sum();
    if buyer.name().ends_with(" (valued)") || cents < 10_000 {
        return Ok(format!("{}, thank you for {} orders.", buyer.greeting(), buyer.orders().len()));
    }
    buyers.rename(Key::new(id), &format!("{} (valued)", buyer.name())).await?;
    Ok(format!("{}, thank you for {}.{:02}!", buyer.greeting(), cents / 100, cents % 100))
}

fn ada() -> UserBuilder<orm_core::handle::Set, orm_core::handle::Set> {
    User::builder().email("ada@example.org").name("Ada")
}

#[tokio::test]
async fn the_logic_is_tested_without_a_database() -> Outcome {
    let orders = [Order::builder().id(1).cents(9_000), Order::builder().id(2).cents(1_050)];
    let mock = MockBuyers::default();
    let buyer = ada().id(7).orders(orders).into_detached()?;
    assert_eq!(buyer.orders()[1].user_id(), 7, "linked as the database would have linked it");
    mock.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(7, buyer);
    assert_eq!(thank(&mock, 7).await?, "Dear Ada, thank you for 100.50!");
    assert_eq!(thank(&mock, 7).await?, "Dear Ada (valued), thank you for 2 orders.");
    Ok(())
}

#[test]
fn a_mock_says_what_is_missing() {
    let error = refused(ada().into_detached(), ErrorKind::Decode);
    assert_eq!(
        (error.entity(), error.attribute()),
        (Some("User"), Some("id")),
        "the database would have made it: {error}"
    );
}

each_backend!(the_logic_runs_on_the_database);

async fn the_logic_runs_on_the_database(db: TestDb) -> Outcome {
    let db = db.with(schema![User, Order]).await?;
    let mut session = db.session();
    let orders = [Order::builder().cents(9_000), Order::builder().cents(1_050)];
    let id = session.insert(ada().orders(orders)).await?.id();
    session.commit().await?;
    let buyers = SqlBuyers(db.session_factory());
    assert_eq!(thank(&buyers, id).await?, "Dear Ada, thank you for 100.50!");
    assert_eq!(thank(&buyers, id).await?, "Dear Ada (valued), thank you for 2 orders.");
    refused(thank(&buyers, id + 1).await, ErrorKind::NotFound);
    Ok(())
}
