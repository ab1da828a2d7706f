//! Statements grow with tables and shapes, not with rows; what has no net change is not sent.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Marker, Stamped, User, Versioned};

each_backend!(
    many_updates_of_the_same_columns_are_one_statement,
    different_columns_are_a_statement_each,
    many_inserts_are_one_statement_and_each_object_gets_its_own_key,
    inserts_with_and_without_a_column_are_a_statement_each,
    many_deletes_are_one_statement,
    set_and_set_back_sends_nothing,
    setting_the_same_value_sends_nothing,
    a_change_that_is_taken_back_leaves_the_other_column,
    a_server_default_comes_back_with_the_insert,
    a_version_is_counted_up_only_by_a_net_change,
    thousands_of_rows_keep_their_keys,
    a_thousand_new_rows_and_a_thousand_changed_ones_are_a_statement_each,
    composite_keys_are_updated_and_deleted_in_one_statement,
);

async fn many_updates_of_the_same_columns_are_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc())).await?;
    for user in &users {
        user.set_nick(format!("nick of {}", user.name()));
    }
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE users"]);
    session.commit_keeping().await?;
    let nicks = db.all(&User::select().order_by(User::ID.asc())).await?;
    let nicks: Vec<Option<&str>> = nicks.iter().map(|it| it.nick()).collect();
    assert_eq!(nicks, [Some("nick of Ada"), Some("nick of Bob"), Some("nick of Cy")]);
    Ok(())
}

async fn different_columns_are_a_statement_each(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.all(&User::select().order_by(User::ID.asc())).await?;
    users[0].set_nick("a");
    users[1].set_name("Bert");
    users[2].set_name("Cyd");
    users[2].set_nick("c");
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE users", "UPDATE users", "UPDATE users"]);
    session.commit_keeping().await?;
    let stored = db.all(&User::select().order_by(User::ID.asc())).await?;
    let stored: Vec<(&str, Option<&str>)> = stored.iter().map(|it| (it.name(), it.nick())).collect();
    assert_eq!(stored, [("Ada", Some("a")), ("Bert", Some("builder")), ("Cyd", Some("c"))]);
    Ok(())
}

async fn many_inserts_are_one_statement_and_each_object_gets_its_own_key(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.insert_all((0..50).map(|n| User::builder().name(format!("u{n}")))).await?;
    log.assert(&["INSERT users"]);
    session.commit_keeping().await?;
    for (n, user) in users.iter().enumerate() {
        let stored = db.one(&User::select().filter(User::ID.eq(user.id()))).await?;
        assert_eq!((stored.name(), user.name()), (&*format!("u{n}"), &*format!("u{n}")));
    }
    Ok(())
}

async fn inserts_with_and_without_a_column_are_a_statement_each(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    session.add(User::builder().id(90).name("with a key"))?;
    session.add(User::builder().name("without"))?;
    session.add(User::builder().id(91).name("with another"))?;
    session.flush().await?;
    log.assert(&["INSERT users", "INSERT users"]);
    Ok(())
}

async fn many_deletes_are_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    for address in session.all(&Address::select()).await? {
        session.delete(&address).await?;
    }
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["DELETE addresses"]);
    assert_eq!(session.count(&Address::select()).await?, 0);
    Ok(())
}

async fn set_and_set_back_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("other");
    ada.set_nick("countess");
    let address = session.get_one::<Address>(1).await?;
    address.set_user(Key::<User>::new(2))?;
    address.set_user(Key::<User>::new(1))?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    assert!(session.detach(&ada).is_ok(), "not modified");
    Ok(())
}

async fn setting_the_same_value_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_name("Ada");
    ada.set_nick("countess");
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn a_change_that_is_taken_back_leaves_the_other_column(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_name("Adele");
    ada.set_nick("other");
    ada.set_name("Ada");
    let log = db.statement_log();
    session.flush().await?;
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(text.contains("nick") && !text.contains("name"), "{text}");
    Ok(())
}

async fn a_server_default_comes_back_with_the_insert(db: TestDb) -> Outcome {
    let db = db.with(schema![Stamped]).await?;
    let session = db.session();
    let log = db.statement_log();
    let stamped = session.insert(Stamped::builder().name("s")).await?;
    let given = session.insert(Stamped::builder().name("t").state("stale")).await?;
    assert_eq!((stamped.state(), given.state()), ("fresh", "stale"));
    log.assert(db.or_without_returning(
        &["INSERT stamped", "INSERT stamped"][..],
        &["INSERT stamped", "SELECT stamped", "INSERT stamped"],
    ));
    Ok(())
}

async fn a_version_is_counted_up_only_by_a_net_change(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    let session = db.session();
    let row = session.insert(Versioned::builder().name("v")).await?;
    assert_eq!(row.version(), 1);
    row.set_name("w");
    row.set_name("v");
    session.flush().await?;
    assert_eq!(row.version(), 1);
    row.set_name("w");
    session.flush().await?;
    assert_eq!(row.version(), 2);
    Ok(())
}

async fn thousands_of_rows_keep_their_keys(db: TestDb) -> Outcome {
    const COUNT: usize = 5000;
    let db = fixtures::people(db).await?;
    let session = db.session();
    let users = session.insert_all((0..COUNT).map(|n| User::builder().name(format!("u{n}")))).await?;
    users.iter().for_each(|user| user.set_nick(format!("nick of {}", user.name())));
    let log = db.statement_log();
    session.commit_keeping().await?;
    // MySQL takes a thousand rows each.
    assert_eq!(log.count(), db.or_mysql(1, 5), "{log}");
    let wrong =
        User::select().filter(User::ID.gt(3) & !orm_core::expr::Predicate::raw("{nick} = 'nick of ' || {name}", []));
    assert_eq!(db.count(&wrong).await?, 0);
    assert_eq!(db.count(&User::select()).await?, COUNT as u64 + 3);
    let ids = db.all(&User::select().filter(User::ID.gt(3)).order_by(User::ID.asc())).await?;
    for (user, stored) in users.iter().zip(ids) {
        assert_eq!((user.id(), user.name()), (stored.id(), stored.name()));
    }
    Ok(())
}

async fn a_thousand_new_rows_and_a_thousand_changed_ones_are_a_statement_each(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.insert_all((0..1_000).map(|n| User::builder().name(format!("u{n}")))).await?;
    log.assert(&["INSERT users"]);
    for (n, user) in users.iter().enumerate() {
        user.set_nick(format!("n{n}"));
        user.set_name(format!("v{n}"));
    }
    session.commit_keeping().await?;
    log.assert(&["UPDATE users"]);
    for user in db.all(&User::select().filter(User::ID.gt(3))).await? {
        let number = user.name().trim_start_matches('v');
        assert_eq!(user.nick(), Some(&*format!("n{number}")));
        let held = users.iter().find(|held| held.id() == user.id());
        assert_eq!(held.map(|held| held.name()), Some(user.name()));
    }
    Ok(())
}

async fn composite_keys_are_updated_and_deleted_in_one_statement(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let markers = session.insert_all((0..6).map(|n| Marker::builder().a(n / 3).b(n % 3).name("m"))).await?;
    markers.iter().for_each(|it| it.set_name(format!("{}{}", it.a(), it.b())));
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE markers"]);
    for marker in &markers[..5] {
        session.delete(marker).await?;
    }
    session.flush().await?;
    log.assert(&["DELETE markers"]);
    let left = session.all(&Marker::select()).await?;
    assert_eq!(left.iter().map(|it| it.name()).collect::<Vec<_>>(), ["12"]);
    Ok(())
}
