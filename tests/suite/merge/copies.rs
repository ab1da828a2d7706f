//! `merge` of a graph in which an object occurs more than once: what was set on any copy is set, and only that can contradict.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Node, Order, User};

each_backend!(
    a_copy_on_which_nothing_was_set_is_no_conflict,
    what_was_set_on_two_copies_unites,
    two_copies_set_to_different_values_are_refused,
    copies_read_at_different_times_are_no_conflict,
    a_tree_with_its_parents_merges,
    a_copy_that_is_older_does_not_lift_the_version,
    two_copies_changed_at_different_versions_are_refused,
    a_detached_value_and_a_builder_of_one_object_follow_each_other,
    a_list_changed_on_one_copy_is_changed,
    a_member_that_one_copy_adds_and_another_takes_away_is_refused,
);

type Page = Detached<User, loaded!(User { addresses { user } })>;

async fn page(db: &TestDb, id: i64) -> Outcome<Page> {
    Ok(db.one(&User::select().filter(User::ID.eq(id)).selectin(User::ADDRESSES.selectin(Address::USER))).await?)
}

async fn a_copy_on_which_nothing_was_set_is_no_conflict(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut page = page(&db, 1).await?;
    page.set_nick("set");
    let mut session = db.session();
    let log = db.statement_log();
    let ada = session.merge(&page).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    assert_eq!(ada.addresses().first().and_then(|address| address.user()).map(|user| user.nick()), Some(Some("set")));
    session.commit().await?;
    log.assert(&["UPDATE users"]);
    Ok(())
}

async fn what_was_set_on_two_copies_unites(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (mut one, mut two) = (page(&db, 1).await?, page(&db, 1).await?);
    one.set_nick("set");
    two.set_name("Adele");
    two.addresses_mut()[0].set_email("new@x.org");
    let mut session = db.session();
    session.merge_all([&one, &two]).await?;
    session.commit().await?;
    let now = page(&db, 1).await?;
    assert_eq!((now.name(), now.nick(), now.addresses()[0].email()), ("Adele", Some("set"), "new@x.org"));
    Ok(())
}

async fn two_copies_set_to_different_values_are_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (mut one, mut two) = (page(&db, 1).await?, page(&db, 1).await?);
    one.set_nick("one");
    two.set_nick("two");
    let session = db.session();
    let log = db.statement_log();
    let error = refused(session.merge_all([&one, &two]).await, ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("User"), Some("1"), Some("nick")));
    log.assert_silent();
    Ok(())
}

async fn copies_read_at_different_times_are_no_conflict(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let old = page(&db, 1).await?;
    db.run(&["UPDATE users SET name = 'Adele' WHERE id = 1"]).await?;
    let mut new = page(&db, 1).await?;
    new.set_nick("set");
    let mut session = db.session();
    session.merge_all([&old, &new]).await?;
    session.commit().await?;
    let now = page(&db, 1).await?;
    assert_eq!((now.name(), now.nick()), ("Adele", Some("set")));
    Ok(())
}

async fn a_tree_with_its_parents_merges(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let query = Node::select().filter(Node::ID.eq(1)).selectin(Node::CHILDREN.selectin(Node::PARENT));
    let mut root = db.one(&query).await?;
    root.set_name("changed");
    for child in root.children_mut() {
        let name = format!("{}!", child.name());
        child.set_name(name);
    }
    let count = root.children().len();
    assert!(count > 1);
    let mut session = db.session();
    session.merge(root).await?;
    session.commit().await?;
    let now = db.one(&query).await?;
    assert_eq!((now.name(), now.children().len()), ("changed", count));
    assert!(now.children().iter().all(|child| child.name().ends_with('!')));
    Ok(())
}

#[derive(Entity)]
#[orm(table = "boards")]
struct Board {
    #[orm(primary_key)]
    id: i64,
    title: String,
    note: Option<String>,
    #[orm(version)]
    version: i32,
    #[orm(foreign_key = board_id, back_populates = board, order_by = id)]
    cards: HasMany<Card>,
}

#[derive(Entity)]
#[orm(table = "cards")]
struct Card {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(version)]
    version: i32,
    board_id: Option<i64>,
    #[orm(foreign_key = board_id, back_populates = cards)]
    board: BelongsTo<Board>,
}

async fn boards(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Board, Card]).await?;
    let mut session = db.session();
    session
        .insert(Board::builder().title("b").cards([Card::builder().text("one"), Card::builder().text("two")]))
        .await?;
    session.commit().await?;
    Ok(db)
}

type WithCards = Detached<Board, loaded!(Board { cards { board } })>;

async fn board(db: &TestDb) -> Outcome<WithCards> {
    Ok(db.one(&Board::select().selectin(Board::CARDS.selectin(Card::BOARD))).await?)
}

async fn a_copy_that_is_older_does_not_lift_the_version(db: TestDb) -> Outcome {
    let db = boards(db).await?;
    let mut old = board(&db).await?;
    db.run(&[
        "UPDATE boards SET version = 2, note = 'theirs'",
        "UPDATE cards SET version = 7, text = 'theirs' WHERE id = 1",
    ])
    .await?;
    let new = board(&db).await?;
    old.set_title("mine");
    let mut session = db.session();
    refused(session.merge_all([&old, &new]).await, ErrorKind::StaleData);
    refused(session.merge_all([&new, &old]).await, ErrorKind::StaleData);
    session.rollback().await?;
    // Of a card that the old value holds nothing was set: it is not stale.
    let mut old: WithCards = new;
    db.run(&["UPDATE cards SET version = 8, text = 'again' WHERE id = 1"]).await?;
    old.set_title("mine");
    session.merge(&old).await?;
    session.commit().await?;
    let now = board(&db).await?;
    assert_eq!((now.title(), now.note(), now.cards()[0].text()), ("mine", Some("theirs"), "again"));
    Ok(())
}

async fn two_copies_changed_at_different_versions_are_refused(db: TestDb) -> Outcome {
    let db = boards(db).await?;
    let mut old = board(&db).await?;
    db.run(&["UPDATE boards SET version = 2"]).await?;
    let mut new = board(&db).await?;
    old.set_title("mine");
    new.set_note("mine too");
    let session = db.session();
    let error = refused(session.merge_all([&old, &new]).await, ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.attribute()), (Some("Board"), Some("version")));
    Ok(())
}

async fn a_detached_value_and_a_builder_of_one_object_follow_each_other(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut order = db.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    order.set_note("set");
    order.items_mut()[0].set_name("renamed");
    let mut session = db.session();
    session.merge(&order).await?;
    session.merge(Order::builder().id(1).note("set")).await?;
    session.commit().await?;
    let now = db.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    assert_eq!((now.note(), now.items()[0].name(), now.items().len()), ("set", "renamed", order.items().len()));
    Ok(())
}

async fn a_list_changed_on_one_copy_is_changed(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (one, mut two) = (page(&db, 1).await?, page(&db, 1).await?);
    two.remove_from_addresses(1)?;
    two.add_to_addresses(Key::<Address>::new(4))?;
    let mut session = db.session();
    session.merge_all([&one, &two]).await?;
    session.commit().await?;
    let ids: Vec<i64> = page(&db, 1).await?.addresses().iter().map(|address| address.id()).collect();
    assert_eq!(ids, [2, 4]);
    Ok(())
}

async fn a_member_that_one_copy_adds_and_another_takes_away_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut one = page(&db, 1).await?;
    one.remove_from_addresses(1)?;
    db.run(&["UPDATE addresses SET user_id = NULL WHERE id = 1"]).await?;
    let mut two = page(&db, 1).await?;
    two.add_to_addresses(Key::<Address>::new(1))?;
    let session = db.session();
    let error = refused(session.merge_all([&one, &two]).await, ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.attribute()), (Some("User"), Some("addresses")));
    Ok(())
}
