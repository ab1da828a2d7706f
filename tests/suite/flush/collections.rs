//! Collections: adding to what is not loaded, and what a new graph shows after its flush.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Item, Kid, Order, Parent, User};

each_backend!(
    an_append_to_an_unloaded_collection_costs_nothing_until_the_flush,
    an_inserted_parent_lists_its_flushed_children_in_order,
    a_pending_child_shows_on_its_parent_from_the_flush_on,
    a_child_that_moves_is_one_update,
    an_orphan_is_deleted_and_a_pending_one_is_dropped,
    many_to_many_removes_one_and_adds_one,
    a_subset_never_deletes_the_others,
    clear_takes_new_members_back_too,
    clear_takes_a_new_parent_back,
    what_is_taken_out_of_a_list_that_lacks_it_can_be_added,
    a_refreshed_child_is_listed_by_the_parent_that_it_has,
);

async fn an_append_to_an_unloaded_collection_costs_nothing_until_the_flush(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    ada.add_to_addresses(Address::builder().email("third@x.org").build())?;
    log.assert_silent();
    session.flush().await?;
    log.assert(&["INSERT addresses"]);
    let ada = session.load(&ada, User::ADDRESSES).await?;
    let emails: Vec<&str> = ada.addresses().iter().map(|it| it.email()).collect();
    assert_eq!(emails, ["ada@x.org", "ada@y.org", "third@x.org"]);
    log.assert(&["SELECT addresses"]);
    Ok(())
}

async fn an_inserted_parent_lists_its_flushed_children_in_order(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let names = ["c", "a", "b"];
    let parent = session.insert(Parent::builder().name("P").kids(names.map(|name| Kid::builder().name(name)))).await?;
    let log = db.statement_log();
    assert_eq!(parent.kids().iter().map(|kid| kid.name()).collect::<Vec<_>>(), names);
    assert!(parent.kids().iter().all(|kid| kid.parent_id() == parent.id()));
    for kid in parent.kids() {
        assert!(session.load(&kid, Kid::PARENT).await?.parent() == parent);
    }
    log.assert_silent();
    Ok(())
}

async fn a_pending_child_shows_on_its_parent_from_the_flush_on(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let pending = session.add(Address::builder().email("third@x.org"))?;
    pending.set_user(ada)?;
    assert_eq!(ada.addresses().len(), 2);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT addresses"]);
    assert_eq!(ada.addresses().len(), 3);
    let third = session.persisted(&pending)?;
    assert!(ada.addresses().last() == Some(third) && third.user_id() == Some(1));
    log.assert_silent();
    Ok(())
}

async fn a_child_that_moves_is_one_update(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let kids = || ["a", "b"].map(|name| Kid::builder().name(name));
    let graphs = [Parent::builder().name("P").kids(kids()), Parent::builder().name("Q").kids(kids())];
    let parents = session.insert_all(graphs).await?;
    let moved = parents[0].kids().first().expect("a kid");
    let log = db.statement_log();
    parents[1].add_to_kids(moved)?;
    assert_eq!((parents[0].kids().len(), parents[1].kids().len()), (1, 3));
    session.flush().await?;
    log.assert(&["UPDATE kids"]);
    session.commit_keeping().await?;
    assert_eq!(db.count(&Kid::select().filter(Kid::PARENT.is(&parents[1]))).await?, 3);
    Ok(())
}

async fn an_orphan_is_deleted_and_a_pending_one_is_dropped(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let mut session = db.session();
    let graph = Parent::builder().name("P").kids(["a", "b"].map(|name| Kid::builder().name(name)));
    let parent = session.insert(graph).await?;
    let key = Key::of(&parent);
    session.commit().await?;
    let parent = session.get_one(key).selectin(Parent::KIDS.selectin(Kid::PARENT)).await?;
    let orphan = parent.kids().first().expect("a kid");
    let log = db.statement_log();
    parent.remove_from_kids(&orphan)?;
    assert_eq!(parent.kids().len(), 1);
    assert!(orphan.parent() == parent, "until the flush deletes it");
    session.flush().await?;
    log.assert(&["DELETE kids"]);
    session.rollback().await?;
    let parent = session.get_one(key).selectin(Parent::KIDS).await?;
    assert_eq!(parent.kids().len(), 2, "back again");
    Ok(())
}

async fn many_to_many_removes_one_and_adds_one(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let order = session.get_one::<Order>(1).selectin(Order::ITEMS.selectin(Item::ORDERS)).await?;
    let gear = session.get_one::<Item>(3).selectin(Item::ORDERS).await?;
    let nut = order.items().first().expect("a nut");
    let log = db.statement_log();
    order.remove_from_items(&nut)?;
    order.add_to_items(gear)?;
    assert_eq!(order.items().iter().map(|it| it.name()).collect::<Vec<_>>(), ["bolt", "gear"]);
    assert_eq!((nut.orders().len(), gear.orders().len()), (1, 1));
    session.flush().await?;
    let mut sent: Vec<String> = log.texts().iter().map(|sql| orm_tests::summary(sql)).collect();
    sent.sort();
    assert_eq!(sent, ["DELETE order_items", "INSERT order_items"]);
    order.add_to_items(gear)?;
    session.flush().await?;
    log.assert(&[]);
    session.commit_keeping().await?;
    let stored = db.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?;
    assert_eq!(stored.items().iter().map(|it| it.name()).collect::<Vec<_>>(), ["bolt", "gear"]);
    Ok(())
}

async fn a_subset_never_deletes_the_others(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let mut session = db.session();
    let graph = Parent::builder().name("P").kids(["a", "b", "c"].map(|name| Kid::builder().name(name)));
    session.insert(graph).await?;
    session.commit().await?;
    let query = Parent::select().selectin(Parent::KIDS.filter(Kid::NAME.eq("b")));
    let parent = session.one(&query).await?;
    parent.set_name("Q");
    parent.add_to_kids(Kid::builder().name("d").build())?;
    parent.kids_subset().first().expect("b").set_name("B");
    session.commit().await?;
    let names = db.all(&Kid::select().order_by(Kid::ID.asc())).await?;
    assert_eq!(names.iter().map(|it| it.name()).collect::<Vec<_>>(), ["a", "B", "c", "d"]);
    Ok(())
}

async fn clear_takes_new_members_back_too(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    ada.add_to_addresses(Address::builder().email("new@x.org").build())?;
    ada.clear_addresses()?;
    let order = session.get_one::<Order>(1).selectin(Order::ITEMS).await?;
    order.add_to_items(Item::builder().name("washer").build())?;
    session.add(Item::builder().name("bearing"))?.add_to_orders(order)?;
    order.clear_items()?;
    session.commit().await?;
    assert_eq!(db.count(&Address::select().filter(Address::USER_ID.eq(1))).await?, 0);
    assert!(db.one(&Order::select().filter(Order::ID.eq(1)).selectin(Order::ITEMS)).await?.items().is_empty());
    assert_eq!(db.count(&Item::select().filter(Item::NAME.eq("washer"))).await?, 1, "new, and in no order");
    Ok(())
}

async fn clear_takes_a_new_parent_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let nobodys = session.get_one::<Address>(4).selectin(Address::USER).await?;
    let adas = session.get_one::<Address>(1).await?;
    let eve = session.add(User::builder().name("Eve"))?;
    for address in [session.narrow(&nobodys), adas] {
        address.set_user(eve)?;
        address.clear_user()?;
    }
    session.commit().await?;
    let users: Vec<_> = db.all(&Address::select().order_by(Address::ID.asc())).await?;
    assert_eq!(users.iter().map(|it| it.user_id()).collect::<Vec<_>>(), [None, Some(1), Some(2), None]);
    Ok(())
}

async fn what_is_taken_out_of_a_list_that_lacks_it_can_be_added(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(3).selectin(Order::ITEMS).await?;
    let gear = session.get_one::<Item>(3).await?;
    order.remove_from_items(&gear)?;
    order.add_to_items(gear)?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["INSERT order_items"]);
    Ok(())
}

async fn a_refreshed_child_is_listed_by_the_parent_that_it_has(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    let [ada, bob, _] = users[..] else { panic!("three users") };
    let address = session.get_one::<Address>(1).await?;
    address.set_user(&bob)?;
    assert_eq!((ada.addresses().len(), bob.addresses().len()), (1, 2));
    let log = db.statement_log();
    session.refresh(&address).await?;
    log.assert(&["SELECT addresses"]);
    assert_eq!(address.user_id(), Some(1));
    assert_eq!((ada.addresses().len(), bob.addresses().len()), (2, 1));
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}
