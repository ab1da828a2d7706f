//! Lists of detached values: what nobody changed is not written, and what was changed is, member by member.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Genre, Item, Kid, Order, Parent, User, Writer};

each_backend!(
    what_others_added_to_a_list_stays,
    what_others_took_out_of_a_list_stays_out,
    a_member_whose_row_is_gone_is_not_brought_back,
    a_member_that_was_set_is_written,
    what_was_taken_out_goes_and_nothing_else,
    what_was_taken_out_and_has_moved_since_stays_where_it_is,
    what_was_added_comes,
    a_new_member_brings_its_own_graph,
    a_list_that_was_cleared_keeps_what_others_added,
    pairs_are_written_as_they_were_changed,
    a_pair_is_added_by_its_key,
    a_filtered_list_is_changed_by_members,
    a_list_decided_at_run_time_is_changed_where_it_is_there,
    taken_out_and_put_back_is_no_change,
    what_a_value_does_not_hold_cannot_be_taken_out,
    a_changed_list_is_shared_by_no_clone,
    a_narrowed_value_keeps_its_changes,
    a_changed_list_is_not_attached,
    a_one_to_one_that_others_set_stays,
    nothing_is_sent_for_lists_that_nobody_changed,
);

type Family = Detached<Parent, loaded!(Parent { kids })>;

async fn families(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Parent, Kid]).await?;
    db.run(&[
        "INSERT INTO parents (name) VALUES ('p'), ('q')",
        "INSERT INTO kids (name, parent_id) VALUES ('a', 1), ('b', 1), ('c', 2)",
    ])
    .await?;
    Ok(db)
}

async fn family(db: &TestDb, id: i64) -> Outcome<Family> {
    Ok(db.one(&Parent::select().filter(Parent::ID.eq(id)).selectin(Parent::KIDS)).await?)
}

async fn names(db: &TestDb, id: i64) -> Outcome<Vec<String>> {
    Ok(family(db, id).await?.kids().iter().map(|kid| kid.name().to_owned()).collect())
}

async fn what_others_added_to_a_list_stays(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    db.run(&["INSERT INTO kids (name, parent_id) VALUES ('newer', 1)"]).await?;
    p.set_name("renamed");
    let mut session = db.session();
    let log = db.statement_log();
    let merged = session.merge(&p).await?;
    log.assert(&["SELECT parents", "SELECT kids"]);
    assert_eq!(merged.kids().len(), 3);
    session.commit().await?;
    log.assert(&["UPDATE parents"]);
    assert_eq!(names(&db, 1).await?, ["a", "b", "newer"]);
    Ok(())
}

async fn what_others_took_out_of_a_list_stays_out(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let p = family(&db, 1).await?;
    db.run(&["UPDATE kids SET parent_id = 2 WHERE id = 1"]).await?;
    let mut session = db.session();
    let merged = session.merge(&p).await?;
    assert_eq!(merged.kids().len(), 1);
    session.commit().await?;
    assert_eq!((names(&db, 1).await?.len(), names(&db, 2).await?.len()), (1, 2));
    Ok(())
}

async fn a_member_whose_row_is_gone_is_not_brought_back(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    db.run(&["DELETE FROM kids WHERE id = 1"]).await?;
    p.set_name("renamed");
    let mut session = db.session();
    let log = db.statement_log();
    let merged = session.merge(&p).await?;
    assert_eq!(merged.kids().iter().map(|kid| kid.name().to_owned()).collect::<Vec<_>>(), ["b"]);
    session.commit().await?;
    assert!(!log.texts().iter().any(|sql| sql.starts_with("INSERT")));
    assert_eq!(names(&db, 1).await?, ["b"]);
    Ok(())
}

async fn a_member_that_was_set_is_written(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    p.kids_mut()[1].set_name("b2");
    let mut session = db.session();
    let log = db.statement_log();
    session.merge(&p).await?;
    session.commit().await?;
    log.assert(&["SELECT parents", "SELECT kids", "UPDATE kids"]);
    assert_eq!(names(&db, 1).await?, ["a", "b2"]);
    Ok(())
}

async fn what_was_taken_out_goes_and_nothing_else(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    db.run(&["INSERT INTO kids (name, parent_id) VALUES ('newer', 1)"]).await?;
    p.remove_from_kids(1)?;
    assert_eq!(p.kids().len(), 1);
    let mut session = db.session();
    let log = db.statement_log();
    let merged = session.merge(&p).await?;
    assert_eq!(merged.kids().len(), 2);
    session.commit().await?;
    log.assert(&["SELECT parents", "SELECT kids", "DELETE kids"]);
    assert_eq!(names(&db, 1).await?, ["b", "newer"]);
    Ok(())
}

async fn what_was_taken_out_and_has_moved_since_stays_where_it_is(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    db.run(&["UPDATE kids SET parent_id = 2 WHERE id = 1"]).await?;
    p.remove_from_kids(1)?;
    let mut session = db.session();
    session.merge(&p).await?;
    session.commit().await?;
    assert_eq!(
        (names(&db, 1).await?, names(&db, 2).await?),
        (vec!["b".to_owned()], vec!["a".to_owned(), "c".to_owned()])
    );
    Ok(())
}

async fn what_was_added_comes(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    p.add_to_kids(Kid::builder().name("new"))?;
    p.add_to_kids(Key::<Kid>::new(3))?;
    // What has no row here shows once it is merged.
    assert_eq!(p.kids().len(), 2);
    let mut session = db.session();
    let merged = session.merge(&p).await?;
    assert_eq!(merged.kids().len(), 4);
    session.commit().await?;
    assert_eq!(
        (names(&db, 1).await?, names(&db, 2).await?.len()),
        (["a", "b", "c", "new"].map(str::to_owned).to_vec(), 0)
    );
    let mut p = family(&db, 1).await?;
    p.add_to_kids(Key::<Kid>::new(99))?;
    refused(session.merge(&p).await, ErrorKind::NotFound);
    Ok(())
}

async fn a_new_member_brings_its_own_graph(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let mut woolf =
        db.one(&Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.selectin(Book::GENRES))).await?;
    let before = woolf.books().len();
    let flush = Book::builder().title("Flush").genres([Genre::builder().name("dogs")]);
    woolf.add_to_books(flush)?;
    let mut session = db.session();
    // A value that is lent can be merged again: here into two databases' worth of sessions.
    let merged = session.merge(&woolf).await?;
    assert_eq!(merged.books().len(), before + 1);
    assert!(merged.books().iter().any(|book| book.genres().iter().any(|genre| genre.name() == "dogs")));
    session.rollback().await?;
    session.merge(&woolf).await?;
    session.commit().await?;
    assert_eq!(db.count(&Book::select().filter(Book::TITLE.eq("Flush"))).await?, 1);
    Ok(())
}

async fn a_list_that_was_cleared_keeps_what_others_added(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    db.run(&["INSERT INTO kids (name, parent_id) VALUES ('newer', 1)"]).await?;
    p.add_to_kids(Kid::builder().name("forgotten"))?;
    p.clear_kids()?;
    assert!(p.kids().is_empty());
    let mut session = db.session();
    session.merge(p).await?;
    session.commit().await?;
    assert_eq!(names(&db, 1).await?, ["newer"]);
    Ok(())
}

async fn pairs_are_written_as_they_were_changed(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let read = async || db.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await;
    let mut order = read().await?;
    let held: Vec<i64> = order.items().iter().map(|item| item.id()).collect();
    let mut session = db.session();
    let newer = session.insert(Item::builder().name("newer")).await?;
    let newer = newer.id();
    session.get_one::<Order>(1).await?.add_to_items(Key::<Item>::new(newer))?;
    session.commit().await?;
    order.remove_from_items(held[0])?;
    order.add_to_items(Item::builder().name("mine"))?;
    let log = db.statement_log();
    session.merge(&order).await?;
    session.commit().await?;
    let writes: Vec<String> = log.texts().into_iter().filter(|sql| !sql.starts_with("SELECT")).collect();
    assert_eq!(writes.len(), 3, "{writes:?}");
    let now: Vec<String> = read().await?.items().iter().map(|item| item.name().to_owned()).collect();
    assert_eq!(now.len(), held.len() + 1);
    assert!(now.contains(&"newer".to_owned()) && now.contains(&"mine".to_owned()));
    assert!(read().await?.items().iter().all(|item| item.id() != held[0]));
    assert!(db.exists(&Item::select().filter(Item::ID.eq(held[0]))).await?);
    Ok(())
}

async fn a_pair_is_added_by_its_key(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let free = session.insert(Item::builder().name("free")).await?.id();
    session.commit().await?;
    let mut order = db.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    order.add_to_items(Key::<Item>::new(free))?;
    let log = db.statement_log();
    let merged = session.merge(&order).await?;
    // What is added by its key is read, since the handle says that the list is loaded.
    log.assert(&["SELECT orders", "SELECT items JOIN order_items", "SELECT items"]);
    assert!(merged.items().iter().any(|item| item.name() == "free"));
    session.commit().await?;
    log.assert(&["INSERT order_items"]);
    order.add_to_items(Key::<Item>::new(999))?;
    let error = refused(session.merge(&order).await, ErrorKind::NotFound);
    assert_eq!((error.entity(), error.key()), (Some("Item"), Some("999")));
    Ok(())
}

async fn a_filtered_list_is_changed_by_members(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let query = Parent::select().filter(Parent::ID.eq(1)).selectin(Parent::KIDS.filter(Kid::NAME.eq("b")));
    let mut parent = db.one(&query).await?;
    let mut session = db.session();
    session.merge(&parent).await?;
    session.commit().await?;
    assert_eq!(names(&db, 1).await?, ["a", "b"]);
    parent.kids_mut()[0].set_name("unseen");
    // What the filter kept out is not among the members.
    refused(parent.remove_from_kids(1), ErrorKind::State);
    parent.remove_from_kids(2)?;
    parent.add_to_kids(Kid::builder().name("new"))?;
    session.merge(&parent).await?;
    session.commit().await?;
    assert_eq!(names(&db, 1).await?, ["a", "new"]);
    Ok(())
}

async fn a_list_decided_at_run_time_is_changed_where_it_is_there(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let parents =
        async |wanted| db.one(&Parent::select().filter(Parent::ID.eq(1)).selectin_if(wanted, Parent::KIDS)).await;
    let (mut with, mut without) = (parents(true).await?, parents(false).await?);
    let error = refused(without.add_to_kids(Kid::builder().name("lost")), ErrorKind::State);
    assert_eq!((error.entity(), error.attribute()), (Some("Parent"), Some("kids")));
    refused(without.clear_kids(), ErrorKind::State);
    assert!(without.kids_mut().is_empty());
    with.remove_from_kids(1)?;
    let mut session = db.session();
    session.merge(&with).await?;
    session.commit().await?;
    assert_eq!(names(&db, 1).await?, ["b"]);
    Ok(())
}

async fn taken_out_and_put_back_is_no_change(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    p.remove_from_kids(1)?;
    p.add_to_kids(Key::<Kid>::new(1))?;
    p.add_to_kids(Key::<Kid>::new(2))?;
    p.add_to_kids(Key::<Kid>::new(3))?;
    p.remove_from_kids(3)?;
    let mut session = db.session();
    let log = db.statement_log();
    session.merge(&p).await?;
    session.commit().await?;
    log.assert(&["SELECT parents", "SELECT kids"]);
    assert_eq!(names(&db, 1).await?, ["a", "b"]);
    Ok(())
}

async fn what_a_value_does_not_hold_cannot_be_taken_out(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    let error = refused(p.remove_from_kids(3), ErrorKind::State);
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some("Kid"), Some("3"), Some("kids")));
    assert_eq!(p.kids().len(), 2);
    Ok(())
}

async fn a_changed_list_is_shared_by_no_clone(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let before = family(&db, 1).await?;
    let mut p = before.clone();
    p.remove_from_kids(1)?;
    p.kids_mut()[0].set_name("other");
    assert_eq!((before.kids().len(), before.kids()[1].name()), (2, "b"));
    let mut session = db.session();
    session.merge(&before).await?;
    session.commit().await?;
    assert_eq!(names(&db, 1).await?, ["a", "b"]);
    Ok(())
}

async fn a_narrowed_value_keeps_its_changes(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query = Writer::select().filter(Writer::ID.eq(1)).selectin(Writer::BOOKS.selectin(Book::CHAPTERS));
    let mut woolf = db.one(&query).await?;
    woolf.add_to_books(Book::builder().title("Flush"))?;
    let narrowed: Detached<Writer, loaded!(Writer { books })> = Detached::narrow(woolf);
    let mut session = db.session();
    session.merge(narrowed).await?;
    session.commit().await?;
    assert!(db.exists(&Book::select().filter(Book::TITLE.eq("Flush"))).await?);
    Ok(())
}

async fn a_changed_list_is_not_attached(db: TestDb) -> Outcome {
    let db = families(db).await?;
    let mut p = family(&db, 1).await?;
    p.remove_from_kids(1)?;
    let session = db.session();
    let error = refused(session.attach(&p), ErrorKind::Unflushed);
    assert!(error.to_string().contains("`kids`"), "{error}");
    Ok(())
}

#[derive(Entity)]
#[orm(table = "drivers")]
struct Driver {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = driver_id, cascade = "all, delete-orphan")]
    licence: HasOne<Licence>,
}

#[derive(Entity)]
#[orm(table = "licences")]
struct Licence {
    #[orm(primary_key)]
    id: i64,
    number: String,
    #[orm(unique)]
    driver_id: i64,
    #[orm(foreign_key = driver_id, back_populates = licence)]
    driver: BelongsTo<Driver>,
}

async fn a_one_to_one_that_others_set_stays(db: TestDb) -> Outcome {
    let db = db.with(schema![Driver, Licence]).await?;
    let mut session = db.session();
    session.insert(Driver::builder().name("d")).await?;
    session.commit().await?;
    let read = async || db.one(&Driver::select().selectin(Driver::LICENCE)).await;
    let mut without = read().await?;
    db.run(&["INSERT INTO licences (number, driver_id) VALUES ('one', 1)"]).await?;
    without.set_name("renamed");
    let merged = session.merge(&without).await?;
    assert_eq!(merged.licence().map(|licence| licence.number()), Some("one"));
    session.commit().await?;
    // And the other way: replaced by others, it is not brought back.
    let with = read().await?;
    db.run(&["DELETE FROM licences", "INSERT INTO licences (number, driver_id) VALUES ('two', 1)"]).await?;
    session.merge(&with).await?;
    session.commit().await?;
    let now = read().await?;
    assert_eq!((now.name(), now.licence().map(|licence| licence.number())), ("renamed", Some("two")));
    Ok(())
}

async fn nothing_is_sent_for_lists_that_nobody_changed(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let ada = db.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    db.run(&[
        "INSERT INTO addresses (user_id, email) VALUES (1, 'newer@x.org')",
        "UPDATE addresses SET user_id = 2 WHERE id = 1",
    ])
    .await?;
    let mut session = db.session();
    let log = db.statement_log();
    session.merge(&ada).await?;
    session.commit().await?;
    assert!(log.texts().iter().all(|sql| sql.starts_with("SELECT")), "{:?}", log.texts());
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 2);
    Ok(())
}
