//! Text is text in a newtype, and where it may be missing.

use orm_core::prelude::*;

#[derive(Clone, Debug, ColumnType, serde::Serialize)]
struct Email(String);

#[derive(Entity)]
#[orm(table = "readers")]
struct Reader {
    #[orm(primary_key)]
    id: i64,
    email: Email,
    phone: Option<Email>,
    city: Option<String>,
}

fn found(words: &str) -> Predicate<Reader> {
    Reader::EMAIL.icontains(words) | Reader::PHONE.starts_with(words) | Reader::CITY.like(words)
}

fn page(order: OrderBy<Reader>) -> Select<Reader> {
    Reader::select().filter(found("ada")).order_by(order)
}

fn main() {
    let _ = page(Reader::EMAIL.lower().asc());
}
