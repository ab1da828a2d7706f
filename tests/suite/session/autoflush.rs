//! Autoflush: queries see what was changed before them.

use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, User};

each_backend!(
    a_query_after_a_change_flushes_first,
    every_reading_verb_flushes_first,
    a_get_of_what_is_in_the_map_flushes_nothing,
    without_autoflush_a_query_sees_the_old_data,
    without_autoflush_a_commit_flushes_all_the_same,
);

async fn a_query_after_a_change_flushes_first(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("changed");
    let log = db.statement_log();
    let found = session.all(&User::select().filter(User::NICK.eq("changed"))).await?;
    assert_eq!(found, [ada]);
    log.assert(&["UPDATE users", "SELECT users"]);
    session.all(&User::select()).await?;
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn every_reading_verb_flushes_first(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    ada.set_nick("a");
    assert_eq!(session.count(&User::select().filter(User::NICK.eq("a"))).await?, 1);
    ada.set_nick("b");
    assert!(session.exists(&User::select().filter(User::NICK.eq("b"))).await?);
    ada.set_nick("c");
    session.get::<User>(2).await?;
    ada.set_nick("d");
    session.load(&ada, User::ADDRESSES).await?;
    log.assert(&[
        "UPDATE users",
        "SELECT users",
        "UPDATE users",
        "SELECT users",
        "UPDATE users",
        "SELECT users",
        "UPDATE users",
        "SELECT addresses",
    ]);
    Ok(())
}

async fn a_get_of_what_is_in_the_map_flushes_nothing(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("changed");
    let log = db.statement_log();
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("changed"));
    log.assert_silent();
    Ok(())
}

async fn without_autoflush_a_query_sees_the_old_data(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let ada = session.get_one::<User>(1).await?;
    ada.set_nick("changed");
    session.add(Address::builder().email("new@x.org"))?;
    let log = db.statement_log();
    assert_eq!(session.count(&User::select().filter(User::NICK.eq("changed"))).await?, 0);
    assert_eq!(session.all(&Address::select()).await?.len(), 4);
    log.assert(&["SELECT users", "SELECT addresses"]);
    assert_eq!(ada.nick(), Some("changed"), "the change is there still");
    session.flush().await?;
    // Parents before children, whatever happens to them.
    log.assert(&["UPDATE users", "INSERT addresses"]);
    Ok(())
}

async fn without_autoflush_a_commit_flushes_all_the_same(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session_factory().autoflush(false).session();
    session.get_one::<User>(1).await?.set_nick("changed");
    let log = db.statement_log();
    session.commit().await?;
    log.assert_framed(&["UPDATE users", "COMMIT"]);
    assert_eq!(session.get_one::<User>(1).await?.nick(), Some("changed"));
    Ok(())
}
