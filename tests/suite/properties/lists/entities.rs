//! Teams, and what belongs to them by every kind of relationship.

use orm_core::prelude::*;

#[derive(Entity)]
#[orm(table = "teams")]
pub(super) struct Team {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    /// May belong to nobody.
    #[orm(foreign_key = team_id, back_populates = team)]
    loans: HasMany<Loan>,
    /// Go with their team, and without one.
    #[orm(foreign_key = team_id, back_populates = team, cascade = "all, delete-orphan")]
    parts: HasMany<Part>,
    /// Must belong to somebody.
    #[orm(foreign_key = team_id, back_populates = team)]
    duties: HasMany<Duty>,
    #[orm(foreign_key = team_id, back_populates = team)]
    badge: HasOne<Badge>,
    #[orm(foreign_key = team_id, back_populates = team, cascade = "all, delete-orphan")]
    seal: HasOne<Seal>,
    #[orm(secondary = "team_tags", back_populates = teams)]
    tags: ManyToMany<Tag>,
}

#[derive(Entity)]
#[orm(table = "loans")]
pub(super) struct Loan {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: Option<i64>,
    #[orm(foreign_key = team_id, back_populates = loans)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "parts")]
pub(super) struct Part {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: i64,
    #[orm(foreign_key = team_id, back_populates = parts)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "duties")]
pub(super) struct Duty {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: i64,
    #[orm(foreign_key = team_id, back_populates = duties)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "badges")]
pub(super) struct Badge {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: Option<i64>,
    #[orm(foreign_key = team_id, back_populates = badge)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "seals")]
pub(super) struct Seal {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: i64,
    #[orm(foreign_key = team_id, back_populates = seal)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "tags")]
pub(super) struct Tag {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    #[orm(secondary = "team_tags", back_populates = tags)]
    teams: ManyToMany<Team>,
}

/// What every sequence begins with.
pub(super) const ROWS: &[&str] = &[
    "DELETE FROM team_tags",
    "DELETE FROM loans",
    "DELETE FROM parts",
    "DELETE FROM duties",
    "DELETE FROM badges",
    "DELETE FROM seals",
    "DELETE FROM tags",
    "DELETE FROM teams",
    "INSERT INTO teams (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "INSERT INTO loans (id, name, team_id) VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 2), (4, 'd', NULL)",
    "INSERT INTO parts (id, name, team_id) VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 2)",
    "INSERT INTO duties (id, name, team_id) VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 2)",
    "INSERT INTO badges (id, name, team_id) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', NULL)",
    "INSERT INTO seals (id, name, team_id) VALUES (1, 'a', 1), (2, 'b', 2)",
    "INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "INSERT INTO team_tags (team_id, tag_id) VALUES (1, 1), (1, 2), (2, 2)",
];
