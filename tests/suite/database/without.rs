//! What a server cannot do is done otherwise: each capability taken away, on the servers that have it.

use orm_core::{database::Without, prelude::*, query::on_conflict, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Stamped, User, Versioned};

each_backend!(
    sqlite_file: rows_of_a_bulk_update_are_read_again,
    rows_of_a_bulk_delete_are_looked_for_before,
    an_update_counts_the_rows_that_it_found,
);

each_backend!(
    only_mysql: keys_of_one_insert_follow_each_other,
    keys_that_need_not_follow_each_other_come_row_by_row,
    what_the_server_makes_of_new_rows_is_read_by_key,
    an_upsert_reads_what_it_wrote,
    a_key_of_zero_is_zero,
);

async fn without(db: &TestDb, absent: &[Without]) -> Outcome<Database> {
    let options = absent.iter().fold(db.options(), |options, absent| options.without(*absent));
    Ok(options.connect().await?)
}

async fn rows_of_a_bulk_update_are_read_again(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = without(&db, &[Without::Returning]).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    let log = db.statement_log();
    let update = User::update().filter(User::ID.le(2)).set_expr(User::NAME, User::NAME.concat("!"));
    assert_eq!(session.update(&update).await?, 2);
    log.assert(&["SELECT users", "UPDATE users", "SELECT users"]);
    let names =
        [session.get_one::<User>(1).await?, session.get_one::<User>(3).await?].map(|user| user.name().to_owned());
    assert_eq!(names, ["Ada!", "Cy"]);
    log.assert_silent();
    session.commit().await?;
    // Without objects nobody asks.
    let mut empty = db.session();
    drop(log.take());
    assert_eq!(empty.update(&update).await?, 2);
    log.assert(&["UPDATE users"]);
    Ok(())
}

async fn rows_of_a_bulk_delete_are_looked_for_before(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = without(&db, &[Without::Returning]).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    let log = db.statement_log();
    assert_eq!(session.delete_where(User::NAME.eq("Cy")).await?, 1);
    log.assert(&["SELECT users", "DELETE users"]);
    assert!(session.get::<User>(3).await?.is_none());
    assert_eq!(session.get_one::<User>(2).await?.name(), "Bob");
    Ok(())
}

async fn an_update_counts_the_rows_that_it_found(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    let plain = db.clone();
    let db = without(&db, &[Without::Returning]).await?;
    let session = db.session();
    let rows = session.insert_all((0..5).map(|n| Versioned::builder().name(format!("r{n}")))).await?;
    rows.iter().for_each(|row| row.set_name("new"));
    let log = db.statement_log();
    session.commit_keeping().await?;
    log.assert(&["UPDATE versioned"]);
    assert!(rows.iter().all(|row| row.version() == 2));
    // Someone else was faster with one of them.
    plain.run(&["UPDATE versioned SET version = 9 WHERE id = 3"]).await?;
    rows.iter().for_each(|row| row.set_name("newer"));
    let error = session.flush().await.expect_err("stale");
    assert_eq!((error.kind(), error.key()), (ErrorKind::StaleData, Some("3")), "{error:?}");
    Ok(())
}

async fn keys_of_one_insert_follow_each_other(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = without(&db, &[Without::Returning]).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.insert_all((0..50).map(|n| User::builder().name(format!("u{n}")))).await?;
    log.assert(&["INSERT users"]);
    let ids: Vec<i64> = users.iter().map(|user| user.id()).collect();
    session.commit_keeping().await?;
    let stored = db.all(&User::select().filter(User::ID.gt(3)).order_by(User::ID.asc())).await?;
    let stored: Vec<(i64, String)> = stored.iter().map(|user| (user.id(), user.name().to_owned())).collect();
    assert_eq!(stored, ids.iter().enumerate().map(|(n, id)| (*id, format!("u{n}"))).collect::<Vec<_>>());
    Ok(())
}

async fn keys_that_need_not_follow_each_other_come_row_by_row(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = without(&db, &[Without::Returning, Without::ConsecutiveKeys]).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.insert_all(["x", "y", "z"].map(|name| User::builder().name(name))).await?;
    log.assert(&["INSERT users", "INSERT users", "INSERT users"]);
    session.commit_keeping().await?;
    for user in users {
        assert_eq!(db.one(&User::select().filter(User::ID.eq(user.id()))).await?.name(), user.name());
    }
    Ok(())
}

async fn what_the_server_makes_of_new_rows_is_read_by_key(db: TestDb) -> Outcome {
    let db = db.with(schema![Stamped]).await?;
    let db = without(&db, &[Without::Returning]).await?;
    let session = db.session();
    let log = db.statement_log();
    let rows = session.insert_all(["a", "b"].map(|name| Stamped::builder().name(name))).await?;
    log.assert(&["INSERT stamped", "SELECT stamped"]);
    assert!(rows.iter().all(|row| row.state() == "fresh"));
    assert_eq!(rows.iter().map(|row| row.name()).collect::<Vec<_>>(), ["a", "b"]);
    Ok(())
}

async fn an_upsert_reads_what_it_wrote(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let db = without(&db, &[Without::Returning]).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    let rows = [User::builder().name("Ada").nick("new"), User::builder().name("Dan").nick("d")];
    let found = session.upsert_all(rows, on_conflict(User::NAME)).await?;
    log.assert(&["INSERT users", "SELECT users"]);
    assert_eq!((found[0], ada.nick(), found[1].name()), (ada, Some("new"), "Dan"));
    Ok(())
}

async fn a_key_of_zero_is_zero(db: TestDb) -> Outcome {
    let db = db.with(schema![User]).await?;
    let session = db.session();
    let zero = session.insert(User::builder().id(0).name("nobody")).await?;
    session.commit_keeping().await?;
    assert_eq!(zero.id(), 0);
    assert_eq!(db.one(&User::select().filter(User::ID.eq(0))).await?.name(), "nobody");
    Ok(())
}
