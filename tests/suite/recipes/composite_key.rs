//! Keys of several columns: the lines of an order, and what refers to one of them by both its columns.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "orders")]
pub struct Order {
    #[orm(primary_key)]
    id: i64,
    customer: String,
    #[orm(foreign_key = order_id, back_populates = order, cascade = "all, delete-orphan", order_by = product_id)]
    lines: HasMany<OrderLine>,
}

#[derive(Entity)]
#[orm(table = "products")]
pub struct Product {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

/// Its key is `OrderLineKey { order_id, product_id }`.
#[derive(Entity)]
#[orm(table = "order_lines")]
pub struct OrderLine {
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    product_id: i64,
    quantity: i32,
    order: BelongsTo<Order>,
    product: BelongsTo<Product>,
    #[orm(foreign_key = (order_id, product_id), back_populates = line, order_by = id)]
    parcels: HasMany<Parcel>,
}

#[derive(Entity)]
#[orm(table = "parcels")]
pub struct Parcel {
    #[orm(primary_key)]
    id: i64,
    order_id: i64,
    product_id: i64,
    carrier: String,
    #[orm(foreign_key = (order_id, product_id), back_populates = parcels)]
    line: BelongsTo<OrderLine>,
}

/// Packs one more of a product into an order: the line that is there, or a new one.
pub async fn pack(session: &Session, order: i64, product: i64) -> Result<i32, Error> {
    match session.get::<OrderLine>(OrderLineKey { order_id: order, product_id: product }).await? {
        Some(line) => {
            line.set_quantity(line.quantity() + 1);
            Ok(line.quantity())
        }
        None => {
            let line = OrderLine::builder().order(Key::new(order)).product(Key::new(product)).quantity(1);
            Ok(session.insert(line).await?.quantity())
        }
    }
}

each_backend!(
    a_line_is_found_by_both_columns,
    the_session_holds_it_by_both_columns,
    parents_of_two_columns_load_in_one_statement,
    a_line_goes_and_others_stay,
    the_same_line_twice_is_refused,
);

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Order, Product, OrderLine, Parcel]).await?;
    let mut session = db.session();
    let products = session.insert_all(["Pen", "Ink", "Paper"].map(|name| Product::builder().name(name))).await?;
    let line = |product: usize, quantity| OrderLine::builder().product(products[product]).quantity(quantity);
    session
        .insert_all([
            Order::builder()
                .customer("Ada")
                .lines([line(0, 2).parcels([Parcel::builder().carrier("post")]).build(), line(1, 1).build()]),
            Order::builder().customer("Bob").lines([line(0, 5).build()]),
        ])
        .await?;
    session.commit().await?;
    Ok(db)
}

async fn a_line_is_found_by_both_columns(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    assert_eq!(pack(&session, 1, 1).await?, 3, "one more");
    assert_eq!(pack(&session, 2, 3).await?, 1, "a new line");
    session.commit().await?;
    let lines =
        db.all(&OrderLine::select().order_by(OrderLine::ORDER_ID.asc()).order_by(OrderLine::PRODUCT_ID.asc())).await?;
    let lines: Vec<_> = lines.iter().map(|line| (line.order_id(), line.product_id(), line.quantity())).collect();
    assert_eq!(lines, [(1, 1, 3), (1, 2, 1), (2, 1, 5), (2, 3, 1)]);
    Ok(())
}

async fn the_session_holds_it_by_both_columns(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let line = session.get_one::<OrderLine>(OrderLineKey { order_id: 1, product_id: 2 }).await?;
    let key = Key::of(&line);
    assert_eq!(key.value(), &OrderLineKey { order_id: 1, product_id: 2 });
    let log = db.statement_log();
    assert_eq!(session.get_one(key).await?, line);
    log.assert_silent();
    assert!(session.get::<OrderLine>(OrderLineKey { order_id: 2, product_id: 2 }).await?.is_none());
    Ok(())
}

async fn parents_of_two_columns_load_in_one_statement(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let log = db.statement_log();
    let query = Order::select()
        .order_by(Order::ID.asc())
        .selectin(Order::LINES.joined(OrderLine::PRODUCT).selectin(OrderLine::PARCELS));
    let orders = db.all(&query).await?;
    log.assert(&["SELECT orders", "SELECT order_lines JOIN products", "SELECT parcels"]);
    let read: Vec<(&str, i32, usize)> = orders
        .iter()
        .flat_map(|order| order.lines())
        .map(|line| (line.product().name(), line.quantity(), line.parcels().len()))
        .collect();
    assert_eq!(read, [("Pen", 2, 1), ("Ink", 1, 0), ("Pen", 5, 0)]);

    let parcel = db.one(&Parcel::select().selectin(Parcel::LINE.joined(OrderLine::ORDER))).await?;
    log.assert(&["SELECT parcels", "SELECT order_lines JOIN orders"]);
    assert_eq!((parcel.line().order().customer(), parcel.line().product_id()), ("Ada", 1));
    let of_bob = Parcel::LINE.has(OrderLine::ORDER.has(Order::CUSTOMER.eq("Bob")));
    assert_eq!(db.count(&Parcel::select().filter(of_bob)).await?, 0);
    let of_line = Parcel::LINE.is(OrderLineKey { order_id: 1, product_id: 1 });
    assert_eq!(db.count(&Parcel::select().filter(of_line)).await?, 1);
    Ok(())
}

async fn a_line_goes_and_others_stay(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(1).selectin(Order::LINES).await?;
    let Some(ink) = order.lines().last() else { panic!("two lines") };
    order.remove_from_lines(&ink)?;
    let log = db.statement_log();
    session.commit().await?;
    assert_eq!(log.texts().iter().filter(|sql| sql.starts_with("DELETE")).count(), 1);
    let left = db.all(&OrderLine::select().filter(OrderLine::ORDER.is(1))).await?;
    assert_eq!(left.iter().map(|line| line.product_id()).collect::<Vec<_>>(), [1]);
    assert_eq!(db.count(&OrderLine::select()).await?, 2);
    Ok(())
}

async fn the_same_line_twice_is_refused(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let again = || OrderLine::builder().order(Key::new(1)).product(Key::new(2)).quantity(9);
    let error = refused(session.insert(again()).await, ErrorKind::UniqueViolation);
    let mut columns = error.columns().to_vec();
    columns.sort();
    assert_eq!(columns, ["order_id", "product_id"], "{error:?}");
    session.rollback().await?;
    let line = session.get_one::<OrderLine>(OrderLineKey { order_id: 1, product_id: 2 }).await?;
    assert_eq!(line.quantity(), 1);
    Ok(())
}
