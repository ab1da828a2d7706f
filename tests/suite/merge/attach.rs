//! `attach`: a detached value becomes an object of the session, and the database is not asked.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Doc, User, Versioned, Writer};

each_backend!(
    an_attached_value_costs_nothing_and_is_clean,
    what_it_holds_comes_along,
    a_value_that_was_changed_is_refused,
    what_the_session_knows_stays,
    a_row_that_comes_later_is_newer,
    a_filtered_list_comes_along,
    a_deferred_column_comes_along,
    a_version_is_checked_by_the_update,
    what_contradicts_the_session_is_refused,
    what_was_deleted_here_is_refused,
    an_expired_object_is_filled,
);

type WithAddresses = Detached<User, loaded!(User { addresses })>;

async fn with_addresses(db: &TestDb) -> Outcome<WithAddresses> {
    Ok(db.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?)
}

async fn an_attached_value_costs_nothing_and_is_clean(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cached = db.one(&User::select().filter(User::ID.eq(1))).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let ada = session.attach(&cached)?;
    assert_eq!((ada.name(), session.get_one::<User>(1).await?), ("Ada", ada));
    session.flush().await?;
    log.assert_silent();
    ada.set_nick("set");
    session.commit().await?;
    log.assert(&["UPDATE users"]);
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("set"));
    Ok(())
}

async fn what_it_holds_comes_along(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query =
        Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.selectin(Book::CHAPTERS).joined(Book::AUTHOR));
    let cached = db.one(&query).await?;
    let session = db.session();
    let log = db.statement_log();
    let woolf = session.attach(cached)?;
    let orlando = woolf.books().first().expect("Orlando");
    assert_eq!((orlando.chapters().len(), orlando.author()), (2, session.narrow(&woolf)));
    log.assert_silent();
    woolf.add_to_books(Book::builder().title("Flush"))?;
    session.flush().await?;
    log.assert(&["INSERT books"]);
    assert_eq!(woolf.books().len(), 3);
    Ok(())
}

async fn a_value_that_was_changed_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut cached = db.one(&User::select().filter(User::ID.eq(1))).await?;
    cached.set_nick("changed");
    let session = db.session();
    let error = refused(session.attach(&cached), ErrorKind::Unflushed);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("User"), Some("1"), Some("attach")));
    assert!(error.to_string().contains("`nick` was set since it was detached"), "{error}");
    assert!(session.peek::<User>(1).is_err());
    Ok(())
}

async fn what_the_session_knows_stays(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cached = with_addresses(&db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("unflushed");
    let attached = session.attach(&cached)?;
    assert_eq!((attached.nick(), attached.addresses().len()), (Some("unflushed"), 2));
    assert_eq!(attached, ada);
    Ok(())
}

async fn a_row_that_comes_later_is_newer(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cached = with_addresses(&db).await?;
    db.run(&[
        "UPDATE users SET nick = 'newer' WHERE id = 1",
        "INSERT INTO addresses (user_id, email) VALUES (1, 'newer@x.org')",
    ])
    .await?;
    let session = db.session();
    let ada = session.attach(&cached)?;
    assert_eq!(ada.nick(), Some("countess"));
    session.all(&User::select().selectin(User::ADDRESSES)).await?;
    assert_eq!((ada.nick(), ada.addresses().len()), (Some("newer"), 3));
    Ok(())
}

async fn a_filtered_list_comes_along(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES.filter(Address::ID.eq(2)));
    let cached = db.one(&query).await?;
    let session = db.session();
    let ada = session.attach(&cached)?;
    assert_eq!(ada.addresses_subset().iter().map(|address| address.id()).collect::<Vec<_>>(), [2]);
    assert!(ada.try_addresses().is_err());
    Ok(())
}

async fn a_deferred_column_comes_along(db: TestDb) -> Outcome {
    let db = db.with(schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('one', 'long')"]).await?;
    let cached = db.one(&Doc::select().undefer(Doc::BODY)).await?;
    let session = db.session();
    session.get_one::<Doc>(1).await?;
    let log = db.statement_log();
    assert_eq!(session.attach(&cached)?.body(), Some("long"));
    log.assert_silent();
    Ok(())
}

async fn a_version_is_checked_by_the_update(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    db.run(&["INSERT INTO versioned (name, version) VALUES ('one', 1)"]).await?;
    let cached = db.one(&Versioned::select()).await?;
    db.run(&["UPDATE versioned SET version = 2"]).await?;
    let mut session = db.session();
    session.attach(cached)?.set_name("mine");
    refused(session.flush().await, ErrorKind::StaleData);
    session.rollback().await?;
    Ok(())
}

async fn what_contradicts_the_session_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cached = db.one(&Address::select().filter(Address::ID.eq(1)).joined(Address::USER)).await?;
    let list = with_addresses(&db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(1).await?;
    address.set_user(Key::new(2))?;
    let error = refused(session.attach(&cached), ErrorKind::State);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("Address"), Some("1"), Some("user")));
    refused(session.attach(&list), ErrorKind::State);
    assert_eq!(address.user_id(), Some(2));
    Ok(())
}

async fn what_was_deleted_here_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let cached = db.one(&User::select().filter(User::ID.eq(3))).await?;
    let session = db.session();
    let cy = session.get_one::<User>(3).await?;
    session.delete(&cy).await?;
    session.flush().await?;
    refused(session.attach(cached), ErrorKind::ObjectDeleted);
    Ok(())
}

async fn an_expired_object_is_filled(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let cached = {
        let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
        session.detach(&ada)?
    };
    session.commit().await?;
    let log = db.statement_log();
    let ada = session.attach(&cached)?;
    assert_eq!((ada.name(), ada.addresses().len()), ("Ada", 2));
    log.assert_silent();
    Ok(())
}
