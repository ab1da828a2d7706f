//! Relationships whose two sides spell their key otherwise, as the program writes to them.

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend};

use super::spelled::{Deed, Folk, caseless, filled};

each_backend!(
    a_child_that_spells_its_parent_otherwise_can_be_taken_from_it,
    a_child_that_is_given_to_another_leaves_the_list_of_its_parent,
    a_one_to_one_lets_go_of_the_one_that_spells_its_parent_otherwise,
);

/// The deeds of Ada and Bob in the database.
async fn deeds(db: &TestDb) -> Outcome<Vec<(i64, String)>> {
    let deeds = db.all(&Deed::select().order_by(Deed::ID.asc())).await?;
    Ok(deeds.iter().map(|deed| (deed.id(), deed.folk_id().to_lowercase())).collect())
}

async fn a_child_that_spells_its_parent_otherwise_can_be_taken_from_it(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<Folk>("ada").selectin(Folk::DEEDS).await?;
    let second = session.get_one::<Deed>(2).await?;
    ada.remove_from_deeds(&second)?;
    assert_eq!(ada.deeds().iter().map(|deed| deed.id()).collect::<Vec<_>>(), [1, 4]);
    session.commit().await?;
    assert_eq!(deeds(&db).await?, [(1, "ada".to_owned()), (3, "bob".to_owned()), (4, "ada".to_owned())]);
    Ok(())
}

async fn a_child_that_is_given_to_another_leaves_the_list_of_its_parent(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<Folk>("ada").selectin(Folk::DEEDS).await?;
    let bob = session.get_one::<Folk>("bob").selectin(Folk::DEEDS).await?;
    let second = session.get_one::<Deed>(2).await?;
    bob.add_to_deeds(second)?;
    let [of_ada, of_bob]: [Vec<i64>; 2] = [ada, bob].map(|folk| folk.deeds().iter().map(|deed| deed.id()).collect());
    assert_eq!((of_ada, of_bob), (vec![1, 4], vec![3, 2]));
    session.commit().await?;
    let bobs = |id: i64| (id, "bob".to_owned());
    assert_eq!(deeds(&db).await?, [(1, "ada".to_owned()), bobs(2), bobs(3), (4, "ada".to_owned())]);
    Ok(())
}

#[derive(Entity)]
#[orm(table = "realms")]
struct Realm {
    #[orm(primary_key)]
    id: String,
    #[orm(foreign_key = realm_id, back_populates = realm)]
    ruler: HasOne<Ruler>,
}

#[derive(Entity)]
#[orm(table = "rulers")]
struct Ruler {
    #[orm(primary_key, generated = false)]
    id: i64,
    realm_id: Option<String>,
    #[orm(foreign_key = realm_id, back_populates = ruler)]
    realm: BelongsTo<Realm>,
}

async fn a_one_to_one_lets_go_of_the_one_that_spells_its_parent_otherwise(db: TestDb) -> Outcome {
    let text = caseless(&db).await?;
    for table in [
        format!("CREATE TABLE realms (id {text} NOT NULL PRIMARY KEY)"),
        format!("CREATE TABLE rulers (id bigint NOT NULL PRIMARY KEY, realm_id {text} UNIQUE REFERENCES realms (id))"),
        "INSERT INTO realms VALUES ('north'), ('south')".to_owned(),
        "INSERT INTO rulers VALUES (1, 'NORTH'), (2, 'South'), (3, NULL), (4, NULL)".to_owned(),
    ] {
        db.execute(table, vec![]).await?;
    }
    let mut session = db.session();
    // One that was loaded, and one that was not.
    let north = session.get_one::<Realm>("north").selectin(Realm::RULER).await?;
    let south = session.get_one::<Realm>("south").await?;
    let (third, fourth) = (session.get_one::<Ruler>(3).await?, session.get_one::<Ruler>(4).await?);
    north.set_ruler(third)?;
    south.set_ruler(fourth)?;
    session.commit().await?;
    let rulers = db.all(&Ruler::select().order_by(Ruler::ID.asc())).await?;
    let found: Vec<(i64, Option<&str>)> = rulers.iter().map(|ruler| (ruler.id(), ruler.realm_id())).collect();
    assert_eq!(found, [(1, None), (2, None), (3, Some("north")), (4, Some("south"))]);
    // And one that is loaded after another was given.
    let north = session.get_one::<Realm>("north").await?;
    db.execute("UPDATE rulers SET realm_id = 'NORTH' WHERE id = 3", vec![]).await?;
    let first = session.get_one::<Ruler>(1).await?;
    north.set_ruler(first)?;
    let north = session.load(&north, Realm::RULER).await?;
    assert!(north.ruler().is_some_and(|ruler| ruler == first));
    session.commit().await?;
    assert_eq!(db.one(&Ruler::select().filter(Ruler::ID.eq(3))).await?.realm_id(), None);
    Ok(())
}
