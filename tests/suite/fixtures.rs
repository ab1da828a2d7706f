//! The entities that most tests use, and rows for them.

mod columns;
mod library;
mod people;
mod shop;

pub(crate) use columns::{Doc, Marker, MarkerKey, Stamped, Versioned};
pub(crate) use library::{Book, Chapter, Genre, Writer};
pub(crate) use people::{Address, Kid, Node, Parent, User};
pub(crate) use shop::{Item, Order};

use orm_core::schema;
use orm_tests::{Outcome, TestDb};

/// Users Ada (1), Bob (2) and Cy (3), who has no nick; Ada has the addresses 1 and 2, Bob 3; 4 belongs to nobody.
pub(crate) async fn people(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![User, Address]).await?;
    db.run(&[
        "INSERT INTO users (name, nick) VALUES ('Ada', 'countess'), ('Bob', 'builder'), ('Cy', NULL)",
        "INSERT INTO addresses (user_id, email) VALUES (1, 'ada@x.org'), (1, 'ada@y.org'), (2, 'bob@x.org'), (NULL, 'nobody@x.org')",
    ])
    .await?;
    Ok(db)
}

/// Orders 1 (items nut, bolt), 2 (nut) and 3 (nothing); the item gear (3) is in no order. Users Ada (1) and Bob (2) have placed them: 1
/// and 2 are Ada's, 3 is Bob's.
pub(crate) async fn shop(db: TestDb) -> Outcome<TestDb> {
    let db = people(db).await?.with(schema![Order, Item]).await?;
    db.run(&[
        "INSERT INTO orders (note, customer_id) VALUES ('first', 1), ('second', 1), ('third', 2)",
        "INSERT INTO items (name) VALUES ('nut'), ('bolt'), ('gear')",
        "INSERT INTO order_items (order_id, item_id) VALUES (1, 1), (1, 2), (2, 1)",
    ])
    .await?;
    Ok(db)
}

/// Writers Woolf (1) and Eco (2), who has written nothing; the books Orlando (1, two chapters) and Waves (2, one chapter) are Woolf's,
/// and Eco edited Waves; genres novel (1) of both books and fantasy (2) of Orlando.
pub(crate) async fn library(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Writer, Book, Chapter, Genre]).await?;
    db.run(&[
        "INSERT INTO writers (name) VALUES ('Woolf'), ('Eco')",
        "INSERT INTO books (title, author_id, editor_id) VALUES ('Orlando', 1, NULL), ('Waves', 1, 2)",
        "INSERT INTO chapters (title, book_id) VALUES ('One', 1), ('Two', 1), ('Dawn', 2)",
        "INSERT INTO genres (name) VALUES ('novel'), ('fantasy')",
        "INSERT INTO book_genres (book_id, genre_id) VALUES (1, 1), (1, 2), (2, 1)",
    ])
    .await?;
    Ok(db)
}

/// A tree: root (1) with the children left (2) and right (3); left has the child leaf (4).
pub(crate) async fn tree(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Node]).await?;
    db.run(&["INSERT INTO nodes (name, parent_id) VALUES ('root', NULL), ('left', 1), ('right', 1), ('leaf', 2)"])
        .await?;
    Ok(db)
}
