//! CREATE and DROP for entities: order, circles, constraints.

use super::*;
#[cfg(feature = "sqlite")]
use crate::database::definition::Spelling;
use crate::schema::{
    ColumnDef, EntityDef, EntityIndex, EnumDef, Generation, IndexDef, OnAction, RelationDef, RelationKind,
    SecondaryDef, SqlType,
};

const fn column(name: &'static str, sql_type: SqlType) -> ColumnDef {
    ColumnDef { field: name, name, ..ColumnDef::of_type(sql_type, false) }
}

const fn id() -> ColumnDef {
    ColumnDef { generation: Generation::Database, ..column("id", SqlType::BigInt) }
}

const fn nullable(column: ColumnDef) -> ColumnDef {
    ColumnDef { nullable: true, ..column }
}

const fn belongs_to(
    name: &'static str,
    target: fn() -> &'static EntityDef,
    foreign_key: &'static [&'static str],
) -> RelationDef {
    RelationDef { foreign_key, ..RelationDef::new(name, RelationKind::BelongsTo, target) }
}

fn no_store() -> Box<dyn std::any::Any + Send + Sync> {
    Box::new(())
}

const fn entity(table: &'static str, columns: &'static [ColumnDef], relations: &'static [RelationDef]) -> EntityDef {
    // Shared by all: nothing here keeps stores.
    static INDEX: EntityIndex = EntityIndex::new();
    EntityDef {
        name: "Entity",
        schema: None,
        table,
        columns,
        primary_key: &[0],
        relations,
        indexes: &[],
        checks: &[],
        index: &INDEX,
        new_store: no_store,
    }
}

static MOOD: EnumDef = EnumDef { name: "orm_core_def_mood", labels: &["happy", "it's"] };

static USER: EntityDef = EntityDef {
    indexes: &[
        IndexDef { name: "orm_core_def_users_by_mood", columns: &[3], unique: false },
        IndexDef { name: "orm_core_def_users_name_mood", columns: &[2, 3], unique: true },
    ],
    checks: &["length(name) > 0"],
    ..entity(
        "orm_core_def_users",
        &[
            id(),
            ColumnDef { unique: true, length: Some(50), ..column("email", SqlType::Text) },
            ColumnDef { server_default: Some("'x'"), check: Some("name <> 'admin'"), ..column("name", SqlType::Text) },
            column("mood", SqlType::Enum(&MOOD)),
            ColumnDef { server_default: Some("CURRENT_TIMESTAMP"), ..column("created", SqlType::TimestampTz) },
            nullable(column("favourite_id", SqlType::BigInt)),
        ],
        // A circle: users refer to posts.
        &[belongs_to("favourite", || &POST, &["favourite_id"])],
    )
};

static POST: EntityDef = entity(
    "orm_core_def_posts",
    &[
        id(),
        column("author_id", SqlType::BigInt),
        nullable(column("reviewer_id", SqlType::BigInt)),
        column("price", SqlType::Decimal),
    ],
    &[
        RelationDef { on_delete: OnAction::Cascade, ..belongs_to("author", || &USER, &["author_id"]) },
        RelationDef { unenforced: true, ..belongs_to("reviewer", || &USER, &["reviewer_id"]) },
        RelationDef {
            kind: RelationKind::ManyToMany,
            secondary: Some(SecondaryDef {
                table: "orm_core_def_post_tags",
                owner_columns: &["post_id"],
                target_columns: &["tag_lang", "tag_name"],
            }),
            ..belongs_to("tags", || &TAG, &[])
        },
    ],
);

static TAG: EntityDef = EntityDef {
    primary_key: &[0, 1],
    ..entity(
        "orm_core_def_tags",
        &[column("lang", SqlType::Text), column("name", SqlType::Text)],
        &[RelationDef {
            kind: RelationKind::ManyToMany,
            secondary: Some(SecondaryDef {
                table: "orm_core_def_post_tags",
                owner_columns: &["tag_lang", "tag_name"],
                target_columns: &["post_id"],
            }),
            ..belongs_to("posts", || &POST, &[])
        }],
    )
};

async fn check(db: &Database) {
    let all: &[&'static EntityDef] = &[&POST, &USER, &TAG, &USER];
    db.drop_all(all).await.expect("whatever an earlier run left");
    db.create_all(all).await.expect("created");
    db.create_all(all).await.expect("what is there stays");
    let send = async |sql: &str| db.execute(sql.to_owned(), vec![]).await;
    let kind = async |sql: &str| db.execute(sql.to_owned(), vec![]).await.expect_err(sql).kind();
    send("INSERT INTO orm_core_def_users (email, mood) VALUES ('a', 'it''s')").await.expect("defaults");
    send("INSERT INTO orm_core_def_posts (author_id, reviewer_id, price) VALUES (1, 99, '1.5')")
        .await
        .expect("no such reviewer");
    send("UPDATE orm_core_def_users SET favourite_id = 1").await.expect("the circle closes");
    send("INSERT INTO orm_core_def_tags VALUES ('en', 'x')").await.expect("inserted");
    send("INSERT INTO orm_core_def_post_tags VALUES (1, 'en', 'x')").await.expect("linked");
    assert_eq!(
        kind("INSERT INTO orm_core_def_users (email, mood) VALUES ('a', 'happy')").await,
        ErrorKind::UniqueViolation
    );
    assert_eq!(
        kind("INSERT INTO orm_core_def_users (email, mood) VALUES ('b', 'it''s')").await,
        ErrorKind::UniqueViolation
    );
    assert_eq!(
        kind("INSERT INTO orm_core_def_users (email, name, mood) VALUES ('b', 'admin', 'happy')").await,
        ErrorKind::CheckViolation
    );
    assert_eq!(
        kind("INSERT INTO orm_core_def_users (email, name, mood) VALUES ('b', '', 'happy')").await,
        ErrorKind::CheckViolation
    );
    assert_eq!(
        kind("INSERT INTO orm_core_def_users (name, mood) VALUES ('b', 'happy')").await,
        ErrorKind::NotNullViolation
    );
    assert!(matches!(
        kind("INSERT INTO orm_core_def_users (email, mood) VALUES ('c', 'angry')").await,
        ErrorKind::CheckViolation | ErrorKind::Value
    ));
    assert_eq!(kind("UPDATE orm_core_def_users SET favourite_id = 7").await, ErrorKind::ForeignKeyViolation);
    assert_eq!(kind("INSERT INTO orm_core_def_post_tags VALUES (1, 'de', 'x')").await, ErrorKind::ForeignKeyViolation);
    assert_eq!(kind("INSERT INTO orm_core_def_post_tags VALUES (1, 'en', 'x')").await, ErrorKind::UniqueViolation);
    send("UPDATE orm_core_def_users SET favourite_id = NULL").await.expect("updated");
    assert_eq!(send("DELETE FROM orm_core_def_users").await.expect("the cascade takes posts and links"), 1);
    let mut connection = db.acquire().await.expect("a connection");
    for table in ["posts", "post_tags"] {
        let left =
            integers(&mut connection, &format!("SELECT count(*) FROM orm_core_def_{table}")).await.expect("counted");
        assert_eq!(left, [0], "{table}");
    }
    drop(connection);
    // With rows in the circle.
    send("INSERT INTO orm_core_def_users (email, mood) VALUES ('a', 'happy')").await.expect("inserted");
    send("INSERT INTO orm_core_def_posts (author_id, price) SELECT id, '2' FROM orm_core_def_users")
        .await
        .expect("inserted");
    send("UPDATE orm_core_def_users SET favourite_id = (SELECT id FROM orm_core_def_posts)").await.expect("updated");
    db.drop_all(all).await.expect("dropped");
    assert_eq!(kind("SELECT * FROM orm_core_def_users").await, ErrorKind::Schema);
    db.drop_all(all).await.expect("what is gone is gone");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn on_sqlite() {
    let db = Database::options("sqlite::memory:").max_connections(2).connect().await.expect("memory");
    check(&db).await;
    db.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)", vec![]).await.expect("created");
    db.execute("CREATE TABLE c (id INTEGER REFERENCES p)", vec![]).await.expect("created");
    let unchecked = db.execute("INSERT INTO c VALUES (1)", vec![]).await;
    assert_eq!(unchecked.expect_err("foreign keys are checked again").kind(), ErrorKind::ForeignKeyViolation);
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn on_postgres() {
    let Some(db) = super::postgres::database().await else { return };
    check(&db).await;
}

#[cfg(feature = "sqlite")]
#[test]
fn the_text_of_a_table() {
    let definition =
        format!("{:#?}", crate::database::definition::create_all(Spelling::Sqlite, &[&TAG]).expect("a definition"));
    assert!(definition.contains("CREATE TABLE IF NOT EXISTS \\\"orm_core_def_tags\\\" ("), "{definition}");
    assert!(definition.contains("PRIMARY KEY (\\\"lang\\\", \\\"name\\\")"), "{definition}");
}
