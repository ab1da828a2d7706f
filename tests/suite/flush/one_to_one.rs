//! A one-to-one relationship is replaced from either side, loaded or not: the one that was there lets go first.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "members")]
struct Person {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = person_id, back_populates = person)]
    locker: HasOne<Locker>,
    #[orm(foreign_key = person_id, back_populates = person, cascade = "all, delete-orphan")]
    card: HasOne<Card>,
    #[orm(foreign_key = person_id, back_populates = person)]
    chair: HasOne<Chair>,
}

#[derive(Entity)]
#[orm(table = "lockers")]
struct Locker {
    #[orm(primary_key)]
    id: i64,
    name: String,
    person_id: Option<i64>,
    #[orm(foreign_key = person_id, back_populates = locker)]
    person: BelongsTo<Person>,
}

#[derive(Entity)]
#[orm(table = "cards")]
struct Card {
    #[orm(primary_key)]
    id: i64,
    name: String,
    person_id: i64,
    #[orm(foreign_key = person_id, back_populates = card)]
    person: BelongsTo<Person>,
}

#[derive(Entity)]
#[orm(table = "chairs")]
struct Chair {
    #[orm(primary_key)]
    id: i64,
    name: String,
    person_id: i64,
    #[orm(foreign_key = person_id, back_populates = chair)]
    person: BelongsTo<Person>,
}

each_backend!(
    create_all_makes_the_foreign_key_unique,
    a_new_one_from_the_parents_side_where_the_old_one_is_loaded,
    a_new_one_from_either_side_where_nothing_is_loaded,
    an_old_one_is_deleted_first_where_orphans_are,
    an_old_one_that_must_have_a_parent_is_refused_before_any_statement,
    a_key_alone_replaces_too,
    two_that_change_places_go_by_way_of_null,
    a_relationship_that_is_read_meanwhile_shows_the_new_one,
    the_last_of_several_new_ones_stays,
    what_is_tried_and_refused_replaces_nobody,
);

/// Ada (1) and Bob (2) with a locker, a card and a chair each, and a locker (3) of nobody.
async fn people(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Person, Locker, Card, Chair]).await?;
    db.run(&[
        "INSERT INTO members (name) VALUES ('Ada'), ('Bob')",
        "INSERT INTO lockers (name, person_id) VALUES ('one', 1), ('two', 2), ('three', NULL)",
        "INSERT INTO cards (name, person_id) VALUES ('one', 1), ('two', 2)",
        "INSERT INTO chairs (name, person_id) VALUES ('one', 1), ('two', 2)",
    ])
    .await?;
    Ok(db)
}

async fn lockers(db: &TestDb) -> Outcome<Vec<Option<i64>>> {
    let lockers = db.all(&Locker::select().order_by(Locker::ID.asc())).await?;
    Ok(lockers.iter().map(|locker| locker.person_id()).collect())
}

async fn create_all_makes_the_foreign_key_unique(db: TestDb) -> Outcome {
    let db = people(db).await?;
    for table in ["lockers", "cards", "chairs"] {
        let second = format!("INSERT INTO {table} (name, person_id) VALUES ('second', 1)");
        let error = refused(db.execute(second, vec![]).await, ErrorKind::UniqueViolation);
        assert!(!error.to_string().is_empty());
    }
    Ok(())
}

async fn a_new_one_from_the_parents_side_where_the_old_one_is_loaded(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session();
    let ada = session.get_one::<Person>(1).selectin(Person::LOCKER.selectin(Locker::PERSON)).await?;
    let old = ada.locker().expect("one");
    let three = session.get_one::<Locker>(3).selectin(Locker::PERSON).await?;
    let log = db.statement_log();
    ada.set_locker(three)?;
    assert!(ada.locker() == Some(three) && old.person().is_none());
    assert!(three.person().is_some_and(|person| person == ada));
    session.flush().await?;
    let texts: Vec<String> = log.texts().iter().map(|sql| orm_tests::summary(sql)).collect();
    assert_eq!(texts, ["UPDATE lockers", "UPDATE lockers"], "the old one first");
    session.commit_keeping().await?;
    assert_eq!(lockers(&db).await?, [None, Some(2), Some(1)]);
    Ok(())
}

async fn a_new_one_from_either_side_where_nothing_is_loaded(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<Person>(1).await?;
    let three = session.get_one::<Locker>(3).await?;
    let log = db.statement_log();
    ada.set_locker(three)?;
    session.flush().await?;
    let texts: Vec<String> = log.texts().iter().map(|sql| orm_tests::summary(sql)).collect();
    assert_eq!(texts, ["SELECT lockers", "UPDATE lockers", "UPDATE lockers"]);
    assert_eq!(session.get_one::<Locker>(1).await?.person_id(), None);

    let bob = session.get_one::<Person>(2).await?;
    let new = session.add(Locker::builder().name("four").person(bob))?;
    let log = db.statement_log();
    session.flush().await?;
    let texts: Vec<String> = log.texts().iter().map(|sql| orm_tests::summary(sql)).collect();
    assert_eq!(texts, ["SELECT lockers", "UPDATE lockers", "INSERT lockers"]);
    assert_eq!(session.persisted(&new)?.person_id(), Some(2));
    session.commit().await?;
    assert_eq!(lockers(&db).await?, [None, None, Some(1), Some(2)]);
    Ok(())
}

async fn an_old_one_is_deleted_first_where_orphans_are(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session();
    let (ada, bob) = (session.get_one::<Person>(1).await?, session.get_one::<Person>(2).selectin(Person::CARD).await?);
    ada.set_card(Card::builder().name("new"))?;
    let two = bob.card().expect("two");
    bob.set_card(Card::builder().name("newer"))?;
    assert!(session.inspect(&two)?.is_to_be_deleted());
    let log = db.statement_log();
    session.flush().await?;
    let texts: Vec<String> = log.texts().iter().map(|sql| orm_tests::summary(sql)).collect();
    assert_eq!(texts, ["SELECT cards", "DELETE cards", "INSERT cards"]);
    assert_eq!(bob.card().map(|card| card.name()), Some("newer"));
    session.commit_keeping().await?;
    let cards = db.all(&Card::select().order_by(Card::PERSON_ID.asc())).await?;
    assert_eq!(cards.iter().map(|card| card.name()).collect::<Vec<_>>(), ["new", "newer"]);
    Ok(())
}

async fn an_old_one_that_must_have_a_parent_is_refused_before_any_statement(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<Person>(1).selectin(Person::CHAIR).await?;
    let refusal = refused(ada.set_chair(Chair::builder().name("new")), ErrorKind::MissingParent);
    assert!(refusal.to_string().contains("NOT NULL"), "{refusal}");
    assert_eq!(ada.chair().map(|chair| chair.name()), Some("one"));
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    session.commit().await?;

    let ada = session.get_one::<Person>(1).await?;
    ada.set_chair(Chair::builder().name("new"))?;
    let log = db.statement_log();
    let refusal = refused(session.flush().await, ErrorKind::MissingParent);
    assert!(refusal.to_string().contains("Person.chair"), "{refusal}");
    log.assert(&["SELECT chairs"]);
    session.rollback().await?;
    Ok(())
}

async fn a_key_alone_replaces_too(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session();
    let three = session.get_one::<Locker>(3).await?;
    three.set_person(Key::<Person>::new(1))?;
    let log = db.statement_log();
    session.flush().await?;
    let texts: Vec<String> = log.texts().iter().map(|sql| orm_tests::summary(sql)).collect();
    assert_eq!(texts, ["SELECT lockers", "UPDATE lockers", "UPDATE lockers"]);
    session.commit_keeping().await?;
    assert_eq!(lockers(&db).await?, [None, Some(2), Some(1)]);
    Ok(())
}

async fn two_that_change_places_go_by_way_of_null(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session();
    let people = session.all(&Person::select().order_by(Person::ID.asc()).selectin(Person::LOCKER)).await?;
    let (one, two) = (people[0].locker().expect("one"), people[1].locker().expect("two"));
    people[0].set_locker(two)?;
    people[1].set_locker(one)?;
    session.flush().await?;
    assert!(people[0].locker() == Some(two) && people[1].locker() == Some(one));
    session.commit_keeping().await?;
    assert_eq!(lockers(&db).await?, [Some(2), Some(1), None]);
    Ok(())
}

async fn a_relationship_that_is_read_meanwhile_shows_the_new_one(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let ada = session.get_one::<Person>(1).await?;
    let one = session.get_one::<Locker>(1).await?;
    let three = session.get_one::<Locker>(3).await?;
    ada.set_locker(three)?;
    let ada = session.load(&ada, Person::LOCKER).await?;
    assert!(ada.locker() == Some(three) && one.person_id().is_none());
    let log = db.statement_log();
    session.flush().await?;
    assert_eq!(log.texts().len(), 2, "it is known whom she had");
    session.commit_keeping().await?;
    assert_eq!(lockers(&db).await?, [None, Some(2), Some(1)]);
    Ok(())
}

async fn the_last_of_several_new_ones_stays(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session();
    let ada = session.get_one::<Person>(1).await?;
    for name in ["a", "b", "c"] {
        ada.set_card(Card::builder().name(name))?;
    }
    session.flush().await?;
    session.commit_keeping().await?;
    let cards = db.all(&Card::select().filter(Card::PERSON_ID.eq(1))).await?;
    assert_eq!(cards.iter().map(|card| card.name()).collect::<Vec<_>>(), ["c"]);
    assert_eq!(db.count(&Card::select()).await?, 2);
    Ok(())
}

async fn what_is_tried_and_refused_replaces_nobody(db: TestDb) -> Outcome {
    let db = people(db).await?;
    let session = db.session();
    let ada = session.get_one::<Person>(1).await?;
    // The key is taken.
    let tried = session.try_insert(Card::builder().id(2).name("new").person(ada)).await?;
    assert!(tried.is_err());
    let ada = session.load(&ada, Person::CARD).await?;
    let one = ada.card().expect("one");
    let tried = session.try_insert(Card::builder().id(2).name("new").person(ada)).await?;
    assert!(tried.is_err());
    assert!(ada.card() == Some(one) && session.deleted::<Card>().is_empty());
    let tried = session.try_insert(Card::builder().name("new").person(ada)).await?;
    assert!(tried.is_ok());
    session.commit_keeping().await?;
    let cards = db.all(&Card::select().filter(Card::PERSON_ID.eq(1))).await?;
    assert_eq!(cards.iter().map(|card| card.name()).collect::<Vec<_>>(), ["new"]);
    Ok(())
}
