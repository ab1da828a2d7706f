//! Bulk `update` and `delete_where`: one statement, and objects of the session that know of it.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Chapter, Kid, Parent, User, Writer};

each_backend!(
    objects_of_the_session_see_the_new_values_at_once,
    an_expression_is_calculated_by_the_database,
    expressions_keep_their_parentheses,
    nullable_columns_and_text_are_calculated_with,
    what_is_pending_is_flushed_first,
    without_objects_nothing_comes_back,
    a_version_is_counted_up_and_the_next_flush_knows_it,
    columns_that_the_database_generates_are_up_to_date,
    nothing_to_set_sends_nothing,
    a_foreign_key_that_is_set_unloads_both_sides,
    a_primary_key_that_is_set_expires_everything,
    deleted_objects_leave_the_session_and_every_list,
    a_rollback_brings_everything_back,
    what_is_refused_asks_for_a_rollback,
    a_database_updates_and_deletes_without_a_session,
    filters_reach_over_relationships,
);

each_backend!(only_sqlite: exact_decimals_are_not_calculated_with_on_sqlite);

/// MySQL's UPDATE gives nothing back: the rows are locked and told apart first, and read afterwards.
const WITHOUT_RETURNING: &[&str] = &["SELECT users", "UPDATE users", "SELECT users"];

#[derive(Entity)]
#[orm(table = "accounts")]
struct Account {
    #[orm(primary_key)]
    id: i64,
    owner: String,
    balance: i64,
    bonus: Option<i64>,
    #[orm(version)]
    version: i32,
}

#[derive(Entity)]
#[orm(table = "prices")]
struct Price {
    #[orm(primary_key)]
    id: i64,
    amount: rust_decimal::Decimal,
}

#[derive(Entity)]
#[orm(table = "lines")]
struct Line {
    #[orm(primary_key)]
    id: i64,
    price: i64,
    #[orm(read_only)]
    twice: i64,
    #[orm(read_only)]
    text: Deferred<String>,
}

async fn accounts(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Account]).await?;
    db.run(&["INSERT INTO accounts (owner, balance, bonus, version) VALUES ('Ada', 100, 5, 1), ('Bob', 50, NULL, 1), ('Cy', 0, 7, 1)"])
        .await?;
    Ok(db)
}

async fn objects_of_the_session_see_the_new_values_at_once(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    let log = db.statement_log();
    let update = User::update().filter(User::ID.le(2)).set(User::NICK, "both");
    assert_eq!(session.update(&update).await?, 2);
    let written: &[&str] = db.or_mysql(&["UPDATE users"], WITHOUT_RETURNING);
    log.assert(written);
    for (id, nick) in [(1, Some("both")), (2, Some("both")), (3, None)] {
        assert_eq!(session.get_one::<User>(id).await?.nick(), nick);
    }
    log.assert_silent();
    session.flush().await?;
    log.assert_silent();
    session.commit().await?;
    assert_eq!(db.count(&User::select().filter(User::NICK.eq("both"))).await?, 2);
    Ok(())
}

async fn an_expression_is_calculated_by_the_database(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session();
    session.all(&Account::select()).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE accounts SET balance = 1000 WHERE id = 2"]).await?;
    let log = db.statement_log();
    let rent = Account::update().filter(Account::BALANCE.ge(60)).set_expr(Account::BALANCE, Account::BALANCE - 60);
    assert_eq!(session.update(&rent).await?, 2);
    log.assert(db.or_mysql(&["UPDATE accounts"][..], &["SELECT accounts", "UPDATE accounts", "SELECT accounts"]));
    assert_eq!(session.get_one::<Account>(1).await?.balance(), 40);
    assert_eq!(session.get_one::<Account>(2).await?.balance(), 940, "of the row as it was");
    log.assert_silent();
    Ok(())
}

async fn expressions_keep_their_parentheses(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let balance = Account::BALANCE;
    let ada = || Account::update().filter(Account::ID.eq(1));
    for (expression, expected) in [
        ((balance - (balance - 7)) * 2, 14),
        (balance * (balance + 1) - balance / (balance / 2), 14 * 15 - 2),
        ((balance - 200) / 4, 2),
    ] {
        db.update(&ada().set_expr(balance, expression)).await?;
        assert_eq!(db.one(&Account::select().filter(Account::ID.eq(1))).await?.balance(), expected);
    }
    Ok(())
}

async fn nullable_columns_and_text_are_calculated_with(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let update = Account::update()
        .set_expr(Account::BONUS, Account::BONUS + 1)
        .set_expr(Account::OWNER, Account::OWNER.concat(" (old, ").concat_column(Account::OWNER).concat(")"));
    assert_eq!(db.update(&update).await?, 3);
    let rows = db.all(&Account::select().order_by(Account::ID.asc())).await?;
    assert_eq!(rows.iter().map(|it| it.bonus()).collect::<Vec<_>>(), [Some(6), None, Some(8)]);
    assert_eq!(rows[0].owner(), "Ada (old, Ada)");
    Ok(())
}

async fn what_is_pending_is_flushed_first(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    session.add(User::builder().name("Dan"))?;
    session.get_one::<User>(1).await?.set_name("Adele");
    let log = db.statement_log();
    let update = User::update().filter(User::NAME.in_(["Dan", "Adele"])).set(User::NICK, "new");
    assert_eq!(session.update(&update).await?, 2);
    let written: &[&str] = db.or_mysql(&["UPDATE users"], WITHOUT_RETURNING);
    log.assert(&[&["UPDATE users", "INSERT users"], written].concat());
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("new"));
    Ok(())
}

async fn without_objects_nothing_comes_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    assert_eq!(session.update(&User::update().set(User::NICK, "all")).await?, 3);
    let [text] = &log.texts()[..] else { panic!("one statement") };
    assert!(!text.contains("RETURNING") && !text.contains("WHERE"), "{text}");
    Ok(())
}

async fn a_version_is_counted_up_and_the_next_flush_knows_it(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session();
    session.all(&Account::select()).await?;
    session.commit_keeping().await?;
    let stale = db.session();
    let old = stale.get_one::<Account>(2).await?;
    stale.commit_keeping().await?;
    old.set_balance(7);
    session.update(&Account::update().set_expr(Account::BALANCE, Account::BALANCE + 1)).await?;
    let ada = session.get_one::<Account>(1).await?;
    assert_eq!(ada.version(), 2);
    ada.set_balance(0);
    session.commit().await?;
    refused(stale.flush().await, ErrorKind::StaleData);
    stale.close().await?;
    assert_eq!(db.one(&Account::select().filter(Account::ID.eq(1))).await?.version(), 3);
    Ok(())
}

async fn nothing_to_set_sends_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let log = db.statement_log();
    assert_eq!(session.update(&User::update()).await?, 0);
    assert_eq!(db.update(&User::update()).await?, 0);
    log.assert_silent();
    Ok(())
}

async fn a_foreign_key_that_is_set_unloads_both_sides(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let users = User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES.selectin(Address::USER));
    session.all(&users).await?;
    session.update(&Address::update().filter(Address::ID.eq(1)).set(Address::USER_ID, 2)).await?;
    let log = db.statement_log();
    let found = session.all(&users).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    assert_eq!(found.iter().map(|it| it.addresses().len()).collect::<Vec<_>>(), [1, 2, 0]);
    for address in found[1].addresses() {
        assert_eq!(address.user().map(|it| it.name()), Some("Bob"));
    }
    Ok(())
}

async fn a_primary_key_that_is_set_expires_everything(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select()).await?;
    session.update(&User::update().filter(User::ID.eq(3)).set(User::ID, 30)).await?;
    assert!(session.get::<User>(3).await?.is_none());
    assert_eq!(session.get_one::<User>(30).await?.name(), "Cy");
    Ok(())
}

async fn deleted_objects_leave_the_session_and_every_list(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES);
    session.one(&query).await?;
    let log = db.statement_log();
    assert_eq!(session.delete_where(Address::EMAIL.ends_with("@y.org")).await?, 1);
    log.assert(db.or_without_returning(&["DELETE addresses"][..], &["SELECT addresses", "DELETE addresses"]));
    assert!(matches!(session.peek::<Address>(2), Err(StateError::Deleted { .. })));
    assert!(session.get::<Address>(2).await?.is_none());
    log.assert(&["SELECT addresses"]);
    let ada = session.one(&query).await?;
    assert_eq!(ada.addresses().iter().map(|it| it.email()).collect::<Vec<_>>(), ["ada@x.org"]);
    session.commit().await?;
    assert_eq!(db.count(&Address::select()).await?, 3);
    Ok(())
}

async fn a_rollback_brings_everything_back(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.all(&User::select().selectin(User::ADDRESSES)).await?;
    session.delete_where(Address::delete()).await?;
    session.update(&User::update().set(User::NICK, None)).await?;
    session.rollback().await?;
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    assert_eq!((ada.nick(), ada.addresses().len()), (Some("countess"), 2));
    assert_eq!(session.get_one::<Address>(2).await?.email(), "ada@y.org");
    Ok(())
}

async fn what_is_refused_asks_for_a_rollback(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    db.run(&["INSERT INTO parents (name) VALUES ('P')", "INSERT INTO kids (name, parent_id) VALUES ('K', 1)"]).await?;
    let mut session = db.session();
    let error = refused(session.delete_where(Parent::delete()).await, ErrorKind::ForeignKeyViolation);
    assert_eq!((error.entity(), error.verb()), (Some("Parent"), Some("delete_where")));
    refused(session.get::<Parent>(1).await, ErrorKind::PendingRollback);
    session.rollback().await?;
    assert_eq!(session.delete_where(Kid::delete()).await?, 1);
    assert_eq!(session.delete_where(Parent::delete()).await?, 1);
    session.commit().await?;
    Ok(())
}

async fn a_database_updates_and_deletes_without_a_session(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    assert_eq!(db.update(&User::update().filter(User::NICK.is_null()).set(User::NICK, "none")).await?, 1);
    assert_eq!(db.delete_where(Address::delete().filter(Address::USER_ID.is_null())).await?, 1);
    log.assert_framed(&["UPDATE users", "DELETE addresses"]);
    let error = refused(db.update(&User::update().set(User::NAME, "same")).await, ErrorKind::UniqueViolation);
    assert_eq!((error.entity(), error.verb()), (Some("User"), Some("update")));
    Ok(())
}

async fn filters_reach_over_relationships(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let mut session = db.session();
    session.all(&Chapter::select()).await?;
    let by_woolf = Chapter::BOOK.has(Book::AUTHOR.has(Writer::NAME.eq("Woolf")) & Book::TITLE.eq("Waves"));
    assert_eq!(session.update(&Chapter::update().filter(by_woolf.clone()).set(Chapter::TITLE, "Dusk")).await?, 1);
    assert_eq!(session.get_one::<Chapter>(3).await?.title(), "Dusk");
    assert_eq!(session.delete_where(by_woolf).await?, 1);
    Ok(())
}

async fn exact_decimals_are_not_calculated_with_on_sqlite(db: TestDb) -> Outcome {
    let db = db.with(schema![Price]).await?;
    let one = rust_decimal::Decimal::ONE;
    let update = Price::update().set_expr(Price::AMOUNT, Price::AMOUNT * one);
    let error = refused(db.update(&update).await, ErrorKind::Unsupported);
    assert_eq!((error.entity(), error.attribute()), (Some("Price"), Some("amount")));
    db.update(&Price::update().set(Price::AMOUNT, one)).await?;
    Ok(())
}

async fn columns_that_the_database_generates_are_up_to_date(db: TestDb) -> Outcome {
    let key = if db.is_postgres() {
        "BIGINT GENERATED BY DEFAULT AS IDENTITY"
    } else if db.is_mysql() {
        "BIGINT AUTO_INCREMENT"
    } else {
        "INTEGER"
    };
    let text = if db.is_mysql() { "CONCAT('at ', price)" } else { "'at ' || price" };
    let text = if db.is_postgres() { "'at ' || price::text" } else { text };
    let table = format!(
        "CREATE TABLE lines (id {key} PRIMARY KEY, price BIGINT NOT NULL, twice BIGINT GENERATED ALWAYS AS (price * 2) STORED, \
         text VARCHAR(40) GENERATED ALWAYS AS ({text}) STORED)"
    );
    let table: &'static str = table.leak();
    let words = if db.is_mysql() { table.replace(" lines", " `lines`").leak() } else { table };
    db.run(&[
        words,
        db.or_mysql("INSERT INTO lines (price) VALUES (1), (2)", "INSERT INTO `lines` (price) VALUES (1), (2)"),
    ])
    .await?;
    let mut session = db.session_factory().expire_on_commit(false).session();
    session.get_one::<Line>(1).undefer(Line::TEXT).await?;
    session.get_one::<Line>(2).await?;
    let log = db.statement_log();
    session.update(&Line::update().set_expr(Line::PRICE, Line::PRICE + 10)).await?;
    log.assert(db.or_mysql(&["UPDATE lines"], &["SELECT lines", "UPDATE lines", "SELECT lines"]));
    let (one, two) = (session.get_one::<Line>(1).undefer(Line::TEXT).await?, session.get_one::<Line>(2).await?);
    log.assert(&[]);
    assert_eq!((one.price(), one.twice(), one.text()), (11, 22, "at 11"));
    assert_eq!((two.price(), two.twice()), (12, 24));
    // The flush does the same.
    one.set_price(5);
    two.set_price(6);
    session.flush().await?;
    assert_eq!((one.twice(), one.text(), two.twice()), (10, "at 5", 12));
    session.commit().await?;
    Ok(())
}
