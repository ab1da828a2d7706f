//! Definitions as the derive writes them: a self-referential one, a many-to-many, composite keys, every kind of relationship.

use crate::schema::{ColumnDef, EntityDef, EntityIndex, EnumDef, RelationDef, RelationKind, SecondaryDef, SqlType};

pub(super) static MOOD: EnumDef = EnumDef { name: "mood", labels: &["sad", "happy"] };

const fn column(name: &'static str, sql_type: SqlType) -> ColumnDef {
    ColumnDef { field: name, name, ..ColumnDef::of_type(sql_type, false) }
}

const fn nullable(name: &'static str, sql_type: SqlType) -> ColumnDef {
    ColumnDef { nullable: true, ..column(name, sql_type) }
}

const fn entity(
    name: &'static str,
    table: &'static str,
    columns: &'static [ColumnDef],
    primary_key: &'static [usize],
    relations: &'static [RelationDef],
    index: &'static EntityIndex,
) -> EntityDef {
    EntityDef {
        name,
        schema: None,
        table,
        columns,
        primary_key,
        relations,
        indexes: &[],
        checks: &[],
        index,
        new_store: || Box::new(()),
    }
}

fn user() -> &'static EntityDef {
    &USER
}

fn post() -> &'static EntityDef {
    &POST
}

fn tag() -> &'static EntityDef {
    &TAG
}

fn line() -> &'static EntityDef {
    &LINE
}

/// Positions in [`USER`].
pub(super) mod user {
    pub(crate) const ID: usize = 0;
    pub(crate) const NAME: usize = 1;
    pub(crate) const NICK: usize = 2;
    pub(crate) const SCORE: usize = 3;
    pub(crate) const BALANCE: usize = 4;
    pub(crate) const MOOD: usize = 5;
    pub(crate) const BIO: usize = 6;
    pub(crate) const MANAGER_ID: usize = 7;
    pub(crate) const VERSION: usize = 8;
    pub(crate) const MANAGER: usize = 0;
    pub(crate) const REPORTS: usize = 1;
    pub(crate) const POSTS: usize = 2;
}

pub(super) static USER: EntityDef = entity(
    "User",
    "users",
    &[
        column("id", SqlType::BigInt),
        column("name", SqlType::Text),
        ColumnDef { name: "nick_name", ..nullable("nick", SqlType::Text) },
        column("score", SqlType::Double),
        nullable("balance", SqlType::Decimal),
        column("mood", SqlType::Enum(&MOOD)),
        ColumnDef { deferred: true, ..nullable("bio", SqlType::Text) },
        nullable("manager_id", SqlType::BigInt),
        ColumnDef { version: true, ..column("version", SqlType::Integer) },
        ColumnDef { on_update: Some("CURRENT_TIMESTAMP"), ..nullable("changed_at", SqlType::Timestamp) },
    ],
    &[0],
    &[
        RelationDef {
            foreign_key: &["manager_id"],
            optional: true,
            ..RelationDef::new("manager", RelationKind::BelongsTo, user)
        },
        RelationDef {
            foreign_key: &["manager_id"],
            order_by: &[("name", true)],
            ..RelationDef::new("reports", RelationKind::HasMany, user)
        },
        RelationDef { foreign_key: &["author_id"], ..RelationDef::new("posts", RelationKind::HasMany, post) },
    ],
    {
        static INDEX: EntityIndex = EntityIndex::new();
        &INDEX
    },
);

/// Positions in [`POST`].
pub(super) mod post {
    pub(crate) const ID: usize = 0;
    pub(crate) const TITLE: usize = 1;
    pub(crate) const AUTHOR: usize = 0;
    pub(crate) const TAGS: usize = 1;
    pub(crate) const EDITOR: usize = 2;
}

pub(super) static POST: EntityDef = entity(
    "Post",
    "posts",
    &[
        column("id", SqlType::BigInt),
        column("title", SqlType::Text),
        column("author_id", SqlType::BigInt),
        nullable("editor_id", SqlType::BigInt),
    ],
    &[0],
    &[
        RelationDef { foreign_key: &["author_id"], ..RelationDef::new("author", RelationKind::BelongsTo, user) },
        RelationDef {
            secondary: Some(SecondaryDef {
                table: "post_tags",
                owner_columns: &["post_id"],
                target_columns: &["tag_id"],
            }),
            ..RelationDef::new("tags", RelationKind::ManyToMany, tag)
        },
        RelationDef {
            foreign_key: &["editor_id"],
            optional: true,
            ..RelationDef::new("editor", RelationKind::BelongsTo, user)
        },
    ],
    {
        static INDEX: EntityIndex = EntityIndex::new();
        &INDEX
    },
);

pub(super) static TAG: EntityDef =
    entity("Tag", "tags", &[column("id", SqlType::BigInt), column("name", SqlType::Text)], &[0], &[], {
        static INDEX: EntityIndex = EntityIndex::new();
        &INDEX
    });

/// A composite key of a number and a text, and a foreign key that is as wide.
pub(super) static LINE: EntityDef = entity(
    "Line",
    "lines",
    &[
        column("order_id", SqlType::BigInt),
        column("sku", SqlType::Text),
        column("amount", SqlType::Integer),
        nullable("bundle_order_id", SqlType::BigInt),
        nullable("bundle_sku", SqlType::Text),
    ],
    &[0, 1],
    &[RelationDef {
        foreign_key: &["bundle_order_id", "bundle_sku"],
        // One of the key's columns: the other decides among equals.
        order_by: &[("sku", true)],
        ..RelationDef::new("parts", RelationKind::HasMany, line)
    }],
    {
        static INDEX: EntityIndex = EntityIndex::new();
        &INDEX
    },
);

/// A table in a schema, with a key that the client makes.
pub(super) static LOG: EntityDef = EntityDef {
    schema: Some("app"),
    ..entity("Log", "log", &[column("at", SqlType::Double), nullable("data", SqlType::Bytes)], &[0], &[], {
        static INDEX: EntityIndex = EntityIndex::new();
        &INDEX
    })
};
