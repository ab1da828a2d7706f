//! Whoever touches the same rows in another order waits, and is no part of a deadlock: statements go out in one order.

use std::time::Duration;

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Item, Order, User};

each_backend!(
    tables_go_in_one_order_whatever_was_written_first,
    locks_of_several_rows_are_taken_in_the_order_of_their_keys,
);

each_backend!(
    only_postgres: sessions_that_write_tables_in_opposite_order_do_not_deadlock,
    sessions_that_write_rows_in_opposite_order_do_not_deadlock,
    sessions_that_write_other_columns_in_opposite_order_do_not_deadlock,
    sessions_that_link_rows_in_opposite_order_do_not_deadlock,
    sessions_that_lock_rows_in_opposite_order_do_not_deadlock,
    sessions_that_upsert_rows_in_opposite_order_do_not_deadlock,
);

each_backend!(
    only_mysql: sessions_that_write_tables_in_opposite_order_do_not_deadlock,
    sessions_that_write_rows_in_opposite_order_do_not_deadlock,
    sessions_that_write_other_columns_in_opposite_order_do_not_deadlock,
    sessions_that_link_rows_in_opposite_order_do_not_deadlock,
    sessions_that_lock_rows_in_opposite_order_do_not_deadlock,
);

const ROUNDS: usize = 40;

/// Which way a session goes through its rows.
#[derive(Clone, Copy, Debug)]
enum Way {
    Up,
    Down,
}

impl Way {
    fn through<T>(self, mut rows: Vec<T>) -> Vec<T> {
        if let Self::Down = self {
            rows.reverse();
        }
        rows
    }
}

async fn tables_go_in_one_order_whatever_was_written_first(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let log = db.statement_log();
    for way in [Way::Up, Way::Down] {
        let session = db.session();
        let (user, item) = (session.get_one::<User>(1).await?, session.get_one::<Item>(1).await?);
        let order = session.get_one::<Order>(1).await?;
        let nick = format!("{way:?}");
        for table in way.through(vec!["orders", "users", "items"]) {
            match table {
                "users" => user.set_nick(&*nick),
                "items" => item.set_name(&*nick),
                _ => order.set_note(&*nick),
            }
        }
        drop(log.take());
        session.flush().await?;
        log.assert(&["UPDATE items", "UPDATE users", "UPDATE orders"]);
        // Without the table that refers to one of them, the others are where they were.
        for table in way.through(vec!["users", "items"]) {
            if table == "users" { user.set_nick("again") } else { item.set_name("again") }
        }
        session.flush().await?;
        log.assert(&["UPDATE items", "UPDATE users"]);
    }
    Ok(())
}

async fn locks_of_several_rows_are_taken_in_the_order_of_their_keys(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.desc())).await?;
    let log = db.statement_log();
    session.refresh_all(&users).for_update().await?;
    session.refresh_all(&users).await?;
    let sent = log.texts();
    assert!(sent[0].contains("ORDER BY"), "{sent:?}");
    assert!(!sent[1].contains("ORDER BY"), "{sent:?}");
    Ok(())
}

async fn sessions_that_write_tables_in_opposite_order_do_not_deadlock(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    // Someone holds the row that one of them writes first and the other last, until both wait.
    let mut holder = db.session();
    holder.sql("UPDATE items SET name = 'held' WHERE id = 1").execute().await?;
    let write = |way: Way| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut session = db.session();
            let (user, item) = (session.get_one::<User>(1).await?, session.get_one::<Item>(1).await?);
            for table in way.through(vec!["items", "users"]) {
                let value = format!("{way:?}");
                if table == "users" { user.set_nick(value) } else { item.set_name(value) }
            }
            session.commit().await
        })
    };
    let one = write(Way::Up);
    tokio::time::sleep(Duration::from_millis(150)).await;
    let two = write(Way::Down);
    tokio::time::sleep(Duration::from_millis(150)).await;
    holder.rollback().await?;
    one.await??;
    two.await??;
    Ok(())
}

/// Two sessions at once, one going up and one going down, many times.
async fn rounds(db: &TestDb, act: impl AsyncFn(&mut Session, Way, usize) -> Result<(), Error>) -> Outcome {
    for round in 0..ROUNDS {
        let one = async |way: Way| {
            let mut session = db.session();
            act(&mut session, way, round).await?;
            session.commit().await
        };
        let (up, down) = futures::join!(one(Way::Up), one(Way::Down));
        up?;
        down?;
    }
    Ok(())
}

async fn users(db: TestDb) -> Outcome<TestDb> {
    let db = fixtures::shop(db).await?;
    for n in 0..30 {
        db.insert_many([User::builder().name(format!("u{n}"))]).await?;
    }
    Ok(db)
}

async fn sessions_that_write_rows_in_opposite_order_do_not_deadlock(db: TestDb) -> Outcome {
    let db = users(db).await?;
    rounds(&db, async |session, way, round| {
        // Few rows and many: the database goes about them in other ways.
        let most = if round % 2 == 0 { 2 } else { 30 };
        let users = session.all(&User::select().order_by(User::ID.asc()).limit(most)).await?;
        for user in way.through(users) {
            user.set_nick(format!("{way:?} {round}"));
        }
        Ok(())
    })
    .await
}

async fn sessions_that_write_other_columns_in_opposite_order_do_not_deadlock(db: TestDb) -> Outcome {
    let db = users(db).await?;
    rounds(&db, async |session, way, round| {
        let users = session.all(&User::select().order_by(User::ID.asc()).limit(2)).await?;
        match way {
            Way::Up => {
                users[0].set_nick(format!("up {round}"));
                users[1].set_name(format!("up {round}"));
            }
            Way::Down => {
                users[1].set_nick(format!("down {round}"));
                users[0].set_name(format!("down {round}"));
            }
        }
        Ok(())
    })
    .await
}

async fn sessions_that_link_rows_in_opposite_order_do_not_deadlock(db: TestDb) -> Outcome {
    let db = users(db).await?;
    rounds(&db, async |session, way, round| {
        let orders = session.all(&Order::select().order_by(Order::ID.asc())).await?;
        let items = session.all(&Item::select().order_by(Item::ID.asc())).await?;
        for order in way.through(orders) {
            for item in way.through(items.clone()) {
                if round % 2 == 0 { order.remove_from_items(&item)? } else { order.add_to_items(&item)? }
            }
        }
        Ok(())
    })
    .await
}

async fn sessions_that_lock_rows_in_opposite_order_do_not_deadlock(db: TestDb) -> Outcome {
    let db = users(db).await?;
    rounds(&db, async |session, way, _| {
        let order = match way {
            Way::Up => User::ID.asc(),
            Way::Down => User::ID.desc(),
        };
        let users = session.all(&User::select().order_by(order)).await?;
        session.refresh_all(&users).for_update().await
    })
    .await
}

async fn sessions_that_upsert_rows_in_opposite_order_do_not_deadlock(db: TestDb) -> Outcome {
    let db = users(db).await?;
    rounds(&db, async |session, way, round| {
        let rows = (0..30).map(|n| User::builder().name(format!("u{n}")).nick(format!("{way:?} {round}"))).collect();
        let found = session.upsert_all(way.through(rows), on_conflict(User::NAME)).await?;
        let names: Vec<String> = way.through((0..30).map(|n| format!("u{n}")).collect());
        assert_eq!(found.iter().map(|user| user.name()).collect::<Vec<_>>(), names, "in the order that was given");
        Ok(())
    })
    .await
}
