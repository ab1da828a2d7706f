//! The relationship is for reading; another one writes the same foreign key.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "writers")]
struct Writer {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = writer_id)]
    books: HasMany<Book>,
    #[orm(foreign_key = writer_id, viewonly)]
    shelf: HasMany<Book>,
}

#[derive(Entity)]
#[orm(table = "books")]
struct Book {
    #[orm(primary_key)]
    id: i64,
    title: String,
    writer_id: Option<i64>,
}

fn publish(writer: Persistent<'_, Writer>, book: Persistent<'_, Book>) -> Result<(), Error> {
    writer.add_to_shelf(&book)
}

fn main() {}
