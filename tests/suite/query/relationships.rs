//! Conditions on relationships: EXISTS, or a comparison of the foreign key.

use orm_core::{expr::Predicate, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Chapter, Genre, Item, Node, Order, User, Writer};

each_backend!(
    any_is_exists_and_gives_each_parent_once,
    has_is_exists,
    many_to_many_any_is_exists_over_the_secondary,
    is_compares_the_foreign_key,
    is_of_another_sides_key_and_contains,
    conditions_nest_over_three_levels,
    a_self_reference_does_not_mix_with_its_root,
    conditions_go_with_hints_of_the_same_relationship,
);

async fn any_is_exists_and_gives_each_parent_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let query = User::select().filter(User::ADDRESSES.any(Address::EMAIL.starts_with("ada"))).order_by(User::ID.asc());
    let users = db.all(&query).await?;
    assert_eq!(users.iter().map(|it| it.name()).collect::<Vec<_>>(), ["Ada"]);
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(text.contains("EXISTS") && !text.contains("JOIN"), "{text}");
    assert_eq!(db.count(&User::select().filter(User::ADDRESSES.any_at_all())).await?, 2);
    assert_eq!(db.one(&User::select().filter(!User::ADDRESSES.any_at_all())).await?.name(), "Cy");
    Ok(())
}

async fn has_is_exists(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let query = Address::select().filter(Address::USER.has(User::NAME.eq("Bob")));
    assert_eq!(db.one(&query).await?.email(), "bob@x.org");
    assert!(log.texts()[0].contains("EXISTS"));
    assert_eq!(db.one(&Address::select().filter(Address::USER.is_none())).await?.email(), "nobody@x.org");
    assert_eq!(db.count(&Address::select().filter(Address::USER.is_some())).await?, 3);
    Ok(())
}

async fn many_to_many_any_is_exists_over_the_secondary(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let log = db.statement_log();
    let query = Order::select().filter(Order::ITEMS.any(Item::NAME.eq("nut"))).order_by(Order::ID.asc());
    let orders = db.all(&query).await?;
    assert_eq!(orders.iter().map(|it| it.note()).collect::<Vec<_>>(), ["first", "second"]);
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(text.contains("EXISTS") && text.contains("order_items"), "{text}");
    assert_eq!(db.one(&Item::select().filter(!Item::ORDERS.any_at_all())).await?.name(), "gear");
    Ok(())
}

async fn is_compares_the_foreign_key(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    for condition in [Address::USER.is(&ada), Address::USER.is(Key::of(&ada)), Address::USER.is(1)] {
        assert_eq!(session.count(&Address::select().filter(condition)).await?, 2);
    }
    let texts = log.texts();
    assert!(texts.iter().all(|text| text.contains("\"user_id\" =") && !text.contains("EXISTS")), "{texts:?}");
    Ok(())
}

async fn is_of_another_sides_key_and_contains(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let with_nut = Order::select().filter(Order::ITEMS.contains(1)).order_by(Order::ID.asc());
    assert_eq!(db.all(&with_nut).await?.len(), 2);
    assert_eq!(db.one(&User::select().filter(User::ADDRESSES.contains(3))).await?.name(), "Bob");
    let both = Order::ITEMS.contains(1) & Order::ITEMS.contains(2);
    assert_eq!(db.one(&Order::select().filter(both)).await?.note(), "first");
    Ok(())
}

async fn conditions_nest_over_three_levels(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let dawn = Book::CHAPTERS.any(Chapter::TITLE.eq("Dawn"));
    let writers = Writer::select().filter(Writer::BOOKS.any(dawn & Book::GENRES.any(Genre::NAME.eq("novel"))));
    assert_eq!(db.one(&writers).await?.name(), "Woolf");
    let woolf = Book::AUTHOR.has(Writer::NAME.eq("Woolf"));
    let query = Chapter::select().filter(Chapter::BOOK.has(woolf & Book::EDITOR.is_none()));
    assert_eq!(db.count(&query).await?, 2);
    assert_eq!(db.count(&Writer::select().filter(Predicate::any_of([]) & Writer::BOOKS.any_at_all())).await?, 0);
    Ok(())
}

async fn a_self_reference_does_not_mix_with_its_root(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let query = Node::select().filter(Node::CHILDREN.any(Node::CHILDREN.any(Node::NAME.eq("leaf"))));
    assert_eq!(db.one(&query).await?.name(), "root");
    let query = Node::select().filter(Node::PARENT.has(Node::NAME.eq("root")) & Node::NAME.ne("left"));
    assert_eq!(db.one(&query).await?.name(), "right");
    Ok(())
}

async fn conditions_go_with_hints_of_the_same_relationship(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let condition = User::ADDRESSES.any(Address::EMAIL.eq("ada@y.org"));
    let joined = db.one(&User::select().filter(condition.clone()).joined(User::ADDRESSES)).await?;
    let selected = db.one(&User::select().filter(condition).selectin(User::ADDRESSES)).await?;
    // The condition finds the parent; it does not filter the collection.
    assert_eq!((joined.addresses().len(), selected.addresses().len()), (2, 2));
    Ok(())
}
