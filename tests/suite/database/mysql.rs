//! What is of MySQL and MariaDB alone: their values, locks, transactions and definitions.

use std::time::Duration;

use orm_core::{database::Isolation, error::ErrorKind, prelude::*, query::on_conflict, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Item, User, Versioned};

each_backend!(
    only_mysql: text_compares_as_on_the_other_databases,
    values_that_do_not_fit_are_refused_and_not_cut,
    a_zero_date_is_no_date,
    settings_that_a_program_changes_stay_with_its_transaction,
    columns_of_tables_that_others_made,
    a_definition_within_a_transaction_is_refused,
    a_name_that_is_too_long_is_refused_before_anything_is_sent,
    a_lock_that_is_not_free_in_time_leaves_the_transaction_open,
    the_victim_of_a_deadlock_is_told_so,
    a_plain_read_sees_the_snapshot_and_a_locking_one_what_is_there,
    a_stale_row_of_several_is_named_whatever_the_snapshot_shows,
    which_row_is_stale_is_not_guessed,
    an_upsert_overwrites_no_row_of_another_constraint,
    a_pool_of_the_program_is_used,
    a_unique_violation_names_constraint_and_columns_and_no_value,
);

#[derive(Entity)]
#[orm(table = "legacy")]
struct Legacy {
    #[orm(primary_key)]
    id: u32,
    big: u64,
    flag: bool,
    price: rust_decimal::Decimal,
    moment: Option<chrono::DateTime<chrono::Utc>>,
    #[orm(column = "day_of")]
    day: Option<chrono::NaiveDate>,
    label: String,
}

const LEGACY: &str = "CREATE TABLE legacy (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, big BIGINT UNSIGNED NOT NULL, \
                      flag BIT(1) NOT NULL, price DECIMAL(10, 2) NOT NULL, moment TIMESTAMP(3) NULL, day_of DATE NULL, \
                      label CHAR(5) CHARACTER SET latin1 NOT NULL)";

macro_rules! legacy {
    ($price:literal, $label:expr) => {{
        let price = $price.parse::<rust_decimal::Decimal>().expect("a number");
        Legacy::builder().big(u64::MAX).flag(true).price(price).moment(None).day(None).label($label)
    }};
}

async fn text_compares_as_on_the_other_databases(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for name in ["ada", "Ada ", "\u{c1}da"] {
        assert_eq!(db.count(&User::select().filter(User::NAME.eq(name))).await?, 0, "{name:?} is not Ada");
    }
    let session = db.session();
    // Nor is it for the unique constraint.
    session.insert_all(["ada", "Ada ", "\u{c1}da"].map(|name| User::builder().name(name))).await?;
    session.commit_keeping().await?;
    assert_eq!(db.count(&User::select().filter(User::NAME.starts_with("A"))).await?, 2);
    assert_eq!(db.count(&User::select().filter(User::NAME.icontains("AD"))).await?, 3);
    session.insert(User::builder().name("100%_\\")).await?;
    session.commit_keeping().await?;
    for part in ["%", "_", "\\", "0%_\\"] {
        assert_eq!(db.count(&User::select().filter(User::NAME.contains(part))).await?, 1, "{part}");
    }
    Ok(())
}

async fn values_that_do_not_fit_are_refused_and_not_cut(db: TestDb) -> Outcome {
    db.run(&[LEGACY]).await?;
    let mut session = db.session();
    refused(session.insert(legacy!("1", "too long")).await.map(drop), ErrorKind::Value);
    session.rollback().await?;
    refused(session.insert(legacy!("123456789.00", "big")).await.map(drop), ErrorKind::Value);
    session.rollback().await?;
    refused(session.insert(legacy!("1", "\u{6f22}")).await.map(drop), ErrorKind::Value);
    session.rollback().await?;
    assert_eq!(session.count(&Legacy::select()).await?, 0);
    Ok(())
}

async fn a_zero_date_is_no_date(db: TestDb) -> Outcome {
    db.run(&[LEGACY]).await?;
    let session = db.session();
    session.sql("SET SESSION sql_mode = ''").execute().await?;
    let insert = "INSERT INTO legacy (big, flag, price, day_of, label) VALUES (1, 0, 1, '0000-00-00', 'a')";
    session.sql(insert).execute().await?;
    let error = refused(session.one(&Legacy::select()).await.map(drop), ErrorKind::Decode);
    assert_eq!((error.entity(), error.attribute()), (Some("Legacy"), Some("day")));
    assert!(error.to_string().contains("0000-00-00"), "{error}");
    // Ours refuses to write one.
    let error = db.execute(insert, vec![]).await;
    refused(error, ErrorKind::Value);
    Ok(())
}

async fn settings_that_a_program_changes_stay_with_its_transaction(db: TestDb) -> Outcome {
    db.run(&[LEGACY]).await?;
    let one = db.options().max_connections(1).connect().await?;
    let insert = "INSERT INTO legacy (big, flag, price, label) VALUES (1, 0, 1, 'longer than it may be')";
    for end in ["commit", "rollback", "drop", "without a session"] {
        let mut session = one.session();
        if end == "without a session" {
            one.execute("SET SESSION sql_mode = '', foreign_key_checks = 0", vec![]).await?;
        } else {
            session.sql("SET SESSION sql_mode = '', foreign_key_checks = 0").execute().await?;
            assert_eq!(session.sql(insert).execute().await?, 1, "cut, as was asked for");
        }
        match end {
            "commit" => session.commit().await?,
            "rollback" => session.rollback().await?,
            _ => drop(session),
        }
        // The next one gets a connection with our mode.
        let error = refused(one.execute(insert, vec![]).await, ErrorKind::Value);
        assert!(error.to_string().contains("value"), "after {end}: {error}");
    }
    let session = one.session();
    session.sql("SET @mine = 1").execute().await?;
    Ok(())
}

async fn columns_of_tables_that_others_made(db: TestDb) -> Outcome {
    db.run(&[LEGACY]).await?;
    let mut session = db.session();
    let moment = chrono::DateTime::from_timestamp_millis(1_700_000_000_123).expect("a moment");
    let row = session.insert(legacy!("19.9", "\u{e9}t\u{e9}").moment(moment)).await?;
    let id = row.id();
    session.commit().await?;
    let row = session.get_one::<Legacy>(id).await?;
    assert_eq!((row.big(), row.flag(), row.label()), (u64::MAX, true, "\u{e9}t\u{e9}"));
    assert_eq!((row.price().to_string(), row.moment()), ("19.90".to_owned(), Some(moment)));
    assert_eq!(db.count(&Legacy::select().filter(Legacy::BIG.eq(u64::MAX) & Legacy::FLAG.eq(true))).await?, 1);
    Ok(())
}

async fn a_definition_within_a_transaction_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.insert(User::builder().name("Dan")).await?;
    let error = refused(session.sql("TRUNCATE addresses").execute().await, ErrorKind::Unsupported);
    assert!(error.to_string().contains("db.execute"), "{error}");
    session.rollback().await?;
    assert_eq!(session.count(&User::select()).await?, 3, "nothing was committed on the way");
    db.execute("TRUNCATE addresses", vec![]).await?;
    assert_eq!(db.count(&Address::select()).await?, 0);
    Ok(())
}

#[derive(Entity)]
#[orm(table = "a_table_whose_name_is_longer_than_the_sixty_four_characters_that_a_server_takes")]
struct Long {
    #[orm(primary_key)]
    id: i64,
}

async fn a_name_that_is_too_long_is_refused_before_anything_is_sent(db: TestDb) -> Outcome {
    let log = db.statement_log();
    let error = refused(db.create_all(schema![Item, Long]).await, ErrorKind::Schema);
    assert_eq!(error.entity(), Some("Long"));
    log.assert_silent();
    Ok(())
}

async fn a_lock_that_is_not_free_in_time_leaves_the_transaction_open(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let holder = db.session();
    holder.get_one::<User>(1).for_update().await?;
    let impatient = db.options().lock_timeout(Duration::from_millis(10)).connect().await?;
    let mut other = impatient.session();
    let bob = other.get_one::<User>(2).await?;
    bob.set_nick("kept");
    other.flush().await?;
    // The server undoes the statement, and what was done before stays.
    refused(other.sql("UPDATE users SET nick = 'x' WHERE id = 1").execute().await, ErrorKind::Timeout);
    other.commit().await?;
    assert_eq!(db.one(&User::select().filter(User::ID.eq(2))).await?.nick(), Some("kept"));
    Ok(())
}

async fn the_victim_of_a_deadlock_is_told_so(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let (mut one, mut two) = (db.session(), db.session());
    one.get_one::<User>(1).for_update().await?;
    two.get_one::<User>(2).for_update().await?;
    let update = |id: i64| User::update().filter(User::ID.eq(id)).set(User::NICK, "x");
    let (first, second) = (update(2), update(1));
    let (a, b) = tokio::join!(one.update(&first), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        two.update(&second).await
    });
    let (victim, error) = match (a, b) {
        (Err(error), Ok(_)) => (&mut one, error),
        (Ok(_), Err(error)) => (&mut two, error),
        other => panic!("one of them is the victim: {other:?}"),
    };
    assert_eq!(error.kind(), ErrorKind::Deadlock, "{error:?}");
    assert!(victim.needs_rollback());
    victim.rollback().await?;
    assert_eq!(victim.count(&User::select()).await?, 3);
    Ok(())
}

async fn a_plain_read_sees_the_snapshot_and_a_locking_one_what_is_there(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    assert_eq!(session.count(&User::select()).await?, 3);
    db.run(&["INSERT INTO users (name) VALUES ('Dan')", "UPDATE users SET nick = 'theirs' WHERE id = 1"]).await?;
    assert_eq!(session.count(&User::select()).await?, 3, "as at the first read");
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("countess"));
    assert_eq!(
        session.get_one::<User>(1).for_update().await?.nick(),
        Some("theirs"),
        "what is locked is what is there"
    );
    let dan =
        session.one_or_insert(&User::select().filter(User::NAME.eq("Dan")), || User::builder().name("Dan")).await?;
    assert_eq!(dan.id(), 4, "who was first is found, although a plain read would not see the row");
    // What a unique constraint refused leaves a lock of the place behind, where MySQL lets nobody insert until the transaction ends.
    session.close().await?;
    let committed = db.session_factory().isolation(Isolation::ReadCommitted).session();
    assert_eq!(committed.count(&User::select()).await?, 4);
    db.run(&["INSERT INTO users (name) VALUES ('Eve')"]).await?;
    assert_eq!(committed.count(&User::select()).await?, 5);
    Ok(())
}

async fn a_stale_row_of_several_is_named_whatever_the_snapshot_shows(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(schema![Versioned]).await?;
    db.run(&["INSERT INTO versioned (name, version) VALUES ('a', 1), ('b', 1), ('c', 1)"]).await?;
    let mut session = db.session();
    let users = session.all(&User::select()).await?;
    db.run(&["DELETE FROM users WHERE id = 3"]).await?;
    users.iter().for_each(|user| user.set_nick("late"));
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("User"), Some("3")), "{error}");
    session.rollback().await?;

    let rows = session.all(&Versioned::select()).await?;
    db.run(&["UPDATE versioned SET version = version + 1 WHERE id = 2"]).await?;
    rows.iter().for_each(|row| row.set_name("late"));
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("Versioned"), Some("2")), "{error}");
    session.rollback().await?;

    let rows = session.all(&Versioned::select()).await?;
    db.run(&["UPDATE versioned SET version = version + 1 WHERE id = 2"]).await?;
    for row in &rows {
        session.delete(row).await?;
    }
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("Versioned"), Some("2")), "{error}");
    assert!(error.to_string().contains("version 3 and 2 was expected"), "{error}");
    Ok(())
}

async fn which_row_is_stale_is_not_guessed(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    db.run(&["INSERT INTO versioned (name, version) VALUES ('a', 1), ('b', 1)"]).await?;
    let session = db.session();
    let rows = session.all(&Versioned::select()).await?;
    session.commit_keeping().await?;
    // Somebody else wrote the very same.
    db.run(&["UPDATE versioned SET name = 'same', version = version + 1 WHERE id = 2"]).await?;
    rows.iter().for_each(|row| row.set_name("same"));
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!(error.key(), Some("1; 2"), "{error}");
    Ok(())
}

#[derive(Entity)]
#[orm(table = "members")]
struct Member {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    email: String,
    #[orm(unique)]
    nick: String,
    points: i32,
}

async fn an_upsert_overwrites_no_row_of_another_constraint(db: TestDb) -> Outcome {
    let db = db.with(schema![Member]).await?;
    db.run(&["INSERT INTO members (email, nick, points) VALUES ('a@x', 'ann', 1), ('b@x', 'bea', 2)"]).await?;
    let mut session = db.session();
    let row = |email: &str, nick: &str| Member::builder().email(email).nick(nick).points(9);
    let ann = session.upsert(row("a@x", "anna"), on_conflict(Member::EMAIL)).await?;
    assert_eq!((ann.id(), ann.nick(), ann.points()), (1, "anna", 9));
    session.commit().await?;
    // The row in the way is there by its nick: another constraint than the one that was named.
    refused(session.upsert(row("c@x", "bea"), on_conflict(Member::EMAIL)).await, ErrorKind::UniqueViolation);
    session.rollback().await?;
    let bea = db.one(&Member::select().filter(Member::ID.eq(2))).await?;
    assert_eq!((bea.email(), bea.points()), ("b@x", 2));
    Ok(())
}

async fn a_pool_of_the_program_is_used(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let pool = sqlx::MySqlPool::connect(db.url()).await?;
    let shared = Database::from_mysql_pool(pool.clone());
    let mut session = shared.session();
    let dan = session.insert(User::builder().name("Dan")).await?;
    assert_eq!(dan.id(), 4);
    session.commit().await?;
    session.insert(User::builder().name("Eve")).await?;
    drop(session);
    assert_eq!(shared.count(&User::select()).await?, 4, "nobody is given a connection inside of a transaction");
    pool.close().await;
    Ok(())
}

async fn a_unique_violation_names_constraint_and_columns_and_no_value(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let error = refused(session.insert(User::builder().name("Ada")).await.map(drop), ErrorKind::UniqueViolation);
    assert_eq!((error.constraint(), error.columns()), (Some("name"), &["name".to_owned()][..]));
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(source.contains("1062") && !source.contains("Ada"), "{source}");
    Ok(())
}
