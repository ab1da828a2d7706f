//! What statements do to many rows at once inside a savepoint is undone with it, in memory too.

use orm_core::{prelude::*, query::on_conflict};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Chapter, Item, Order, User, Versioned};

each_backend!(
    a_bulk_update_is_undone,
    a_bulk_delete_is_undone,
    a_bulk_update_of_a_foreign_key_is_undone,
    an_upsert_is_undone,
    what_was_released_stays_and_the_rollback_around_it_undoes_it,
    a_bulk_update_reaches_what_is_known_of_an_expired_object,
);

async fn a_bulk_update_is_undone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(orm_core::schema![Versioned]).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    let version = Key::of(&session.insert(Versioned::builder().name("v")).await?);
    let mut sp = session.savepoint().await?;
    assert_eq!(sp.update(&User::update().filter(User::ID.le(2)).set(User::NICK, "inside")).await?, 2);
    sp.update(&Versioned::update().set(Versioned::NAME, "inside")).await?;
    assert_eq!(sp.peek::<User>(1)?.nick(), Some("inside"));
    assert_eq!(sp.peek(version)?.version(), 2);
    sp.rollback().await?;
    let log = db.statement_log();
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    assert_eq!(session.get_one::<User>(2).await?.nick(), Some("builder"));
    log.assert(&["SELECT users", "SELECT users"]);
    assert_eq!(session.peek::<User>(3)?.name(), "Cy", "untouched, not expired");
    let version = session.get_one(version).await?;
    assert_eq!((version.name(), version.version()), ("v", 1));
    version.set_name("w");
    session.commit().await?;
    Ok(())
}

async fn a_bulk_delete_is_undone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select().selectin(User::ADDRESSES)).await?;
    let mut sp = session.savepoint().await?;
    assert_eq!(sp.delete_where(Address::USER_ID.eq(1)).await?, 2);
    assert!(sp.get::<Address>(1).await?.is_none());
    sp.rollback().await?;
    let address = session.get::<Address>(1).await?.expect("it is back");
    assert_eq!(address.email(), "ada@x.org");
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    assert_eq!(ada.addresses().len(), 2);
    address.set_email("new@x.org");
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::EMAIL.eq("new@x.org"))).await?, 1);
    Ok(())
}

async fn a_bulk_update_of_a_foreign_key_is_undone(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let mut session = db.session();
    session.all(&Chapter::select().selectin(Chapter::BOOK.selectin(Book::CHAPTERS))).await?;
    let mut sp = session.savepoint().await?;
    sp.update(&Chapter::update().filter(Chapter::BOOK_ID.eq(2)).set(Chapter::BOOK_ID, 1)).await?;
    assert_eq!(sp.get_one::<Book>(1).selectin(Book::CHAPTERS).await?.chapters().len(), 3);
    assert_eq!(sp.get_one::<Chapter>(3).selectin(Chapter::BOOK).await?.book().id(), 1);
    sp.rollback().await?;
    let chapter = session.get_one::<Chapter>(3).selectin(Chapter::BOOK.selectin(Book::CHAPTERS)).await?;
    assert_eq!((chapter.book_id(), chapter.book().id(), chapter.book().chapters().len()), (2, 2, 1));
    assert_eq!(session.get_one::<Book>(1).selectin(Book::CHAPTERS).await?.chapters().len(), 2);
    Ok(())
}

async fn an_upsert_is_undone(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(1).selectin(Order::CUSTOMER).await?;
    assert_eq!(order.customer().id(), 1);
    session.get_one::<Item>(1).await?;
    let sp = session.savepoint().await?;
    let ada = sp.upsert(User::builder().name("Ada").nick("inside"), on_conflict(User::NAME)).await?;
    assert_eq!((ada.id(), ada.nick()), (1, Some("inside")));
    let order = Order::builder().id(1).note("moved").customer(Key::<User>::new(2));
    let order = sp.upsert(order, on_conflict(Order::ID)).await?;
    assert_eq!((order.note(), order.customer_id()), ("moved", 2));
    let new = Key::of(&sp.upsert(Item::builder().name("washer"), on_conflict(Item::NAME)).await?);
    sp.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    let order = session.get_one::<Order>(1).selectin(Order::CUSTOMER).await?;
    assert_eq!((order.note(), order.customer_id(), order.customer().name()), ("first", 1, "Ada"));
    assert!(session.get(new).await?.is_none());
    let log = db.statement_log();
    assert_eq!(session.get_one::<Item>(1).await?.name(), "nut");
    log.assert_silent();
    session.commit().await?;
    log.assert(&[]);
    Ok(())
}

async fn what_was_released_stays_and_the_rollback_around_it_undoes_it(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    let mut outer = session.savepoint().await?;
    let mut inner = outer.savepoint().await?;
    inner.update(&User::update().filter(User::ID.eq(1)).set(User::NICK, "inner")).await?;
    inner.delete_where(Address::ID.eq(3)).await?;
    inner.release().await?;
    assert_eq!(outer.get_one::<User>(1).await?.nick(), Some("inner"));
    outer.rollback().await?;
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    assert!(session.get::<Address>(3).await?.is_some());
    Ok(())
}

async fn a_bulk_update_reaches_what_is_known_of_an_expired_object(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.get_one::<User>(1).await?;
    session.expire_attributes::<User>(1, User::NAME);
    session.update(&User::update().set(User::NICK, "all")).await?;
    let log = db.statement_log();
    let ada = session.get_one::<User>(1).await?;
    log.assert(&["SELECT users"]);
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("all")));
    session.expire_attributes::<User>(1, User::NAME);
    let ada = session.upsert(User::builder().name("Ada").nick("upserted"), on_conflict(User::NAME)).await?;
    assert_eq!((ada.name(), ada.nick()), ("Ada", Some("upserted")));
    Ok(())
}
