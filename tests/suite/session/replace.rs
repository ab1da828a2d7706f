//! `replace_…` and `extend_…`: several members at once, checked before anything changes.

use orm_core::{error::ErrorKind, handle::Member, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Chapter, Genre, Item, Order, User, Writer};

each_backend!(
    what_is_missing_is_taken_out_and_what_is_new_comes_in,
    orphans_are_deleted_where_the_relationship_says_so,
    pairs_are_written_as_the_difference,
    the_same_members_send_nothing,
    a_required_parent_keeps_its_children_and_nothing_changes,
    a_member_that_breaks_a_promise_changes_nothing,
    pending_members_of_before_are_taken_out_too,
    several_are_added_at_once_or_none,
);

async fn what_is_missing_is_taken_out_and_what_is_new_comes_in(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    let second = session.get_one::<Address>(2).await?;
    let nobodys = session.get_one::<Address>(4).await?;
    let new = Address::builder().email("new@x.org").build();
    ada.replace_addresses([Member::from(nobodys), Member::from(new), Member::from(second)])?;
    assert_eq!(ada.addresses().iter().map(|it| it.id()).collect::<Vec<_>>(), [4, 2], "new ones from the flush on");
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE addresses", "INSERT addresses"]);
    assert_eq!(ada.addresses().len(), 3);
    session.commit().await?;
    let ada = db.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    assert_eq!(
        ada.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(),
        ["ada@y.org", "nobody@x.org", "new@x.org"]
    );
    assert_eq!(db.one(&Address::select().filter(Address::ID.eq(1))).await?.user_id(), None);
    Ok(())
}

async fn orphans_are_deleted_where_the_relationship_says_so(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let book = session.one(&Book::select().filter(Book::ID.eq(1)).selectin(Book::CHAPTERS)).await?;
    book.replace_chapters([Chapter::builder().title("Only")])?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT chapters", "DELETE chapters"]);
    assert_eq!(book.chapters().iter().map(|it| it.title()).collect::<Vec<_>>(), ["Only"]);
    Ok(())
}

async fn pairs_are_written_as_the_difference(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let order = session.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    let (bolt, gear) = (session.get_one::<Item>(2).await?, session.get_one::<Item>(3).await?);
    order.replace_items([gear, bolt])?;
    assert_eq!(order.items().iter().map(|it| it.name()).collect::<Vec<_>>(), ["gear", "bolt"]);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["DELETE order_items", "INSERT order_items"]);
    order.replace_items(Vec::<Persistent<'_, Item>>::new())?;
    session.flush().await?;
    log.assert(&["DELETE order_items"]);
    assert!(order.items().is_empty());
    Ok(())
}

async fn the_same_members_send_nothing(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let order = session.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    let items: Vec<_> = order.items().iter().collect();
    order.replace_items(items.iter().rev().chain(&items))?;
    assert_eq!(order.items().len(), 2);
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_required_parent_keeps_its_children_and_nothing_changes(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let woolf = session.one(&Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS)).await?;
    let new = Book::builder().title("new").build();
    let error = refused(woolf.replace_books([new]), ErrorKind::MissingParent);
    assert_eq!((error.entity(), error.key()), (Some("Book"), Some("1")));
    assert_eq!(woolf.books().len(), 2);
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_member_that_breaks_a_promise_changes_nothing(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    db.run(&["INSERT INTO genres (name) VALUES ('unread')"]).await?;
    let session = db.session();
    let query = Book::select().filter(Book::ID.eq(1)).selectin(Book::GENRES.selectin(Genre::BOOKS));
    let book = session.one(&query).await?;
    let before: Vec<_> = book.genres().iter().collect();
    let stranger = session.one(&Genre::select().filter(Genre::NAME.eq("unread"))).await?;
    let error = refused(book.replace_genres([stranger]), ErrorKind::BreaksPromise);
    assert_eq!((error.entity(), error.attribute()), (Some("Book"), Some("genres")));
    assert_eq!(book.genres().iter().collect::<Vec<_>>(), before);
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn pending_members_of_before_are_taken_out_too(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    let before = session.add(Address::builder().email("before@x.org"))?;
    ada.add_to_addresses(before)?;
    ada.replace_addresses([Address::builder().email("after@x.org")])?;
    session.flush().await?;
    assert_eq!(ada.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(), ["after@x.org"]);
    assert_eq!(session.persisted(&before)?.user_id(), None);
    Ok(())
}

async fn several_are_added_at_once_or_none(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let eco = session.get_one::<Writer>(2).await?;
    eco.extend_books([Book::builder().title("one"), Book::builder().title("two")])?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT books"]);
    assert_eq!(session.count(&Book::select().filter(Book::AUTHOR_ID.eq(2))).await?, 2);
    let new = || Member::from(Book::builder().title("three").build());
    refused(eco.extend_books([new(), Member::from(Key::<Book>::new(99))]), ErrorKind::State);
    log.texts();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}
