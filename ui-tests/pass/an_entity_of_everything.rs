//! A composite key, an optional foreign key, an order, keywords as names, newtypes and enums as columns.

use orm_core::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, ColumnType, serde::Serialize)]
struct Sku(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ColumnType, serde::Serialize)]
#[orm(rename_all = "snake_case")]
enum Status {
    Open,
    Paid,
}

#[derive(Entity)]
#[orm(table = "orders", index(status))]
struct Order {
    #[orm(primary_key, generated = false)]
    id: i64,
    status: Status,
    #[orm(getter = "clone_")]
    clone: bool,
    r#type: Option<String>,
    parent_id: Option<i64>,
    parent: BelongsTo<Order>,
    #[orm(foreign_key = order_id, cascade = "all, delete-orphan", order_by = line)]
    lines: HasMany<Line>,
}

#[derive(Entity)]
struct Line {
    #[orm(primary_key)]
    order_id: i64,
    #[orm(primary_key)]
    line: i32,
    sku: Sku,
    #[orm(back_populates = lines)]
    order: BelongsTo<Order>,
}

async fn read(session: &Session) -> Result<(), Error> {
    let order = session.one(&Order::select().filter(Order::STATUS.eq(Status::Paid)).joined(Order::PARENT)).await?;
    println!("{:?} {} {:?}", order.parent().map(|parent| parent.id()), order.clone_(), order.r#type());
    let line = session.get_one::<Line>(LineKey { order_id: 1, line: 2 }).await?;
    println!("{:?}", line.sku());
    Ok(())
}

fn main() {
    let _ = read;
}
