//! A version stays with the row that was seen: what arrives later under unflushed changes does not make them fresh.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

#[derive(Entity)]
#[orm(table = "banks")]
struct Bank {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = bank_id, cascade = "all, delete-orphan", order_by = id)]
    accounts: HasMany<Account>,
}

#[derive(Entity)]
#[orm(table = "accounts")]
struct Account {
    #[orm(primary_key)]
    id: i64,
    owner: String,
    balance: i64,
    #[orm(version)]
    version: i32,
    note: Deferred<Option<String>>,
    bank_id: Option<i64>,
    #[orm(foreign_key = bank_id, back_populates = accounts)]
    bank: BelongsTo<Bank>,
}

each_backend!(
    no_row_that_arrives_lifts_the_version_under_a_change,
    a_foreign_key_that_waits_for_its_parent_is_a_change_too,
    a_deletion_is_a_change_too,
    to_be_an_orphan_is_a_change_too,
    an_expired_row_with_a_change_keeps_the_version_that_was_seen,
    a_row_without_all_that_is_shown_lifts_no_version,
    a_row_under_no_change_is_taken_with_its_version,
    a_refresh_sees_the_row_anew,
    a_bulk_update_brings_the_whole_row_where_it_counts_the_version,
    without_a_version_the_other_columns_become_new,
    a_deferred_column_that_is_shown_stays_when_a_row_arrives,
    a_deferred_column_that_a_query_brings_is_shown_anew,
    an_upsert_brings_what_is_shown,
);

each_backend!(only_postgres: a_setter_beside_a_query_changes_the_row_that_it_saw);
each_backend!(only_mysql: a_setter_beside_a_query_changes_the_row_that_it_saw);

const OTHERS: &str =
    "UPDATE accounts SET balance = 500, owner = 'Eve', note = 'theirs', version = version + 1 WHERE id = 1";

async fn accounts(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Bank, Account]).await?;
    db.run(&[
        "INSERT INTO banks (name) VALUES ('one'), ('two')",
        "INSERT INTO accounts (owner, balance, version, note, bank_id) VALUES ('Ada', 100, 1, 'mine', 1), ('Bob', 50, 1, NULL, 1)",
    ])
    .await?;
    Ok(db)
}

/// The account as a transaction left it that is over, changed by someone else since.
async fn past<'s>(db: &TestDb, session: &'s Session) -> Outcome<Persistent<'s, Account>> {
    let account = session.get_one::<Account>(1).await?;
    session.commit_keeping().await?;
    db.run(&[OTHERS]).await?;
    Ok(account)
}

async fn arrives(session: &Session, way: &str) -> Outcome {
    let accounts = Account::select();
    match way {
        "all" => drop(session.all(&accounts).await?),
        "first" => drop(session.first(&accounts.order_by(Account::ID.asc())).await?),
        "joined" => drop(session.all(&Bank::select().joined(Bank::ACCOUNTS)).await?),
        "selectin" => drop(session.all(&Bank::select().selectin(Bank::ACCOUNTS)).await?),
        "load" => {
            let bank = session.get_one::<Bank>(1).await?;
            session.load(&bank, Bank::ACCOUNTS).await?;
        }
        "raw" => {
            let sql = "SELECT id, owner, balance, version, bank_id FROM accounts";
            drop(session.sql(sql).entities::<Account>().await?);
        }
        "refresh" => {
            let account = session.get_one::<Account>(1).await?;
            session.refresh(&account).only(Account::OWNER).await?;
        }
        "subset" => {
            drop(session.all(&Bank::select().selectin(Bank::ACCOUNTS.limit(9))).await?);
        }
        way => panic!("{way}"),
    }
    Ok(())
}

async fn no_row_that_arrives_lifts_the_version_under_a_change(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    for way in ["all", "first", "joined", "selectin", "load", "raw", "refresh", "subset"] {
        let mut session = db.session_factory().autoflush(false).session();
        let account = past(&db, &session).await?;
        let seen = account.version();
        account.set_balance(account.balance() - 10);
        arrives(&session, way).await?;
        assert_eq!((account.owner(), account.version()), ("Eve", seen), "{way}: what is not changed becomes new");
        let error = refused(session.flush().await, ErrorKind::StaleData);
        assert_eq!((error.entity(), error.key()), (Some("Account"), Some("1")), "{way}");
        session.rollback().await?;
        assert_eq!(session.get_one::<Account>(1).await?.balance(), 500, "{way}");
        session.rollback().await?;
        db.run(&["UPDATE accounts SET owner = 'Ada' WHERE id = 1"]).await?;
    }
    Ok(())
}

async fn a_setter_beside_a_query_changes_the_row_that_it_saw(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session();
    let account = past(&db, &session).await?;
    let query = Account::select();
    let write = async {
        let seen = (account.balance(), account.version());
        account.set_balance(seen.0 - 10);
        seen
    };
    let (found, (balance, version)) = tokio::join!(session.all(&query), write);
    assert_eq!(found?.len(), 2);
    assert_eq!((account.balance(), account.version()), (balance - 10, version));
    // The row arrives after the setter, nearly always; a server that answers at once is before it.
    let written = session.commit().await;
    let expected = if version == 1 { 500 } else { 490 };
    match version {
        1 => drop(refused(written, ErrorKind::StaleData)),
        _ => written?,
    }
    session.rollback().await?;
    assert_eq!(session.get_one::<Account>(1).await?.balance(), expected);
    Ok(())
}

async fn a_foreign_key_that_waits_for_its_parent_is_a_change_too(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    let account = past(&db, &session).await?;
    account.set_bank(Bank::builder().name("three"))?;
    session.all(&Account::select()).await?;
    refused(session.flush().await, ErrorKind::StaleData);
    session.rollback().await?;
    Ok(())
}

async fn a_deletion_is_a_change_too(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    let account = past(&db, &session).await?;
    session.delete(&account).await?;
    session.all(&Account::select()).await?;
    refused(session.flush().await, ErrorKind::StaleData);
    session.rollback().await?;
    assert!(session.get::<Account>(1).await?.is_some());
    Ok(())
}

async fn to_be_an_orphan_is_a_change_too(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    let bank = session.get_one::<Bank>(1).await?;
    let account = past(&db, &session).await?;
    bank.remove_from_accounts(&account)?;
    session.all(&Account::select()).await?;
    refused(session.flush().await, ErrorKind::StaleData);
    session.rollback().await?;
    assert!(session.get::<Account>(1).await?.is_some());
    Ok(())
}

async fn an_expired_row_with_a_change_keeps_the_version_that_was_seen(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    for whole in [true, false] {
        let mut session = db.session_factory().autoflush(false).session();
        let account = past(&db, &session).await?;
        account.set_balance(account.balance() - 10);
        session.expire_attributes::<Account>(1, Account::OWNER);
        if whole {
            session.all(&Account::select()).await?;
        } else {
            session.get_one::<Account>(1).await?;
        }
        assert_eq!(session.get_one::<Account>(1).await?.owner(), "Eve");
        refused(session.flush().await, ErrorKind::StaleData);
        session.rollback().await?;
    }
    Ok(())
}

async fn a_row_without_all_that_is_shown_lifts_no_version(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session();
    let account = session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    session.commit_keeping().await?;
    db.run(&[OTHERS]).await?;
    session.all(&Account::select()).await?;
    assert_eq!((account.owner(), account.note()), ("Eve", Some("mine")));
    account.set_note(format!("{} and more", account.note().unwrap_or_default()));
    refused(session.flush().await, ErrorKind::StaleData);
    session.rollback().await?;
    // With the note the row is whole.
    let account = session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE accounts SET note = 'newest', version = version + 1 WHERE id = 1"]).await?;
    session.get_one::<Account>(1).undefer(Account::NOTE).for_update().await?;
    assert_eq!(account.note(), Some("newest"));
    account.set_note("mine again");
    session.commit().await?;
    Ok(())
}

async fn a_row_under_no_change_is_taken_with_its_version(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    let account = past(&db, &session).await?;
    account.set_balance(1);
    account.set_balance(100);
    session.all(&Account::select()).await?;
    assert_eq!((account.balance(), account.version()), (500, 2), "set, and set back, is no change");
    account.set_balance(account.balance() - 10);
    session.flush().await?;
    assert_eq!((account.balance(), account.version()), (490, 3));
    session.commit().await?;
    Ok(())
}

async fn a_refresh_sees_the_row_anew(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    let account = past(&db, &session).await?;
    account.set_balance(account.balance() - 10);
    session.all(&Account::select()).await?;
    session.refresh(&account).await?;
    assert_eq!((account.balance(), account.version()), (500, 2));
    account.set_balance(account.balance() - 10);
    session.commit().await?;
    assert_eq!(db.session().get_one::<Account>(1).await?.balance(), 490);
    Ok(())
}

async fn a_bulk_update_brings_the_whole_row_where_it_counts_the_version(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session_factory().expire_on_commit(false).session();
    session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    session.commit().await?;
    db.run(&[OTHERS]).await?;
    session.update(&Account::update().filter(Account::ID.eq(1)).set(Account::OWNER, "Ada L.")).await?;
    let log = db.statement_log();
    let account = session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    log.assert(&[]);
    assert_eq!((account.owner(), account.balance(), account.version()), ("Ada L.", 500, 3));
    assert_eq!(account.note(), Some("theirs"));
    account.set_balance(account.balance() - 10);
    session.commit().await?;
    Ok(())
}

async fn without_a_version_the_other_columns_become_new(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    let ada = session.get_one::<User>(1).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE users SET name = 'Ada L.', nick = 'theirs' WHERE id = 1"]).await?;
    ada.set_nick("mine");
    session.all(&User::select()).await?;
    assert_eq!((ada.name(), ada.nick()), ("Ada L.", Some("mine")));
    session.commit().await?;
    let db_has = db.session().get_one::<User>(1).await?.nick().map(str::to_owned);
    assert_eq!(db_has.as_deref(), Some("mine"));
    Ok(())
}

async fn a_deferred_column_that_is_shown_stays_when_a_row_arrives(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let session = db.session();
    let account = session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    session.commit_keeping().await?;
    session.all(&Account::select()).await?;
    assert_eq!(account.note(), Some("mine"));
    account.set_owner("Ada L.");
    session.flush().await?;
    assert_eq!((account.note(), account.version()), (Some("mine"), 2), "nothing was changed meanwhile");
    Ok(())
}

async fn a_deferred_column_that_a_query_brings_is_shown_anew(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let session = db.session();
    let account = session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    session.commit_keeping().await?;
    db.run(&[OTHERS]).await?;
    session.all(&Account::select().undefer(Account::NOTE)).await?;
    assert_eq!((account.note(), account.version()), (Some("theirs"), 2), "all that is shown came: it is seen");
    account.set_note("mine again");
    session.flush().await?;
    // What this transaction has read already stays.
    session.all(&Account::select().undefer(Account::NOTE)).await?;
    assert_eq!((account.note(), account.version()), (Some("mine again"), 3));
    Ok(())
}

async fn an_upsert_brings_what_is_shown(db: TestDb) -> Outcome {
    let db = accounts(db).await?;
    let mut session = db.session();
    let account = session.get_one::<Account>(1).undefer(Account::NOTE).await?;
    session.commit_keeping().await?;
    db.run(&[OTHERS]).await?;
    let row = Account::builder().id(1).owner("Ada L.").balance(7);
    session.upsert(row, on_conflict(Account::ID).update(Account::OWNER)).await?;
    assert_eq!((account.owner(), account.balance(), account.note()), ("Ada L.", 500, Some("theirs")));
    account.set_balance(account.balance() - 10);
    session.commit().await?;
    Ok(())
}
