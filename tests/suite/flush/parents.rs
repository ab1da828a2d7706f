//! Relationship writes ask whose child an object is; who is an orphan is decided at the flush.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Item, Kid, Order, Parent, User};

each_backend!(
    somebody_elses_child_stays_where_it_is,
    a_child_that_moved_on_is_not_taken_by_its_old_parent,
    a_child_that_is_taken_and_given_to_another_is_one_update,
    a_child_that_is_taken_and_put_back_sends_nothing,
    what_is_cleared_and_added_again_stays,
    replaced_twice_only_who_is_missing_in_the_end_goes,
    a_taken_child_that_is_merged_to_a_parent_stays,
    an_explicit_delete_stays_one,
    a_new_child_that_is_taken_and_given_elsewhere_is_inserted,
    who_is_to_be_deleted_is_told_before_the_flush,
    a_refreshed_orphan_is_its_parents_again,
    a_key_alone_moves_a_child_out_of_the_list_that_shows_it,
    a_list_that_is_loaded_shows_what_is_pending,
    a_pair_that_is_removed_read_and_added_again_sends_nothing,
    a_pair_that_was_never_there_is_not_removed_once_that_is_known,
);

/// P (1) with the kids a (1) and b (2), Q (2) with c (3).
async fn parents(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Parent, Kid]).await?;
    let graphs = [("P", &["a", "b"][..]), ("Q", &["c"])];
    let graphs =
        graphs.map(|(name, kids)| Parent::builder().name(name).kids(kids.iter().map(|it| Kid::builder().name(*it))));
    let mut session = db.session();
    session.insert_all(graphs).await?;
    session.commit().await?;
    Ok(db)
}

async fn names(db: &TestDb) -> Outcome<Vec<(String, i64)>> {
    let kids = db.all(&Kid::select().order_by(Kid::ID.asc())).await?;
    Ok(kids.iter().map(|kid| (kid.name().to_owned(), kid.parent_id())).collect())
}

fn named(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(name, parent)| ((*name).to_owned(), *parent)).collect()
}

async fn somebody_elses_child_stays_where_it_is(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let c = session.get_one::<Kid>(3).await?;
    let log = db.statement_log();
    p.remove_from_kids(&c)?;
    assert!(!session.inspect(&c)?.is_to_be_deleted());
    session.flush().await?;
    log.assert(&[]);
    session.commit_keeping().await?;
    assert_eq!(names(&db).await?, named(&[("a", 1), ("b", 1), ("c", 2)]));

    let db = fixtures::people(db).await?;
    let session = db.session();
    let bob = session.get_one::<User>(2).await?;
    let adas = session.get_one::<Address>(1).await?;
    bob.remove_from_addresses(&adas)?;
    assert_eq!(adas.user_id(), Some(1));
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn a_child_that_moved_on_is_not_taken_by_its_old_parent(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let (p, q) = (session.get_one::<Parent>(1).await?, session.get_one::<Parent>(2).await?);
    let (a, b) = (session.get_one::<Kid>(1).await?, session.get_one::<Kid>(2).await?);
    let log = db.statement_log();
    q.add_to_kids(a)?;
    p.remove_from_kids(&a)?;
    let new = session.add(Parent::builder().name("R"))?;
    new.add_to_kids(b)?;
    p.remove_from_kids(&b)?;
    session.flush().await?;
    log.assert(&["INSERT parents", "UPDATE kids"]);
    let new = session.persisted(&new)?.id();
    session.commit_keeping().await?;
    assert_eq!(names(&db).await?, named(&[("a", 2), ("b", new), ("c", 2)]));
    Ok(())
}

async fn a_child_that_is_taken_and_given_to_another_is_one_update(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let q = session.get_one::<Parent>(2).selectin(Parent::KIDS).await?;
    let (a, b) = (session.get_one::<Kid>(1).await?, session.get_one::<Kid>(2).await?);
    let log = db.statement_log();
    p.remove_from_kids(&a)?;
    q.add_to_kids(a)?;
    p.remove_from_kids(&b)?;
    b.set_parent(q)?;
    assert_eq!((p.kids().len(), q.kids().len()), (0, 3));
    assert!(session.deleted::<Kid>().is_empty());
    session.flush().await?;
    log.assert(&["UPDATE kids"]);
    session.commit_keeping().await?;
    assert_eq!(names(&db).await?, named(&[("a", 2), ("b", 2), ("c", 2)]));
    Ok(())
}

async fn a_child_that_is_taken_and_put_back_sends_nothing(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let a = p.kids().first().expect("a");
    let log = db.statement_log();
    p.remove_from_kids(&a)?;
    assert_eq!(p.kids().len(), 1);
    p.add_to_kids(a)?;
    assert_eq!(p.kids().len(), 2);
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn what_is_cleared_and_added_again_stays(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let a = p.kids().first().expect("a");
    let log = db.statement_log();
    p.clear_kids()?;
    p.add_to_kids(a)?;
    session.flush().await?;
    log.assert(&["DELETE kids"]);
    assert_eq!(p.kids().iter().map(|kid| kid.name()).collect::<Vec<_>>(), ["a"]);
    session.commit_keeping().await?;
    assert_eq!(names(&db).await?, named(&[("a", 1), ("c", 2)]));
    Ok(())
}

async fn replaced_twice_only_who_is_missing_in_the_end_goes(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let (a, b) = (p.kids().first().expect("a"), p.kids().last().expect("b"));
    let log = db.statement_log();
    p.replace_kids([b])?;
    p.replace_kids([a, b])?;
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn a_taken_child_that_is_merged_to_a_parent_stays(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let a = p.kids().first().expect("a");
    p.remove_from_kids(&a)?;
    session.merge(Kid::builder().id(1).name("a").parent(p)).await?;
    assert_eq!(p.kids().len(), 2);
    let b = session.get_one::<Kid>(2).await?;
    p.remove_from_kids(&b)?;
    session.merge(Kid::builder().id(2).name("b").parent(Key::<Parent>::new(2))).await?;
    session.commit_keeping().await?;
    assert_eq!(names(&db).await?, named(&[("a", 1), ("b", 2), ("c", 2)]));
    Ok(())
}

async fn an_explicit_delete_stays_one(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let q = session.get_one::<Parent>(2).await?;
    let a = session.get_one::<Kid>(1).await?;
    session.delete(&a).await?;
    q.add_to_kids(a)?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["DELETE kids"]);
    Ok(())
}

async fn a_new_child_that_is_taken_and_given_elsewhere_is_inserted(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let q = session.get_one::<Parent>(2).await?;
    let (new, never) = (session.add(Kid::builder().name("new"))?, session.add(Kid::builder().name("never"))?);
    p.extend_kids([new, never])?;
    p.replace_kids(p.kids())?;
    assert!(session.new_objects::<Kid>().is_empty(), "orphans are not to be inserted");
    q.add_to_kids(new)?;
    assert_eq!(session.new_objects::<Kid>().len(), 1);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT kids"]);
    session.commit_keeping().await?;
    assert_eq!(names(&db).await?, named(&[("a", 1), ("b", 1), ("c", 2), ("new", 2)]));
    Ok(())
}

async fn who_is_to_be_deleted_is_told_before_the_flush(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let (p, a) = (session.get_one::<Parent>(1).await?, session.get_one::<Kid>(1).await?);
    p.remove_from_kids(&a)?;
    assert_eq!(session.deleted::<Kid>(), [a]);
    assert!(session.inspect(&a)?.is_to_be_deleted());
    p.add_to_kids(a)?;
    assert!(session.deleted::<Kid>().is_empty());
    assert!(!session.inspect(&a)?.is_to_be_deleted());
    Ok(())
}

async fn a_refreshed_orphan_is_its_parents_again(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let a = p.kids().first().expect("a");
    p.remove_from_kids(&a)?;
    session.refresh(&a).await?;
    assert_eq!(p.kids().len(), 2);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn a_key_alone_moves_a_child_out_of_the_list_that_shows_it(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session();
    let p = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    let a = p.kids().first().expect("a");
    a.set_parent(Key::<Parent>::new(2))?;
    assert_eq!(p.kids().iter().map(|kid| kid.name()).collect::<Vec<_>>(), ["b"]);
    Ok(())
}

async fn a_list_that_is_loaded_shows_what_is_pending(db: TestDb) -> Outcome {
    let db = parents(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let (p, q) = (session.get_one::<Parent>(1).await?, session.get_one::<Parent>(2).await?);
    let (a, b) = (session.get_one::<Kid>(1).await?, session.get_one::<Kid>(2).await?);
    q.add_to_kids(a)?;
    p.remove_from_kids(&b)?;
    let (p, q) = (session.load(&p, Parent::KIDS).await?, session.load(&q, Parent::KIDS).await?);
    assert!(p.kids().is_empty());
    assert_eq!(q.kids().iter().map(|kid| kid.name()).collect::<Vec<_>>(), ["c", "a"]);
    let joined = session.get_one::<Kid>(1).joined(Kid::PARENT).await?;
    assert_eq!(joined.parent(), q);
    let log = db.statement_log();
    p.add_to_kids(b)?;
    session.flush().await?;
    log.assert(&["UPDATE kids"]);
    Ok(())
}

async fn a_pair_that_is_removed_read_and_added_again_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let order = session.get_one::<Order>(1).await?;
    let nut = session.get_one::<Item>(1).await?;
    order.remove_from_items(&nut)?;
    let order = session.load(&order, Order::ITEMS).await?;
    assert_eq!(order.items().iter().map(|item| item.name()).collect::<Vec<_>>(), ["bolt"]);
    order.add_to_items(nut)?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    // And the other way round.
    let order = session.get_one::<Order>(2).await?;
    let gear = session.get_one::<Item>(3).await?;
    order.add_to_items(gear)?;
    let order = session.load(&order, Order::ITEMS).await?;
    assert!(order.items().iter().any(|item| item == gear));
    order.remove_from_items(&gear)?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn a_pair_that_was_never_there_is_not_removed_once_that_is_known(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let order = session.get_one::<Order>(1).await?;
    let gear = session.get_one::<Item>(3).await?;
    order.remove_from_items(&gear)?;
    let order = session.load(&order, Order::ITEMS).await?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    order.add_to_items(gear)?;
    session.flush().await?;
    log.assert(&["INSERT order_items"]);
    Ok(())
}
