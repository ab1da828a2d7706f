//! `merge` of graphs: along relationships, collections that become exactly what is given, and those that do not.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Chapter, Genre, Item, Kid, Node, Order, Parent, User, Writer};

each_backend!(
    a_collection_that_is_absent_is_untouched,
    a_collection_becomes_exactly_what_is_given,
    orphans_are_deleted_only_where_the_relationship_says_so,
    a_required_parent_cannot_be_left,
    a_child_moves_between_two_parents_of_one_graph,
    a_detached_graph_goes_back_with_one_select_for_each_level,
    a_collection_that_was_narrowed_away_is_untouched,
    a_subset_never_takes_away,
    a_maybe_follows_what_is_there,
    many_to_many_becomes_exactly_what_is_given,
    members_are_given_in_any_form,
    a_new_graph_under_an_object_that_is_there,
    a_to_one_of_a_builder_is_set,
    a_to_one_of_a_detached_value_stays_where_the_row_says,
    one_to_one_is_replaced,
    two_copies_in_one_graph_that_differ_are_refused,
    a_part_of_a_key_comes_from_the_parent,
    a_tree_is_merged,
    what_is_refused_changes_nothing,
);

async fn families(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Parent, Kid]).await?;
    db.run(&[
        "INSERT INTO parents (name) VALUES ('p'), ('q')",
        "INSERT INTO kids (name, parent_id) VALUES ('a', 1), ('b', 1), ('c', 2)",
    ])
    .await?;
    Ok(db)
}

fn emails(user: Persistent<'_, User, loaded!(User { addresses })>) -> Vec<String> {
    user.addresses().iter().map(|address| address.email().to_owned()).collect()
}

async fn a_collection_that_is_absent_is_untouched(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.merge(User::builder().id(1).name("Ada L.")).await?;
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 2);
    Ok(())
}

async fn a_collection_becomes_exactly_what_is_given(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let new = Address::builder().email("new@x.org").build();
    let known = Address::builder().id(2).email("changed@y.org").build();
    let ada = session.merge(User::builder().id(1).name("Ada").addresses([known, new])).await?;
    log.assert(&["SELECT users", "SELECT addresses", "UPDATE addresses", "UPDATE addresses", "INSERT addresses"]);
    assert_eq!(emails(ada), ["changed@y.org", "new@x.org"]);
    session.commit().await?;
    // Nobody's now, and not deleted.
    let left = db.one(&Address::select().filter(Address::ID.eq(1))).await?;
    assert_eq!(left.user_id(), None);
    let ada = db.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    assert_eq!(ada.addresses().len(), 2);
    // Nothing at all is something too.
    let ada = session.merge(User::builder().id(1).name("Ada").addresses(Vec::<Transient<Address>>::new())).await?;
    assert!(ada.addresses().is_empty());
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 0);
    Ok(())
}

async fn orphans_are_deleted_only_where_the_relationship_says_so(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let parent = session.merge(Parent::builder().id(1).name("p").kids([Kid::builder().id(2).name("b2")])).await?;
    log.assert(&["SELECT parents", "SELECT kids"]);
    assert_eq!(parent.kids().iter().map(|kid| kid.name().to_owned()).collect::<Vec<_>>(), ["b2"]);
    session.commit().await?;
    log.assert(&["UPDATE kids", "DELETE kids"]);
    assert_eq!(db.count(&Kid::select()).await?, 2);
    Ok(())
}

async fn a_required_parent_cannot_be_left(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let only = Book::builder().id(1).title("Orlando");
    let error =
        refused(session.merge(Writer::builder().id(1).name("V. Woolf").books([only])).await, ErrorKind::MissingParent);
    assert_eq!((error.entity(), error.key()), (Some("Book"), Some("2")));
    let woolf = session.get_one::<Writer>(1).await?;
    assert!(woolf.name() == "Woolf" && !session.is_modified(&woolf));
    Ok(())
}

async fn a_child_moves_between_two_parents_of_one_graph(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut session = db.session();
    let kid = |id, name: &str| Kid::builder().id(id).name(name);
    let parents = [
        Parent::builder().id(1).name("p").kids([kid(1, "a")]),
        Parent::builder().id(2).name("q").kids([kid(2, "b"), kid(3, "c")]),
    ];
    let log = db.statement_log();
    let parents = session.merge_all(parents).await?;
    log.assert(&["SELECT parents", "SELECT kids"]);
    let names = |at: usize| parents[at].kids().iter().map(|kid| kid.name().to_owned()).collect::<Vec<_>>();
    assert_eq!((names(0), names(1)), (vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned()]));
    session.commit().await?;
    log.assert(&["UPDATE kids"]);
    Ok(())
}

type WriterPage = Detached<Writer, loaded!(Writer { books { chapters } })>;

async fn a_detached_graph_goes_back_with_one_select_for_each_level(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query = Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.selectin(Book::CHAPTERS));
    let mut page: WriterPage = db.one(&query).await?;
    page.set_name("V. Woolf");
    let mut session = db.session();
    let log = db.statement_log();
    let woolf = session.merge(&page).await?;
    log.assert(&["SELECT writers", "SELECT books", "SELECT chapters"]);
    // What comes back holds what was given.
    assert_eq!(woolf.books().len(), 2);
    assert_eq!(woolf.books().first().expect("Orlando").chapters().len(), 2);
    session.commit().await?;
    log.assert(&["UPDATE writers"]);
    // Merged twice into one session, it costs nothing the second time.
    session.merge(&page).await?;
    drop(log.take());
    session.merge(&page).await?;
    log.assert_silent();
    Ok(())
}

async fn a_collection_that_was_narrowed_away_is_untouched(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let ada = db.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    db.run(&["INSERT INTO addresses (user_id, email) VALUES (1, 'newer@x.org')"]).await?;
    let mut session = db.session();
    let bare: Detached<User> = Detached::narrow(ada.clone());
    session.merge(bare).await?;
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 3);
    // Held, and nobody changed it: it is untouched as well.
    let merged = session.merge(ada).await?;
    assert_eq!(merged.addresses().len(), 3);
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 3);
    Ok(())
}

async fn a_subset_never_takes_away(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let query = Parent::select().filter(Parent::ID.eq(1)).selectin(Parent::KIDS.filter(Kid::NAME.eq("b")));
    let mut parent = db.one(&query).await?;
    parent.set_name("renamed");
    let mut session = db.session();
    let merged = session.merge(&parent).await?;
    assert_eq!(merged.kids_subset().iter().map(|kid| kid.id()).collect::<Vec<_>>(), [2]);
    session.commit().await?;
    assert_eq!(db.count(&Kid::select().filter(Kid::PARENT_ID.eq(1))).await?, 2);
    assert_eq!(db.one(&Parent::select().filter(Parent::ID.eq(1))).await?.name(), "renamed");
    Ok(())
}

async fn a_maybe_follows_what_is_there(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let parents =
        async |wanted| db.one(&Parent::select().filter(Parent::ID.eq(1)).selectin_if(wanted, Parent::KIDS)).await;
    let (with, without) = (parents(true).await?, parents(false).await?);
    db.run(&["INSERT INTO kids (name, parent_id) VALUES ('newer', 1)"]).await?;
    let mut session = db.session();
    let merged = session.merge(&without).await?;
    assert!(merged.try_kids().is_err());
    session.commit().await?;
    assert_eq!(db.count(&Kid::select()).await?, 4);
    let merged = session.merge(&with).await?;
    assert_eq!(merged.try_kids()?.len(), 3);
    session.commit().await?;
    assert_eq!(db.count(&Kid::select()).await?, 4);
    Ok(())
}

async fn many_to_many_becomes_exactly_what_is_given(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let items = [Item::builder().id(2).name("bolt"), Item::builder().id(3).name("cog")];
    let order = session.merge(Order::builder().id(1).note("first").items(items)).await?;
    log.assert(&["SELECT orders", "SELECT items JOIN order_items", "SELECT items"]);
    assert_eq!(order.items().iter().map(|item| item.name().to_owned()).collect::<Vec<_>>(), ["bolt", "cog"]);
    session.commit().await?;
    log.assert(&["DELETE order_items", "UPDATE items", "INSERT order_items"]);
    assert_eq!(db.count(&Item::select()).await?, 3);
    Ok(())
}

async fn members_are_given_in_any_form(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let held = session.get_one::<Address>(3).await?;
    let members = [Member::from(&held), Member::from(Key::<Address>::new(4)), Address::builder().email("n").into()];
    let ada = session.merge(User::builder().id(1).name("Ada").addresses(members)).await?;
    let ada = session.load(&ada, User::ADDRESSES).await?;
    assert_eq!(emails(ada), ["bob@x.org", "nobody@x.org", "n"]);
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 3);
    let missing = User::builder().id(1).name("Ada").addresses([Member::from(Key::<Address>::new(99))]);
    let error = refused(session.merge(missing).await, ErrorKind::NotFound);
    assert_eq!((error.entity(), error.key()), (Some("Address"), Some("99")));
    Ok(())
}

async fn a_new_graph_under_an_object_that_is_there(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let mut session = db.session();
    let book = Book::builder()
        .title("Flush")
        .chapters([Chapter::builder().title("1")])
        .genres([Genre::builder().id(1).name("novel")]);
    let log = db.statement_log();
    let eco = session.merge(Writer::builder().id(2).name("Eco").books([book])).await?;
    log.assert(&[
        "SELECT writers",
        "SELECT books",
        "SELECT genres",
        "INSERT books",
        "INSERT chapters",
        "INSERT book_genres",
    ]);
    let flush = eco.books().first().expect("the new book");
    assert_eq!((flush.chapters().len(), flush.genres().len(), flush.author_id()), (1, 1, 2));
    session.commit().await?;
    Ok(())
}

async fn a_to_one_of_a_builder_is_set(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    let address = Address::builder().id(4).email("cy@x.org").user(User::builder().id(3).name("Cyrus"));
    let address = session.merge(address).await?;
    log.assert(&["SELECT addresses", "SELECT users"]);
    assert_eq!(address.user().map(|user| user.name()), Some("Cyrus"));
    let by_key = session.merge(Address::builder().id(1).email("ada@x.org").user(Key::new(2))).await?;
    assert_eq!(by_key.user_id(), Some(2));
    session.commit().await?;
    let cy = db.one(&User::select().filter(User::ID.eq(3)).selectin(User::ADDRESSES)).await?;
    assert_eq!((cy.name(), cy.addresses().len()), ("Cyrus", 1));
    Ok(())
}

async fn a_to_one_of_a_detached_value_stays_where_the_row_says(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut address = db.one(&Address::select().filter(Address::ID.eq(1)).joined(Address::USER)).await?;
    // Someone else gives it to Bob.
    db.run(&["UPDATE addresses SET user_id = 2 WHERE id = 1"]).await?;
    address.set_email("mine@x.org");
    let mut session = db.session();
    let merged = session.merge(&address).await?;
    assert_eq!(merged.user().map(|user| user.name()), Some("Bob"));
    session.commit().await?;
    let now = db.one(&Address::select().filter(Address::ID.eq(1))).await?;
    assert_eq!((now.email(), now.user_id()), ("mine@x.org", Some(2)));
    Ok(())
}

#[derive(Entity)]
#[orm(table = "owners")]
struct Owner {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = owner_id, cascade = "all, delete-orphan")]
    passport: HasOne<Passport>,
}

#[derive(Entity)]
#[orm(table = "passports")]
struct Passport {
    #[orm(primary_key)]
    id: i64,
    number: String,
    #[orm(unique)]
    owner_id: i64,
    #[orm(foreign_key = owner_id, back_populates = passport)]
    owner: BelongsTo<Owner>,
}

async fn one_to_one_is_replaced(db: TestDb) -> Outcome {
    let db = db.with(schema![Owner, Passport]).await?;
    let mut session = db.session();
    session.insert(Owner::builder().name("o").passport(Passport::builder().number("1"))).await?;
    session.commit().await?;
    let owner = session.merge(Owner::builder().id(1).name("o").passport(Passport::builder().number("2"))).await?;
    assert_eq!(owner.passport().map(|passport| passport.number()), Some("2"));
    session.commit().await?;
    let all = db.all(&Passport::select()).await?;
    assert_eq!(all.iter().map(|passport| passport.number()).collect::<Vec<_>>(), ["2"]);
    Ok(())
}

async fn two_copies_in_one_graph_that_differ_are_refused(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let order = |id, item: &str| Order::builder().id(id).note("n").items([Item::builder().id(1).name(item)]);
    let error = refused(session.merge_all([order(1, "nut"), order(2, "washer")]).await, ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("Item"), Some("1"), Some("name")));
    log.assert_silent();
    session.merge_all([order(1, "nut"), order(2, "nut")]).await?;
    Ok(())
}

#[derive(Entity)]
#[orm(table = "bills")]
struct Bill {
    #[orm(primary_key)]
    id: i64,
    #[orm(foreign_key = bill_id, cascade = "all, delete-orphan", order_by = line)]
    lines: HasMany<Line>,
}

#[derive(Entity)]
#[orm(table = "bill_lines")]
struct Line {
    #[orm(primary_key)]
    bill_id: i64,
    #[orm(primary_key, generated = false)]
    line: i64,
    text: String,
    #[orm(foreign_key = bill_id, back_populates = lines)]
    bill: BelongsTo<Bill>,
}

async fn a_part_of_a_key_comes_from_the_parent(db: TestDb) -> Outcome {
    let db = db.with(schema![Bill, Line]).await?;
    let mut session = db.session();
    let line = |line, text: &str| Line::builder().line(line).text(text);
    session.insert(Bill::builder().lines([line(1, "one"), line(2, "two")])).await?;
    session.commit().await?;
    let log = db.statement_log();
    let bill = session.merge(Bill::builder().id(1).lines([line(2, "2"), line(3, "3")])).await?;
    log.assert(&[
        "SELECT bills",
        "SELECT bill_lines",
        "SELECT bill_lines",
        "UPDATE bill_lines",
        "INSERT bill_lines",
        "DELETE bill_lines",
    ]);
    assert_eq!(bill.lines().iter().map(|line| line.text().to_owned()).collect::<Vec<_>>(), ["2", "3"]);
    session.commit().await?;
    // Under a parent without a key, everything is new.
    let new = session.merge(Bill::builder().lines([line(1, "a")])).await?;
    assert_eq!(new.lines().first().map(|line| line.bill_id()), Some(2));
    // Alone, a part is missing.
    let error = refused(session.merge(line(1, "x")).await, ErrorKind::MissingKey);
    assert_eq!((error.entity(), error.attribute()), (Some("Line"), Some("bill_id")));
    Ok(())
}

async fn a_tree_is_merged(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let mut session = db.session();
    let leaf = Node::builder().id(4).name("leaf");
    let root = Node::builder().id(1).name("root").children([
        Node::builder().id(3).name("right").children([leaf]).build(),
        Node::builder().id(2).name("left").build(),
    ]);
    let root = session.merge(root).await?;
    let names: Vec<String> = root.children().iter().map(|node| node.name().to_owned()).collect();
    assert_eq!(names, ["right", "left"]);
    session.commit().await?;
    assert_eq!(db.one(&Node::select().filter(Node::ID.eq(4))).await?.parent_id(), Some(3));
    Ok(())
}

async fn what_is_refused_changes_nothing(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let session = db.session();
    // The last of the kids is stopped by its key; the first has been read by then.
    let kids = [Member::from(Kid::builder().id(1).name("changed")), Member::from(Key::<Kid>::new(99))];
    refused(session.merge(Parent::builder().id(1).name("changed").kids(kids)).await, ErrorKind::NotFound);
    let parent = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    assert_eq!((parent.name(), parent.kids().len()), ("p", 2));
    assert!(parent.kids().iter().all(|kid| kid.name() != "changed"));
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}
