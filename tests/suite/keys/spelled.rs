//! Tables whose text keys the database compares without regard to case: the entities, and the tables of each database.

use orm_core::{database::Database, prelude::*};
use orm_tests::{Outcome, TestDb};

#[derive(Entity)]
#[orm(table = "folks")]
pub(crate) struct Folk {
    #[orm(primary_key)]
    id: String,
    name: Option<String>,
    #[orm(foreign_key = folk_id, order_by = id, cascade = "all, delete-orphan")]
    deeds: HasMany<Deed>,
    #[orm(secondary = "memberships", order_by = id)]
    clubs: ManyToMany<Club>,
}

#[derive(Entity)]
#[orm(table = "deeds")]
pub(crate) struct Deed {
    #[orm(primary_key, generated = false)]
    id: i64,
    folk_id: String,
    #[orm(foreign_key = folk_id, back_populates = deeds)]
    folk: BelongsTo<Folk>,
}

#[derive(Entity)]
#[orm(table = "clubs")]
pub(crate) struct Club {
    #[orm(primary_key)]
    id: String,
    #[orm(secondary = "memberships", back_populates = clubs, order_by = id)]
    folks: ManyToMany<Folk>,
}

/// Part of a key is text.
#[derive(Entity)]
#[orm(table = "rooms")]
pub(crate) struct Room {
    #[orm(primary_key)]
    house: String,
    #[orm(primary_key)]
    number: i64,
    #[orm(foreign_key = (room_house, room_number), order_by = id)]
    chairs: HasMany<Chair>,
}

#[derive(Entity)]
#[orm(table = "chairs")]
pub(crate) struct Chair {
    #[orm(primary_key, generated = false)]
    id: i64,
    room_house: String,
    room_number: i64,
    #[orm(foreign_key = (room_house, room_number), back_populates = chairs)]
    room: BelongsTo<Room>,
}

/// Tables without rows, whose text is of this type.
pub(crate) async fn tables(db: &Database, text: &str) -> Outcome {
    for table in [
        format!("CREATE TABLE folks (id {text} NOT NULL PRIMARY KEY, name varchar(50))"),
        format!("CREATE TABLE deeds (id bigint NOT NULL PRIMARY KEY, folk_id {text} NOT NULL REFERENCES folks (id))"),
        format!("CREATE TABLE clubs (id {text} NOT NULL PRIMARY KEY)"),
        format!(
            "CREATE TABLE memberships (folk_id {text} NOT NULL REFERENCES folks (id), club_id {text} NOT NULL REFERENCES clubs (id), \
             PRIMARY KEY (folk_id, club_id))"
        ),
        format!("CREATE TABLE rooms (house {text} NOT NULL, number bigint NOT NULL, PRIMARY KEY (house, number))"),
        format!(
            "CREATE TABLE chairs (id bigint NOT NULL PRIMARY KEY, room_house {text} NOT NULL, room_number bigint NOT NULL, \
             FOREIGN KEY (room_house, room_number) REFERENCES rooms (house, number))"
        ),
    ] {
        db.execute(table, vec![]).await?;
    }
    Ok(())
}

/// Ada and Bob, whose deeds, clubs and chairs spell them as they please.
pub(crate) async fn rows(db: &Database) -> Outcome {
    for rows in [
        "INSERT INTO folks (id, name) VALUES ('ada', 'Ada'), ('bob', 'Bob'), ('eve', 'Eve')",
        "INSERT INTO deeds (id, folk_id) VALUES (1, 'ada'), (2, 'ADA'), (3, 'Bob'), (4, 'Ada')",
        "INSERT INTO clubs (id) VALUES ('chess'), ('go')",
        "INSERT INTO memberships (folk_id, club_id) VALUES ('ADA', 'Chess'), ('ada', 'GO'), ('bob', 'go')",
        "INSERT INTO rooms (house, number) VALUES ('mill', 1), ('mill', 2), ('barn', 1)",
        "INSERT INTO chairs (id, room_house, room_number) VALUES (1, 'MILL', 1), (2, 'Mill', 2), (3, 'barn', 1), (4, 'mill', 1)",
    ] {
        db.execute(rows, vec![]).await?;
    }
    Ok(())
}

/// The type of text whose upper and lower case are equal.
pub(crate) async fn caseless(db: &TestDb) -> Outcome<&'static str> {
    Ok(if db.is_postgres() {
        db.run(&["CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"])
            .await?;
        "text COLLATE caseless"
    } else if db.is_mysql() {
        "varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
    } else {
        "text COLLATE NOCASE"
    })
}

/// The tables, with Ada and Bob in them.
pub(crate) async fn filled(db: TestDb) -> Outcome<TestDb> {
    let text = caseless(&db).await?;
    tables(&db, text).await?;
    rows(&db).await?;
    Ok(db)
}
