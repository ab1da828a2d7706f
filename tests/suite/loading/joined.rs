//! `joined`: related rows in the same statement.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Chapter, Item, Node, Order, User, Writer};

each_backend!(
    a_to_one_takes_one_statement,
    a_to_many_gives_each_parent_once_in_order,
    with_a_limit_exactly_so_many_parents_come_back,
    a_to_one_keeps_the_limit_on_the_root,
    an_offset_counts_parents,
    many_to_many_in_one_statement,
    two_to_many_at_once_do_not_multiply,
    joined_below_selectin_and_selectin_below_joined,
    a_nullable_target_that_is_not_there_drops_no_row,
    the_order_of_a_collection_is_that_of_the_relationship,
    a_self_join_does_not_mix_with_its_root,
);

async fn a_to_one_takes_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = Chapter::select().order_by(Chapter::ID.asc()).joined(Chapter::BOOK.joined(Book::AUTHOR));
    let chapters = session.all(&query).await?;
    log.assert(&["SELECT chapters JOIN books JOIN writers"]);
    let read: Vec<_> = chapters.iter().map(|it| (it.title(), it.book().title(), it.book().author().name())).collect();
    assert_eq!(read, [("One", "Orlando", "Woolf"), ("Two", "Orlando", "Woolf"), ("Dawn", "Waves", "Woolf")]);
    log.assert_silent();
    Ok(())
}

async fn a_to_many_gives_each_parent_once_in_order(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.all(&User::select().order_by(User::NAME.desc()).joined(User::ADDRESSES)).await?;
    log.assert(&["SELECT users JOIN addresses"]);
    let read: Vec<_> = users.iter().map(|user| (user.name(), user.addresses().len())).collect();
    assert_eq!(read, [("Cy", 0), ("Bob", 1), ("Ada", 2)]);
    Ok(())
}

async fn with_a_limit_exactly_so_many_parents_come_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.all(&User::select().order_by(User::ID.asc()).limit(2).joined(User::ADDRESSES)).await?;
    let read: Vec<_> = users.iter().map(|user| (user.name(), user.addresses().len())).collect();
    assert_eq!(read, [("Ada", 2), ("Bob", 1)]);
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(text.contains("FROM (SELECT"), "the root is limited in a subquery: {text}");
    Ok(())
}

async fn a_to_one_keeps_the_limit_on_the_root(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = Address::select().order_by(Address::ID.desc()).limit(2).joined(Address::USER);
    let addresses = session.all(&query).await?;
    let read: Vec<_> = addresses.iter().map(|it| (it.email(), it.user().map(|user| user.name()))).collect();
    assert_eq!(read, [("nobody@x.org", None), ("bob@x.org", Some("Bob"))]);
    log.assert(&["SELECT addresses JOIN users"]);
    Ok(())
}

async fn an_offset_counts_parents(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let query = User::select().order_by(User::ID.asc()).limit(5).offset(1).joined(User::ADDRESSES);
    let users = db.all(&query).await?;
    let read: Vec<_> = users.iter().map(|user| (user.name(), user.addresses().len())).collect();
    assert_eq!(read, [("Bob", 1), ("Cy", 0)]);
    Ok(())
}

async fn many_to_many_in_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let orders = session.all(&Order::select().order_by(Order::ID.asc()).joined(Order::ITEMS)).await?;
    let names: Vec<Vec<&str>> =
        orders.iter().map(|order| order.items().iter().map(|item| item.name()).collect()).collect();
    assert_eq!(names, [vec!["nut", "bolt"], vec!["nut"], vec![]]);
    assert_eq!(log.count(), 1, "{log}");
    Ok(())
}

async fn two_to_many_at_once_do_not_multiply(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = Book::select().order_by(Book::ID.asc()).joined(Book::CHAPTERS).joined(Book::GENRES);
    let books = session.all(&query).await?;
    let read: Vec<_> = books.iter().map(|it| (it.title(), it.chapters().len(), it.genres().len())).collect();
    assert_eq!(read, [("Orlando", 2, 2), ("Waves", 1, 1)]);
    assert_eq!(log.count(), 1, "{log}");
    Ok(())
}

async fn joined_below_selectin_and_selectin_below_joined(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let log = db.statement_log();
    let query = Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.joined(Book::AUTHOR));
    let session = db.session();
    let woolf = session.one(&query).await?;
    assert!(woolf.books().iter().all(|book| book.author() == woolf));
    // The author is known already: the members' plan is made true of what is there.
    log.assert(&["SELECT writers", "SELECT books"]);

    let query = Chapter::select().filter(Chapter::ID.eq(1)).joined(Chapter::BOOK.selectin(Book::GENRES));
    let session = db.session();
    let one = session.one(&query).await?;
    assert_eq!(one.book().genres().iter().map(|genre| genre.name()).collect::<Vec<_>>(), ["novel", "fantasy"]);
    log.assert(&["SELECT chapters JOIN books", "SELECT genres JOIN book_genres"]);
    Ok(())
}

async fn a_nullable_target_that_is_not_there_drops_no_row(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query = Book::select().order_by(Book::ID.asc()).joined(Book::EDITOR).joined(Book::AUTHOR);
    let books = db.all(&query).await?;
    let read: Vec<_> = books.iter().map(|it| (it.title(), it.editor().map(|editor| editor.name()))).collect();
    assert_eq!(read, [("Orlando", None), ("Waves", Some("Eco"))]);
    assert!(books.iter().all(|book| book.author().name() == "Woolf"), "two relationships to one entity do not mix");
    Ok(())
}

async fn the_order_of_a_collection_is_that_of_the_relationship(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    // Item 0 sorts before those that are there.
    db.run(&[
        "INSERT INTO items (id, name) VALUES (0, 'awl')",
        "INSERT INTO order_items (order_id, item_id) VALUES (1, 0)",
    ])
    .await?;
    let query = Order::select().filter(Order::ID.eq(1));
    let names = |items: Many<'_, Item>| items.iter().map(|item| item.name().to_owned()).collect::<Vec<_>>();
    let (first, second, third) = (db.session(), db.session(), db.session());
    let joined = first.one(&query.clone().joined(Order::ITEMS)).await?;
    let selected = second.one(&query.clone().selectin(Order::ITEMS)).await?;
    let loaded = third.load(&third.one(&query).await?, Order::ITEMS).await?;
    assert_eq!(names(joined.items()), ["awl", "nut", "bolt"]);
    assert_eq!(names(selected.items()), names(joined.items()));
    assert_eq!(names(loaded.items()), names(joined.items()));
    Ok(())
}

async fn a_self_join_does_not_mix_with_its_root(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = Node::select().order_by(Node::ID.asc()).joined(Node::PARENT).joined(Node::CHILDREN);
    let nodes = session.all(&query).await?;
    let read: Vec<(&str, Option<&str>, Vec<&str>)> = nodes
        .iter()
        .map(|node| {
            (node.name(), node.parent().map(|it| it.name()), node.children().iter().map(|it| it.name()).collect())
        })
        .collect();
    assert_eq!(
        read,
        [
            ("root", None, vec!["left", "right"]),
            ("left", Some("root"), vec!["leaf"]),
            ("right", Some("root"), vec![]),
            ("leaf", Some("left"), vec![]),
        ]
    );
    assert_eq!(log.count(), 1, "{log}");
    Ok(())
}
