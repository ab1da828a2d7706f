//! The text of one table: columns, keys, constraints, indexes.

use super::{
    Spelling,
    order::{Plan, Secondary, constraints},
    types::{Indexed, column_type, reference_type},
};
use crate::{
    identity::one_to_one_keys,
    schema::{ColumnDef, EntityDef, Generation, IndexDef, OnAction, RelationDef, SqlType},
};

/// CREATE TABLE.
pub(super) fn create(spelling: Spelling, entity: &'static EntityDef, plan: &Plan) -> String {
    let one_to_one = one_to_one_constraints(entity, plan);
    let mut parts: Vec<String> = entity
        .columns
        .iter()
        .enumerate()
        .map(|(index, definition)| column(spelling, entity, index, definition, &one_to_one))
        .collect();
    if !has_generated_key(entity) && !entity.primary_key.is_empty() {
        parts.push(format!("PRIMARY KEY ({})", spelling.list(key_columns(entity).map(|column| column.name))));
    }
    for index in entity.indexes.iter().filter(|index| index.unique) {
        parts.push(format!(
            "CONSTRAINT {} UNIQUE ({})",
            spelling.quoted(index.name),
            spelling.list(index_columns(entity, index))
        ));
    }
    for columns in one_to_one.iter().filter(|columns| columns.len() > 1) {
        let names = columns.iter().map(|column| entity.columns[*column].name);
        parts.push(format!("UNIQUE ({})", spelling.list(names)));
    }
    parts.extend(entity.checks.iter().map(|check| format!("CHECK ({check})")));
    for relation in constraints(entity) {
        if inline(spelling, entity, relation, plan) {
            parts.push(foreign_key(spelling, entity, relation));
        }
    }
    #[cfg(feature = "mysql")]
    if matches!(spelling, Spelling::MySql { .. }) {
        // CREATE INDEX knows no IF NOT EXISTS there.
        let indexes = entity.indexes.iter().filter(|index| !index.unique);
        parts.extend(indexes.map(|index| {
            format!("INDEX {} ({})", spelling.quoted(index.name), spelling.list(index_columns(entity, index)))
        }));
    }
    let table = spelling.qualified(entity.schema, entity.table);
    format!("CREATE TABLE IF NOT EXISTS {table} (\n  {}\n){}", parts.join(",\n  "), table_options(spelling))
}

/// The foreign keys of one-to-one relationships, which are unique, where nothing else says so.
fn one_to_one_constraints(entity: &'static EntityDef, plan: &Plan) -> Vec<Vec<usize>> {
    let mut keys = one_to_one_keys(entity, plan.entities.iter().copied());
    keys.retain(|columns| {
        let is_column = matches!(columns[..], [column] if entity.columns[column].unique);
        let is_constraint = || entity.indexes.iter().any(|index| index.unique && index.columns == columns);
        !is_column && *columns != entity.primary_key && !is_constraint()
    });
    keys
}

/// What follows the columns.
fn table_options(spelling: Spelling) -> String {
    match spelling {
        #[cfg(feature = "mysql")]
        Spelling::MySql { collation } => format!(" ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation}"),
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        _ => String::new(),
    }
}

/// CREATE INDEX for what is no constraint.
pub(super) fn create_indexes(spelling: Spelling, entity: &'static EntityDef) -> impl Iterator<Item = String> {
    let apart = match spelling {
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => false,
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        _ => true,
    };
    entity.indexes.iter().filter(move |index| apart && !index.unique).map(move |index| {
        let table = spelling.qualified(entity.schema, entity.table);
        format!(
            "CREATE INDEX IF NOT EXISTS {} ON {table} ({})",
            spelling.quoted(index.name),
            spelling.list(index_columns(entity, index))
        )
    })
}

fn index_columns(entity: &'static EntityDef, index: &IndexDef) -> impl Iterator<Item = &'static str> {
    index.columns.iter().filter_map(|column| entity.columns.get(*column)).map(|column| column.name)
}

/// The columns of the primary key.
fn key_columns(entity: &'static EntityDef) -> impl Iterator<Item = &'static ColumnDef> {
    entity.primary_key.iter().filter_map(|column| entity.columns.get(*column))
}

/// Whether the key is one integer that the database makes.
fn has_generated_key(entity: &'static EntityDef) -> bool {
    entity.primary_key.len() == 1 && key_columns(entity).all(|column| column.generation == Generation::Database)
}

fn column(
    spelling: Spelling,
    entity: &'static EntityDef,
    index: usize,
    column: &ColumnDef,
    one_to_one: &[Vec<usize>],
) -> String {
    let name = spelling.quoted(column.name);
    let is_key = entity.primary_key.contains(&index);
    if is_key && has_generated_key(entity) {
        return match spelling {
            // The rowid itself. Not AUTOINCREMENT: it writes a second table at each INSERT, and all that it adds is that the id of
            // the *last* row is not given out again once that row is deleted.
            #[cfg(feature = "sqlite")]
            Spelling::Sqlite => format!("{name} INTEGER PRIMARY KEY"),
            // BY DEFAULT, so that rows can also be inserted with a key of their own.
            #[cfg(feature = "postgres")]
            Spelling::Postgres => {
                let sql_type = column_type(spelling, column, Indexed::Yes);
                format!("{name} {sql_type} GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
            }
            #[cfg(feature = "mysql")]
            Spelling::MySql { .. } => {
                let sql_type = column_type(spelling, column, Indexed::Yes);
                format!("{name} {sql_type} NOT NULL AUTO_INCREMENT PRIMARY KEY")
            }
        };
    }
    let mut text = format!("{name} {}", column_type(spelling, column, indexed(entity, index, column)));
    #[cfg(feature = "postgres")]
    if spelling == Spelling::Postgres && is_key && column.generation == Generation::Database {
        text.push_str(" GENERATED BY DEFAULT AS IDENTITY");
    }
    // SQLite lets NULL into a primary key.
    if !column.nullable || is_key {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = column.server_default {
        text.push_str(&format!(" DEFAULT {}", default_text(spelling, column, default)));
    }
    #[cfg(feature = "mysql")]
    if matches!(spelling, Spelling::MySql { .. })
        && matches!(column.sql_type, SqlType::Timestamp | SqlType::TimestampTz)
        && column.on_update.is_some_and(is_now)
    {
        text.push_str(" ON UPDATE CURRENT_TIMESTAMP(6)");
    }
    if column.unique || one_to_one.iter().any(|columns| columns[..] == [index]) {
        text.push_str(" UNIQUE");
    }
    if let Some(check) = column.check {
        text.push_str(&format!(" CHECK ({check})"));
    }
    text
}

/// Whether a key or an index is over a column, its part in a foreign key included: that has an index on MySQL.
fn indexed(entity: &'static EntityDef, index: usize, column: &ColumnDef) -> Indexed {
    let refers = || constraints(entity).any(|relation| relation.foreign_key.contains(&column.field));
    let is_indexed = column.unique
        || entity.primary_key.contains(&index)
        || entity.indexes.iter().any(|definition| definition.columns.contains(&index))
        || refers();
    if is_indexed { Indexed::Yes } else { Indexed::No }
}

/// The expression of a DEFAULT. In brackets any is allowed.
fn default_text(spelling: Spelling, column: &ColumnDef, default: &str) -> String {
    match spelling {
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. }
            if matches!(column.sql_type, SqlType::Timestamp | SqlType::TimestampTz) && is_now(default) =>
        {
            "CURRENT_TIMESTAMP(6)".to_owned()
        }
        _ => {
            let _ = column;
            format!("({default})")
        }
    }
}

/// Whether SQL is the current moment, which MySQL takes bare, and no less precise than the column.
#[cfg(feature = "mysql")]
fn is_now(sql: &str) -> bool {
    let name = sql.trim().trim_end_matches("()").trim_end_matches("(6)");
    ["CURRENT_TIMESTAMP", "NOW", "LOCALTIMESTAMP", "LOCALTIME"].iter().any(|now| name.eq_ignore_ascii_case(now))
}

/// Whether the constraint stands in CREATE TABLE. SQLite looks for the target when rows come, and could not add it later.
fn inline(spelling: Spelling, entity: &EntityDef, relation: &RelationDef, plan: &Plan) -> bool {
    match spelling {
        #[cfg(feature = "sqlite")]
        Spelling::Sqlite => true,
        #[cfg(feature = "postgres")]
        Spelling::Postgres => plan.is_in_order(entity, relation),
        // Inside a circle the checks are off meanwhile.
        #[cfg(feature = "mysql")]
        Spelling::MySql { .. } => true,
    }
}

/// `CONSTRAINT name FOREIGN KEY (..) REFERENCES ..`.
fn foreign_key(spelling: Spelling, entity: &'static EntityDef, relation: &RelationDef) -> String {
    let target = (relation.target)();
    let columns: Vec<&str> = field_columns(entity, relation.foreign_key);
    let references: Vec<&str> = if relation.references.is_empty() {
        key_columns(target).map(|column| column.name).collect()
    } else {
        field_columns(target, relation.references)
    };
    let name = constraint_name(spelling, entity.table, &columns);
    reference(spelling, &name, &columns, target, &references, relation.on_delete, relation.on_update)
}

fn field_columns(entity: &'static EntityDef, fields: &[&str]) -> Vec<&'static str> {
    let column = |field: &&str| entity.columns.get(entity.column_of_field(field)?).map(|column| column.name);
    fields.iter().filter_map(column).collect()
}

fn reference(
    spelling: Spelling,
    name: &str,
    columns: &[&str],
    target: &EntityDef,
    references: &[&str],
    on_delete: OnAction,
    on_update: OnAction,
) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        spelling.quoted(name),
        spelling.list(columns.iter().copied()),
        spelling.qualified(target.schema, target.table),
        spelling.list(references.iter().copied()),
    );
    for (event, action) in [("DELETE", on_delete), ("UPDATE", on_update)] {
        let action = match action {
            OnAction::NoAction => continue,
            OnAction::Restrict => "RESTRICT",
            OnAction::Cascade => "CASCADE",
            OnAction::SetNull => "SET NULL",
            OnAction::SetDefault => "SET DEFAULT",
        };
        text.push_str(&format!(" ON {event} {action}"));
    }
    text
}

/// `fk_posts_author_id`, cut where the server would cut it, with a number that keeps it unique.
fn constraint_name(spelling: Spelling, table: &str, columns: &[&str]) -> String {
    let mut name = format!("fk_{table}_{}", columns.join("_"));
    let limit = spelling.max_identifier();
    if name.len() > limit {
        // FNV-1a: the same in every process and version.
        let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let end = name.floor_char_boundary(limit.saturating_sub(9));
        name.truncate(end);
        name.push_str(&format!("_{hash:08x}"));
    }
    name
}

/// ALTER TABLE .. ADD for the constraints inside a circle of tables.
pub(super) fn late_foreign_keys(spelling: Spelling, plan: &Plan) -> Vec<String> {
    late(spelling, plan)
        .map(|(entity, relation)| {
            let table = spelling.qualified(entity.schema, entity.table);
            let add = format!("ALTER TABLE {table} ADD {}", foreign_key(spelling, entity, relation));
            #[cfg(feature = "postgres")]
            let add = super::types::unless_there(&add);
            add
        })
        .collect()
}

/// ALTER TABLE .. DROP for the same, so that the tables can go one by one.
pub(super) fn drop_late_foreign_keys(spelling: Spelling, plan: &Plan) -> Vec<String> {
    late(spelling, plan)
        .map(|(entity, relation)| {
            let name = constraint_name(spelling, entity.table, &field_columns(entity, relation.foreign_key));
            let table = spelling.qualified(entity.schema, entity.table);
            format!("ALTER TABLE IF EXISTS {table} DROP CONSTRAINT IF EXISTS {}", spelling.quoted(&name))
        })
        .collect()
}

fn late(spelling: Spelling, plan: &Plan) -> impl Iterator<Item = (&'static EntityDef, &'static RelationDef)> {
    plan.entities.iter().flat_map(move |entity| {
        constraints(entity)
            .filter(move |relation| !inline(spelling, entity, relation, plan))
            .map(|relation| (*entity, relation))
    })
}

/// CREATE TABLE for a table between: the two keys, both together the primary key.
pub(super) fn create_secondary(spelling: Spelling, secondary: &Secondary) -> String {
    let Secondary { owner, relation, definition } = secondary;
    let target = (relation.target)();
    let sides = [(*owner, definition.owner_columns), (target, definition.target_columns)];
    let mut parts = Vec::new();
    for (entity, columns) in sides {
        for (name, key) in columns.iter().zip(key_columns(entity)) {
            parts.push(format!("{} {} NOT NULL", spelling.quoted(name), reference_type(spelling, key)));
        }
    }
    let all = definition.owner_columns.iter().chain(definition.target_columns).copied();
    parts.push(format!("PRIMARY KEY ({})", spelling.list(all)));
    if !relation.unenforced {
        for (entity, columns) in sides {
            let name = constraint_name(spelling, definition.table, columns);
            let references: Vec<&str> = key_columns(entity).map(|column| column.name).collect();
            // A row between says nothing once one of its sides is gone.
            let on_delete = match relation.on_delete {
                OnAction::NoAction => OnAction::Cascade,
                chosen => chosen,
            };
            parts.push(reference(spelling, &name, columns, entity, &references, on_delete, relation.on_update));
        }
    }
    let table = spelling.qualified(owner.schema, definition.table);
    format!("CREATE TABLE IF NOT EXISTS {table} (\n  {}\n){}", parts.join(",\n  "), table_options(spelling))
}
