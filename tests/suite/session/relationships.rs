//! Writing relationships: both sides at once, and nothing that a handle was promised is taken away.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Chapter, User, Writer};

each_backend!(
    setting_a_to_one_updates_the_column_and_both_sides_at_once,
    a_key_sets_the_column_and_loads_nothing,
    a_key_where_a_target_was_promised_breaks_the_promise_and_changes_nothing,
    assign_loads_what_the_promise_needs,
    a_member_that_lacks_what_was_promised_below_is_refused,
    assign_to_a_key_that_names_no_row_is_not_found,
    clearing_a_nullable_to_one_writes_null,
    clearing_a_required_to_one_is_refused,
);

async fn setting_a_to_one_updates_the_column_and_both_sides_at_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    let (ada, bob) = (users[0], users[1]);
    let moved = ada.addresses().first().expect("an address");
    let log = db.statement_log();
    moved.set_user(bob)?;
    assert_eq!(moved.user_id(), Some(2));
    assert!(session.loaded(&moved, Address::USER)?.user().is_some_and(|it| it == bob));
    assert!(!ada.addresses().contains(&moved) && bob.addresses().contains(&moved));
    log.assert_silent();
    session.flush().await?;
    log.assert(&["UPDATE addresses"]);
    Ok(())
}

async fn a_key_sets_the_column_and_loads_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).await?;
    let log = db.statement_log();
    address.set_user(Key::<User>::new(2))?;
    assert_eq!(address.user_id(), Some(2));
    log.assert_silent();
    session.flush().await?;
    log.assert(&["UPDATE addresses"]);
    assert_eq!(session.load(&address, Address::USER).await?.user().map(|it| it.name()), Some("Bob"));
    Ok(())
}

async fn a_key_where_a_target_was_promised_breaks_the_promise_and_changes_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).selectin(Address::USER).await?;
    let error = refused(address.set_user(Key::<User>::new(2)), ErrorKind::BreaksPromise);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("Address"), Some("1"), Some("user")));
    assert!(error.to_string().contains("assign"), "{error}");
    assert_eq!((address.user_id(), address.user().map(|it| it.name())), (Some(1), Some("Ada")));
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();

    // An object that is in the map is promise enough.
    let bob = session.get_one::<User>(2).await?;
    address.set_user(Key::of(&bob))?;
    assert!(address.user().is_some_and(|it| it == bob));
    Ok(())
}

async fn assign_loads_what_the_promise_needs(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).selectin(Address::USER).await?;
    let log = db.statement_log();
    session.assign(&address, Address::USER, Key::<User>::new(2)).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((address.user_id(), address.user().map(|it| it.name())), (Some(2), Some("Bob")));

    let deep = session.get_one::<Address>(2).selectin(Address::USER.selectin(User::ADDRESSES)).await?;
    drop(log.take());
    session.assign(&deep, Address::USER, Key::<User>::new(3)).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    let cy = deep.user().expect("assigned");
    assert_eq!(cy.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(), ["ada@y.org"]);
    Ok(())
}

async fn a_member_that_lacks_what_was_promised_below_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let query = Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.selectin(Book::CHAPTERS));
    let woolf = session.one(&query).await?;
    let rose = session.insert(Book::builder().title("Name").author(Key::<Writer>::new(2))).await?;
    // A new book is known to have no chapters: it holds what was promised.
    rose.set_author(woolf)?;
    assert_eq!(woolf.books().last().map(|it| it.chapters().len()), Some(0));

    let fresh = db.session();
    drop(session);
    let woolf = fresh.one(&query).await?;
    let eco = fresh.get_one::<Writer>(2).selectin(Writer::EDITED).await?;
    let waves = eco.edited().first().expect("Waves");
    assert!(waves == woolf.books().last().expect("Waves"), "chapters are loaded: it may go anywhere");
    let other = db.session();
    let chapter = other.get_one::<Chapter>(1).selectin(Chapter::BOOK.selectin(Book::CHAPTERS)).await?;
    let bare = other.get_one::<Book>(2).await?;
    let error = refused(chapter.set_book(bare), ErrorKind::BreaksPromise);
    assert_eq!((error.entity(), error.attribute()), (Some("Chapter"), Some("book")));
    assert!(error.to_string().contains("chapters"), "{error}");
    assert_eq!(chapter.book().title(), "Orlando");
    other.assign(&chapter, Chapter::BOOK, bare).await?;
    assert_eq!((chapter.book().title(), chapter.book().chapters().len()), ("Waves", 2));
    Ok(())
}

async fn assign_to_a_key_that_names_no_row_is_not_found(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).selectin(Address::USER).await?;
    let error = refused(session.assign(&address, Address::USER, Key::<User>::new(99)).await, ErrorKind::NotFound);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("User"), Some("99"), Some("assign")));
    assert_eq!(address.user_id(), Some(1));
    Ok(())
}

async fn clearing_a_nullable_to_one_writes_null(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let loaded = session.get_one::<Address>(1).selectin(Address::USER).await?;
    let bare = session.get_one::<Address>(2).await?;
    loaded.clear_user()?;
    bare.clear_user()?;
    assert!(loaded.user().is_none() && loaded.user_id().is_none() && bare.user_id().is_none());
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE addresses"]);
    assert_eq!(session.count(&Address::select().filter(Address::USER_ID.is_null())).await?, 3);
    Ok(())
}

async fn clearing_a_required_to_one_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let book = session.get_one::<Book>(1).selectin(Book::AUTHOR).await?;
    let error = refused(book.clear_author(), ErrorKind::MissingParent);
    assert_eq!((error.entity(), error.key()), (Some("Book"), Some("1")));
    assert_eq!(book.author().name(), "Woolf");
    Ok(())
}
