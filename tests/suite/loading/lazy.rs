//! `load` and `load_all`: one relationship of objects that are there.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Doc, Order, User, Writer};
use orm_core::schema;

each_backend!(
    a_many_to_one_whose_target_is_in_the_map_costs_nothing,
    a_null_foreign_key_costs_nothing,
    any_other_relationship_costs_one_statement,
    load_all_costs_one_statement_for_all,
    what_is_loaded_already_costs_nothing_and_begins_no_transaction,
    loading_merges_with_what_the_handle_held,
    loaded_upgrades_without_a_statement_or_says_what_lacks,
    a_deferred_column_takes_one_statement_of_that_column,
);

async fn a_many_to_one_whose_target_is_in_the_map_costs_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let address = session.get_one::<Address>(1).await?;
    let log = db.statement_log();
    assert!(session.load(&address, Address::USER).await?.user() == Some(ada));
    log.assert_silent();
    Ok(())
}

async fn a_null_foreign_key_costs_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let nobodys = session.get_one::<Address>(4).await?;
    let log = db.statement_log();
    assert!(session.load(&nobodys, Address::USER).await?.user().is_none());
    log.assert_silent();
    Ok(())
}

async fn any_other_relationship_costs_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let address = session.get_one::<Address>(3).await?;
    let log = db.statement_log();
    let address = session.load(&address, Address::USER).await?;
    let bob = address.user().expect("an owner");
    assert_eq!(bob.name(), "Bob");
    log.assert(&["SELECT users"]);
    assert!(session.load(&bob, User::ADDRESSES).await?.addresses().contains(&address));
    log.assert(&["SELECT addresses"]);
    let order = session.get_one::<Order>(1).await?;
    assert_eq!(session.load(&order, Order::ITEMS).await?.items().len(), 2);
    log.assert(&["SELECT orders", "SELECT items JOIN order_items"]);
    Ok(())
}

async fn load_all_costs_one_statement_for_all(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc())).await?;
    let log = db.statement_log();
    let users = session.load_all(&users, User::ADDRESSES.selectin(Address::USER)).await?;
    assert_eq!(users.iter().map(|user| user.addresses().len()).collect::<Vec<_>>(), [2, 1, 0]);
    assert!(
        users.iter().all(|user| user.addresses().iter().all(|address| address.user().is_some_and(|it| it == *user)))
    );
    log.assert(&["SELECT addresses"]);
    Ok(())
}

async fn what_is_loaded_already_costs_nothing_and_begins_no_transaction(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES.selectin(Address::USER));
    session.one(&query).await?;
    let log = db.statement_log();
    let ada = session.get_one::<User>(1).await?;
    let ada = session.load(&ada, User::ADDRESSES.selectin(Address::USER)).await?;
    assert!(ada.addresses().iter().all(|address| address.user().is_some_and(|it| it == ada)));
    assert_eq!(session.get_one::<User>(1).selectin(User::ADDRESSES).await?.addresses().len(), 2);
    log.assert_silent();
    Ok(())
}

async fn loading_merges_with_what_the_handle_held(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let query = Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.selectin(Book::CHAPTERS));
    let woolf = session.one(&query).await?;
    let log = db.statement_log();
    let woolf = session.load(&woolf, Writer::BOOKS.selectin(Book::GENRES)).await?;
    log.assert(&["SELECT genres JOIN book_genres"]);
    for book in woolf.books() {
        assert!(!book.chapters().is_empty() && !book.genres().is_empty());
    }
    Ok(())
}

async fn loaded_upgrades_without_a_statement_or_says_what_lacks(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    let Err(StateError::NotLoaded { entity, key, attribute, .. }) = session.loaded(&ada, User::ADDRESSES) else {
        panic!("nothing loaded it")
    };
    assert_eq!((entity, &*key, attribute), ("User", "1", Some("addresses")));
    let lacking = ada.try_addresses().expect_err("not loaded").to_string();
    assert!(lacking.contains("User.addresses[1]") && lacking.contains("User::ADDRESSES"), "{lacking}");
    log.assert_silent();

    session.load(&ada, User::ADDRESSES).await?;
    drop(log.take());
    assert_eq!(session.loaded(&ada, User::ADDRESSES)?.addresses().len(), 2);
    assert_eq!(ada.try_addresses()?.len(), 2, "every handle of the object sees it");
    assert!(session.loaded(&ada, User::ADDRESSES.selectin(Address::USER)).is_err(), "the level below is not there");
    log.assert_silent();
    Ok(())
}

async fn a_deferred_column_takes_one_statement_of_that_column(db: TestDb) -> Outcome {
    let db = db.with(schema![Doc]).await?;
    db.run(&["INSERT INTO docs (title, body) VALUES ('a', 'long'), ('b', NULL)"]).await?;
    let session = db.session();
    let log = db.statement_log();
    let docs = session.all(&Doc::select().order_by(Doc::ID.asc())).await?;
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(!text.contains("body"), "{text}");
    assert!(docs[0].try_body().is_err());

    let docs = session.load_all(&docs, Doc::BODY).await?;
    assert_eq!(docs.iter().map(|doc| doc.body()).collect::<Vec<_>>(), [Some("long"), None]);
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(text.contains("body") && !text.contains("title"), "{text}");

    let fresh = db.session();
    let doc = fresh.one(&Doc::select().filter(Doc::BODY.column().eq("long")).undefer(Doc::BODY)).await?;
    assert_eq!(doc.body(), Some("long"));
    assert_eq!(log.count(), 1);
    Ok(())
}
