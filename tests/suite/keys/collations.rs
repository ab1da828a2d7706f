//! Text keys under a collation that holds upper and lower case equal: every way of loading finds what the database finds.

use orm_core::{database::Database, error::ErrorKind, prelude::*};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use super::spelled::{Chair, Club, Deed, Folk, Room, RoomKey, filled, rows, tables};

each_backend!(
    selectin_finds_the_children_that_joined_finds,
    a_limit_counts_the_children_of_both_spellings,
    every_child_finds_its_parent_however_it_spells_it,
    a_parent_that_the_session_holds_costs_nothing_where_it_is_spelled_as_it_is,
    pairs_of_a_secondary_table_are_found,
    a_composite_key_is_found,
    get_by_another_spelling_is_the_same_object,
    a_cascade_takes_children_of_both_spellings_along,
    a_cascade_over_a_loaded_list_takes_them_along,
    a_merge_by_another_spelling_is_of_the_row_that_is_there,
    two_spellings_of_one_row_in_a_merge_are_a_conflict,
    an_upsert_by_another_spelling_gives_the_row_that_is_there,
    a_batch_of_updates_finds_its_rows,
    bulk_statements_reach_the_objects_that_are_held,
);
each_backend!(only_mysql: blanks_at_the_end_do_not_count);
each_backend!(only_postgres: citext_is_compared_as_citext);

async fn selectin_finds_the_children_that_joined_finds(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    check_lists(&db).await?;
    let session = db.session();
    let log = db.statement_log();
    session.all(&Folk::select().order_by(Folk::ID.asc()).selectin(Folk::DEEDS)).await?;
    log.assert(&["SELECT folks", "SELECT deeds JOIN folks"]);
    Ok(())
}

/// The deeds of each.
async fn check_lists(db: &Database) -> Outcome {
    let query = Folk::select().order_by(Folk::ID.asc());
    let expected = [("ada", vec![1, 2, 4]), ("bob", vec![3]), ("eve", vec![])];
    let (selectin, joined) = (db.session(), db.session());
    let folks = selectin.all(&query.clone().selectin(Folk::DEEDS)).await?;
    let found: Vec<(&str, Vec<i64>)> =
        folks.iter().map(|folk| (folk.id(), folk.deeds().iter().map(|deed| deed.id()).collect())).collect();
    assert_eq!(found, expected, "selectin");
    let folks = joined.all(&query.joined(Folk::DEEDS)).await?;
    let found: Vec<(&str, Vec<i64>)> =
        folks.iter().map(|folk| (folk.id(), folk.deeds().iter().map(|deed| deed.id()).collect())).collect();
    assert_eq!(found, expected, "joined");
    Ok(())
}

async fn a_limit_counts_the_children_of_both_spellings(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let hint = Folk::DEEDS.order_by(Deed::ID.desc()).limit(2);
    let folks = session.all(&Folk::select().order_by(Folk::ID.asc()).selectin(hint)).await?;
    let found: Vec<Vec<i64>> =
        folks.iter().map(|folk| folk.deeds_subset().iter().map(|deed| deed.id()).collect()).collect();
    assert_eq!(found, [vec![4, 2], vec![3], vec![]]);
    Ok(())
}

async fn every_child_finds_its_parent_however_it_spells_it(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let query = Deed::select().order_by(Deed::ID.asc());
    let session = db.session();
    let log = db.statement_log();
    let deeds = session.all(&query.clone().selectin(Deed::FOLK)).await?;
    // The second is for those that spell their parent otherwise.
    log.assert(&["SELECT deeds", "SELECT folks", "SELECT folks JOIN deeds"]);
    assert_eq!(deeds.iter().map(|deed| deed.folk().id()).collect::<Vec<_>>(), ["ada", "ada", "bob", "ada"]);
    assert!(deeds[0].folk() == deeds[1].folk());
    let joined = db.session();
    let deeds = joined.all(&query.clone().joined(Deed::FOLK)).await?;
    assert_eq!(deeds.iter().map(|deed| deed.folk().id()).collect::<Vec<_>>(), ["ada", "ada", "bob", "ada"]);
    let lazy = db.session();
    let deed = lazy.get_one::<Deed>(2).await?;
    assert_eq!(lazy.load(&deed, Deed::FOLK).await?.folk().id(), "ada");
    Ok(())
}

async fn a_parent_that_the_session_holds_costs_nothing_where_it_is_spelled_as_it_is(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let ada = session.get_one::<Folk>("ada").await?;
    let deed = session.get_one::<Deed>(1).await?;
    let log = db.statement_log();
    assert!(session.load(&deed, Deed::FOLK).await?.folk() == ada);
    log.assert(&[]);
    Ok(())
}

async fn pairs_of_a_secondary_table_are_found(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let folks = session.all(&Folk::select().order_by(Folk::ID.asc()).selectin(Folk::CLUBS)).await?;
    assert_eq!(log.take().iter().filter(|sent| !sent.kind.is_transaction_frame()).count(), 2);
    let found: Vec<Vec<&str>> = folks.iter().map(|folk| folk.clubs().iter().map(|club| club.id()).collect()).collect();
    assert_eq!(found, [vec!["chess", "go"], vec!["go"], vec![]]);
    let clubs = session.all(&Club::select().order_by(Club::ID.asc()).joined(Club::FOLKS)).await?;
    let found: Vec<Vec<&str>> = clubs.iter().map(|club| club.folks().iter().map(|folk| folk.id()).collect()).collect();
    assert_eq!(found, [vec!["ada"], vec!["ada", "bob"]]);
    Ok(())
}

async fn a_composite_key_is_found(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let query = Room::select().order_by(Room::HOUSE.asc()).order_by(Room::NUMBER.asc());
    let rooms = session.all(&query.selectin(Room::CHAIRS)).await?;
    let found: Vec<Vec<i64>> =
        rooms.iter().map(|room| room.chairs().iter().map(|chair| chair.id()).collect()).collect();
    assert_eq!(found, [vec![3], vec![1, 4], vec![2]]);
    let fresh = db.session();
    let chairs = fresh.all(&Chair::select().order_by(Chair::ID.asc()).selectin(Chair::ROOM)).await?;
    let found: Vec<(&str, i64)> = chairs.iter().map(|chair| (chair.room().house(), chair.room().number())).collect();
    assert_eq!(found, [("mill", 1), ("mill", 2), ("barn", 1), ("mill", 1)]);
    let room = session.get_one::<Room>(RoomKey::new("MILL".to_owned(), 2)).await?;
    assert!(room == rooms[2]);
    Ok(())
}

async fn get_by_another_spelling_is_the_same_object(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    check_get(&db).await
}

async fn check_get(db: &Database) -> Outcome {
    let mut session = db.session();
    let ada = session.get_one::<Folk>("ADA").await?;
    assert_eq!(ada.id(), "ada", "as the row spells it");
    assert!(session.get_one::<Folk>("ada").await? == ada);
    assert!(session.get_one::<Folk>("Ada").await? == ada);
    ada.set_name("Lovelace".to_owned());
    assert_eq!(session.get_one::<Folk>("ADA").await?.name(), Some("Lovelace"));
    session.commit().await?;
    assert_eq!(session.get_one::<Folk>("aDA").await?.name(), Some("Lovelace"));
    assert!(session.get::<Folk>("adam").await?.is_none());
    assert_eq!(session.count(&Folk::select().filter(Folk::ID.eq("ADA"))).await?, 1);
    Ok(())
}

async fn a_cascade_takes_children_of_both_spellings_along(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    db.run(&["DELETE FROM memberships"]).await?;
    let mut session = db.session();
    let ada = session.get_one::<Folk>("ada").await?;
    session.delete(&ada).await?;
    session.commit().await?;
    let left = db.all(&Deed::select()).await?;
    assert_eq!(left.iter().map(|deed| deed.id()).collect::<Vec<_>>(), [3]);
    Ok(())
}

async fn a_cascade_over_a_loaded_list_takes_them_along(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    db.run(&["DELETE FROM memberships"]).await?;
    let mut session = db.session();
    let ada = session.get_one::<Folk>("ada").selectin(Folk::DEEDS).await?;
    session.delete(&ada).await?;
    session.commit().await?;
    let left = db.all(&Deed::select()).await?;
    assert_eq!(left.iter().map(|deed| deed.id()).collect::<Vec<_>>(), [3]);
    Ok(())
}

async fn a_merge_by_another_spelling_is_of_the_row_that_is_there(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let ada = session.merge(Folk::builder().id("ADA").name("Lovelace".to_owned())).await?;
    assert_eq!(ada.id(), "ada");
    let both = [Folk::builder().id("Bob").name("Robert".to_owned()), Folk::builder().id("EVE").name("Eva".to_owned())];
    let merged = session.merge_all(both).await?;
    assert_eq!(merged.iter().map(|folk| folk.id()).collect::<Vec<_>>(), ["bob", "eve"]);
    session.commit().await?;
    let folks = db.all(&Folk::select().order_by(Folk::ID.asc())).await?;
    let found: Vec<(&str, Option<&str>)> = folks.iter().map(|folk| (folk.id(), folk.name())).collect();
    assert_eq!(found, [("ada", Some("Lovelace")), ("bob", Some("Robert")), ("eve", Some("Eva"))]);
    Ok(())
}

async fn two_spellings_of_one_row_in_a_merge_are_a_conflict(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let both = |one: &str, two: &str| [one, two].map(|id| Folk::builder().id(id).name(id.to_owned()));
    let session = db.session();
    let error = refused(session.merge_all(both("Ada", "ADA")).await.map(drop), ErrorKind::IdentityConflict);
    assert!(error.to_string().contains("ADA") && error.to_string().contains("ada"), "{error}");
    drop(session);
    // Beside the row's own spelling the other one is new; the database says that it is not.
    let session = db.session();
    refused(session.merge_all(both("ada", "ADA")).await.map(drop), ErrorKind::UniqueViolation);
    Ok(())
}

async fn an_upsert_by_another_spelling_gives_the_row_that_is_there(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let rows = vec![
        Folk::builder().id("ADA").name("Lovelace".to_owned()),
        Folk::builder().id("mel").name("Mel".to_owned()),
        Folk::builder().id("Bob").name("Robert".to_owned()),
    ];
    let folks = session.upsert_all(rows, on_conflict(Folk::ID)).await?;
    assert_eq!(folks.iter().map(|folk| folk.id()).collect::<Vec<_>>(), ["ada", "mel", "bob"]);
    session.commit().await?;
    let one = session.upsert(Folk::builder().id("MEL").name("Melanie".to_owned()), on_conflict(Folk::ID)).await?;
    assert_eq!((one.id(), one.name()), ("mel", Some("Melanie")));
    Ok(())
}

async fn a_batch_of_updates_finds_its_rows(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    for folk in session.all(&Folk::select()).await? {
        folk.set_name(folk.id().to_uppercase());
    }
    session.commit().await?;
    let deeds = session.all(&Deed::select().order_by(Deed::ID.asc()).selectin(Deed::FOLK)).await?;
    assert_eq!(deeds.iter().filter_map(|deed| deed.folk().name()).collect::<Vec<_>>(), ["ADA", "ADA", "BOB", "ADA"]);
    Ok(())
}

async fn bulk_statements_reach_the_objects_that_are_held(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let ada = Key::of(&session.get_one::<Folk>("ada").await?);
    session.update(&Folk::update().filter(Folk::ID.eq("ADA")).set(Folk::NAME, "Lovelace")).await?;
    assert_eq!(session.get_one(&ada).await?.name(), Some("Lovelace"));
    session.delete_where(Deed::delete().filter(Deed::FOLK_ID.eq("aDa"))).await?;
    assert_eq!(session.count(&Deed::select()).await?, 1);
    Ok(())
}

async fn blanks_at_the_end_do_not_count(db: TestDb) -> Outcome {
    tables(&db, "varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci").await?;
    db.run(&[
        "INSERT INTO folks (id) VALUES ('ada'), ('bob')",
        "INSERT INTO deeds VALUES (1, 'ada  '), (2, 'ADA '), (3, 'bob')",
    ])
    .await?;
    let session = db.session();
    let folks = session.all(&Folk::select().order_by(Folk::ID.asc()).selectin(Folk::DEEDS)).await?;
    let found: Vec<Vec<i64>> = folks.iter().map(|folk| folk.deeds().iter().map(|deed| deed.id()).collect()).collect();
    assert_eq!(found, [vec![1, 2], vec![3]]);
    assert!(session.get_one::<Folk>("ADA  ").await? == session.get_one::<Folk>("ada").await?);
    Ok(())
}

/// An extension belongs to a database: this test makes one.
async fn citext_is_compared_as_citext(db: TestDb) -> Outcome {
    let name = format!("orm_citext_{}", std::process::id());
    db.execute(format!("CREATE DATABASE {name}"), vec![]).await?;
    let (server, _) = db.url().rsplit_once('/').expect("postgres://user@host/database");
    let own = Database::connect(format!("{server}/{name}")).await?;
    own.execute("CREATE EXTENSION citext", vec![]).await?;
    tables(&own, "citext").await?;
    rows(&own).await?;
    check_lists(&own).await?;
    check_get(&own).await?;
    {
        let session = own.session();
        let deeds = session.all(&Deed::select().order_by(Deed::ID.asc()).selectin(Deed::FOLK)).await?;
        assert_eq!(deeds.iter().map(|deed| deed.folk().id()).collect::<Vec<_>>(), ["ada", "ada", "bob", "ada"]);
    }
    drop(own);
    db.execute(format!("DROP DATABASE {name} WITH (FORCE)"), vec![]).await?;
    Ok(())
}
