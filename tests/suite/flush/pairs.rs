//! Rows of secondary tables: what is there already stays, whoever knew of it; self-referential and composite keys.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Item, Order};

/// Friends: the same entity on both sides.
#[derive(Entity)]
#[orm(table = "persons")]
struct Person {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(secondary(table = "follows", owner = "follower_id", target = "followed_id"), back_populates = followers, order_by = id)]
    follows: ManyToMany<Person>,
    #[orm(secondary(table = "follows", owner = "followed_id", target = "follower_id"), back_populates = follows, order_by = id)]
    followers: ManyToMany<Person>,
}

/// A key of two columns on one side.
#[derive(Entity)]
#[orm(table = "seats")]
struct Seat {
    #[orm(primary_key, generated = false)]
    row: i64,
    #[orm(primary_key, generated = false)]
    number: i64,
    #[orm(secondary(table = "bookings", owner = ("seat_row", "seat_number"), target = "guest_id"), back_populates = seats, order_by = id)]
    guests: ManyToMany<Guest>,
}

#[derive(Entity)]
#[orm(table = "guests")]
struct Guest {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(
        secondary(table = "bookings", owner = "guest_id", target = ("seat_row", "seat_number")),
        back_populates = guests,
        order_by = (row, number)
    )]
    seats: ManyToMany<Seat>,
}

each_backend!(
    a_pair_that_is_there_is_added_again_through_an_unloaded_list,
    a_pair_that_another_session_added_meanwhile_is_there,
    added_and_taken_back_unseen_is_gone,
    taken_back_and_added_again_unseen_is_there,
    added_and_taken_back_in_a_loaded_list_sends_nothing,
    a_pair_that_another_constraint_keeps_out_is_an_error,
    a_person_follows_others_and_is_followed,
    a_side_with_a_key_of_two_columns,
);

async fn pairs(db: &Database) -> Outcome<Vec<(i64, i64)>> {
    let orders = db.all(&Order::select().order_by(Order::ID.asc()).selectin(Order::ITEMS)).await?;
    Ok(orders.iter().flat_map(|order| order.items().iter().map(|item| (order.id(), item.id()))).collect())
}

async fn a_pair_that_is_there_is_added_again_through_an_unloaded_list(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(1).await?;
    let gear = session.get_one::<Item>(3).await?;
    let log = db.statement_log();
    order.add_to_items(Key::<Item>::new(1))?;
    order.add_to_items(gear)?;
    log.assert(&[]);
    session.flush().await?;
    // One of two came: whether the other is there is asked. MySQL's statement fails of itself where another constraint is in the way.
    log.assert(db.or_mysql(&["INSERT order_items", "SELECT order_items"][..], &["INSERT order_items"]));
    let order = session.load(&order, Order::ITEMS).await?;
    assert_eq!(order.items().iter().map(|item| item.id()).collect::<Vec<_>>(), [1, 2, 3]);
    session.commit().await?;
    assert_eq!(pairs(&db).await?, [(1, 1), (1, 2), (1, 3), (2, 1)]);
    Ok(())
}

async fn a_pair_that_another_session_added_meanwhile_is_there(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(3).selectin(Order::ITEMS).await?;
    // A loaded list takes what is loaded.
    order.add_to_items(session.get_one::<Item>(2).await?)?;
    session.commit_and_clear().await?;
    db.run(&["INSERT INTO order_items (order_id, item_id) VALUES (3, 3)"]).await?;
    let order = session.get_one::<Order>(3).await?;
    order.add_to_items(Key::<Item>::new(3))?;
    session.commit().await?;
    assert_eq!(pairs(&db).await?, [(1, 1), (1, 2), (2, 1), (3, 2), (3, 3)]);
    Ok(())
}

async fn added_and_taken_back_unseen_is_gone(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(1).await?;
    let (nut, gear) = (session.get_one::<Item>(1).await?, session.get_one::<Item>(3).await?);
    for item in [nut, gear] {
        order.add_to_items(item)?;
        order.remove_from_items(&item)?;
    }
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["DELETE order_items"]);
    assert_eq!(pairs(&db).await?, [(1, 2), (2, 1)]);
    Ok(())
}

async fn taken_back_and_added_again_unseen_is_there(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let mut session = db.session();
    let order = session.get_one::<Order>(1).await?;
    for item in [session.get_one::<Item>(1).await?, session.get_one::<Item>(3).await?] {
        order.remove_from_items(&item)?;
        // The other side names the same pair.
        item.add_to_orders(order)?;
    }
    session.commit().await?;
    assert_eq!(pairs(&db).await?, [(1, 1), (1, 2), (1, 3), (2, 1)]);
    Ok(())
}

async fn added_and_taken_back_in_a_loaded_list_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let order = session.get_one::<Order>(1).selectin(Order::ITEMS).await?;
    let (nut, gear) = (session.get_one::<Item>(1).await?, session.get_one::<Item>(3).await?);
    order.add_to_items(gear)?;
    order.remove_from_items(&gear)?;
    order.remove_from_items(&nut)?;
    order.add_to_items(nut)?;
    order.add_to_items(nut)?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn a_pair_that_another_constraint_keeps_out_is_an_error(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    // Each item may be in one order only, says a table that others made.
    db.run(&["DELETE FROM order_items WHERE order_id = 2", "CREATE UNIQUE INDEX once ON order_items (item_id)"])
        .await?;
    let mut session = db.session();
    session.get_one::<Order>(3).await?.add_to_items(Key::<Item>::new(1))?;
    let error = refused(session.commit().await, ErrorKind::UniqueViolation);
    assert!(error.to_string().contains("order_items"), "{error}");
    session.rollback().await?;
    assert_eq!(pairs(&db).await?, [(1, 1), (1, 2)]);
    Ok(())
}

async fn a_person_follows_others_and_is_followed(db: TestDb) -> Outcome {
    let db = db.with(schema![Person]).await?;
    let mut session = db.session();
    let (ada, bob, cy) = (
        session.add(Person::builder().name("Ada"))?,
        session.add(Person::builder().name("Bob"))?,
        session.add(Person::builder().name("Cy"))?,
    );
    ada.add_to_follows(bob)?;
    ada.add_to_follows(ada)?;
    bob.add_to_followers(cy)?;
    // The same pair from the other side.
    bob.add_to_followers(ada)?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT persons", "INSERT follows"]);
    let names = |list: &Many<'_, Person>| list.iter().map(|person| person.name().to_owned()).collect::<Vec<_>>();
    let (ada, bob) = (session.persisted(&ada)?, session.persisted(&bob)?);
    let ada = session.loaded(&session.loaded(&ada, Person::FOLLOWS)?, Person::FOLLOWERS)?;
    let bob = session.loaded(&bob, Person::FOLLOWERS)?;
    assert_eq!(
        (names(&ada.follows()), names(&ada.followers())),
        (vec!["Bob".into(), "Ada".into()], vec!["Ada".into()])
    );
    assert_eq!(names(&bob.followers()), ["Ada", "Cy"]);
    ada.remove_from_follows(&ada)?;
    assert!(ada.followers().is_empty(), "both sides are the same list of pairs");
    session.commit().await?;
    let stored = db
        .all(&Person::select().order_by(Person::ID.asc()).selectin(Person::FOLLOWS).selectin(Person::FOLLOWERS))
        .await?;
    let stored: Vec<(usize, usize)> = stored.iter().map(|it| (it.follows().len(), it.followers().len())).collect();
    assert_eq!(stored, [(1, 0), (0, 2), (1, 0)]);
    let bob = session.one(&Person::select().filter(Person::NAME.eq("Bob"))).await?;
    session.delete(&bob).await?;
    drop(log.take());
    session.commit().await?;
    assert_eq!(log.texts().iter().filter(|sql| sql.starts_with("DELETE")).count(), 3, "pairs of either side, and he");
    Ok(())
}

async fn a_side_with_a_key_of_two_columns(db: TestDb) -> Outcome {
    let db = db.with(schema![Seat, Guest]).await?;
    let mut session = db.session();
    let seats = (0..4).map(|n| Seat::builder().row(n / 2).number(n % 2));
    let seats = session.insert_all(seats).await?;
    let log = db.statement_log();
    session.add(Guest::builder().name("Ada").seats(seats.iter().take(3)))?;
    session.add(Guest::builder().name("Bob").seats([Key::<Seat>::new(SeatKey { row: 1, number: 1 })]))?;
    session.flush().await?;
    log.assert(&["INSERT guests", "INSERT bookings"]);
    session.commit().await?;
    let ada = session.one(&Guest::select().filter(Guest::NAME.eq("Ada"))).await?;
    ada.add_to_seats(Key::<Seat>::new(SeatKey { row: 0, number: 0 }))?;
    ada.add_to_seats(Key::<Seat>::new(SeatKey { row: 1, number: 1 }))?;
    drop(log.take());
    session.flush().await?;
    log.assert(db.or_mysql(&["INSERT bookings", "SELECT bookings"][..], &["INSERT bookings"]));
    let ada = session.load(&ada, Guest::SEATS.selectin(Seat::GUESTS)).await?;
    let seats: Vec<_> = ada.seats().iter().map(|seat| (seat.row(), seat.number(), seat.guests().len())).collect();
    assert_eq!(seats, [(0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 2)]);
    let last = ada.seats().last().expect("four");
    ada.remove_from_seats(&last)?;
    session.commit().await?;
    let taken = db.count(&Seat::select().filter(Seat::GUESTS.any(Guest::NAME.eq("Ada")))).await?;
    assert_eq!(taken, 3);
    Ok(())
}
