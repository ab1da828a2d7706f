//! Every key of `#[orm(..)]`: where it belongs and how it is written.

use syn::Error;

use super::reader::Key;
use crate::catalogue;
use crate::suggest;

/// What an `#[orm(..)]` stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Entity,
    Column,
    Deferred,
    BelongsTo,
    HasMany,
    HasOne,
    ManyToMany,
    Newtype,
    NewtypeField,
    Enum,
    Variant,
    Row,
    RowField,
}

impl Place {
    /// As a message calls it: "`table` does not belong on ..".
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Entity => "the struct of an entity",
            Self::Column => "a column",
            Self::Deferred => "a `Deferred` column",
            Self::BelongsTo => "a `BelongsTo` field",
            Self::HasMany => "a `HasMany` field",
            Self::HasOne => "a `HasOne` field",
            Self::ManyToMany => "a `ManyToMany` field",
            Self::Newtype => "a newtype",
            Self::NewtypeField => "the field of a newtype",
            Self::Enum => "an enum",
            Self::Variant => "a variant",
            Self::Row => "a row struct",
            Self::RowField => "a field of a row struct",
        }
    }
}

/// One key.
struct KeySpec {
    name: &'static str,
    /// How it is written.
    example: &'static str,
    places: &'static [Place],
}

use Place::{BelongsTo, Column, Deferred, Entity, Enum, HasMany, HasOne, ManyToMany, Newtype, Row, RowField, Variant};

const ANY_COLUMN: &[Place] = &[Column, Deferred];
const ANY_RELATION: &[Place] = &[BelongsTo, HasMany, HasOne, ManyToMany];
const ANY_FIELD: &[Place] = &[Column, Deferred, BelongsTo, HasMany, HasOne, ManyToMany];

const KEYS: &[KeySpec] = &[
    key("table", "table = \"users\"", &[Entity]),
    key("schema", "schema = \"accounts\"", &[Entity]),
    key("rename_all", "rename_all = \"camelCase\"", &[Entity, Enum, Row]),
    key("deserialize", "deserialize", &[Entity]),
    key("crate", "crate = ::my_crate::orm_core", &[Entity, Newtype, Enum, Row]),
    key("index", "index(author_id, created_at)", &[Entity]),
    key("index", "index", ANY_COLUMN),
    key("unique", "unique(first_name, last_name)", &[Entity]),
    key("unique", "unique", ANY_COLUMN),
    key("check", "check = \"price > 0\"", &[Entity, Column, Deferred]),
    key("primary_key", "primary_key", ANY_COLUMN),
    key("generated", "generated = false", ANY_COLUMN),
    key("default", "default = Uuid::new_v4()", ANY_COLUMN),
    key("column", "column = \"user_name\"", &[Column, Deferred, RowField]),
    key("length", "length = 255", ANY_COLUMN),
    key("server_default", "server_default = \"CURRENT_TIMESTAMP\"", ANY_COLUMN),
    key("version", "version", ANY_COLUMN),
    key("sensitive", "sensitive", ANY_COLUMN),
    key("read_only", "read_only", ANY_COLUMN),
    key("group", "group = \"texts\"", &[Deferred]),
    key("getter", "getter = \"clone_\"", ANY_FIELD),
    key("on_update", "on_update = \"CURRENT_TIMESTAMP\"", ANY_COLUMN),
    key("on_update", "on_update = \"cascade\"", &[BelongsTo, ManyToMany]),
    key("on_delete", "on_delete = \"cascade\"", &[BelongsTo, ManyToMany]),
    key("foreign_key", "foreign_key = author_id", &[BelongsTo, HasMany, HasOne]),
    key("references", "references = email", &[BelongsTo, HasMany, HasOne]),
    key("back_populates", "back_populates = posts", ANY_RELATION),
    key("cascade", "cascade = \"all, delete-orphan\"", ANY_RELATION),
    key("unenforced", "unenforced", &[BelongsTo]),
    key("passive_deletes", "passive_deletes", &[HasMany, HasOne, ManyToMany]),
    key("post_update", "post_update", &[BelongsTo, HasMany, HasOne]),
    key("viewonly", "viewonly", ANY_RELATION),
    key("secondary", "secondary = \"post_tags\"", &[ManyToMany]),
    key("order_by", "order_by = (created_at desc, id)", &[HasMany, ManyToMany]),
    key("integer", "integer", &[Enum]),
    key("postgres_enum", "postgres_enum = \"mood\"", &[Enum]),
    key("rename", "rename = \"very-happy\"", &[Variant]),
];

const fn key(name: &'static str, example: &'static str, places: &'static [Place]) -> KeySpec {
    KeySpec { name, example, places }
}

/// How the key is written at this place.
pub(crate) fn example_of(name: &str, place: Place) -> &'static str {
    let mut named = KEYS.iter().filter(|spec| spec.name == name);
    match named.clone().find(|spec| spec.places.contains(&place)).or_else(|| named.next()) {
        Some(spec) => spec.example,
        None => "",
    }
}

/// Refuses a key that nobody knows, or that belongs elsewhere.
pub(super) fn admit(key: &Key) -> Result<(), Error> {
    let name = key.name();
    let place = key.place;
    let mut named = KEYS.iter().filter(|spec| spec.name == name).peekable();
    if named.peek().is_none() {
        let here = KEYS.iter().filter(|spec| spec.places.contains(&place)).map(|spec| spec.name);
        let near = suggest::closest(&name, here).or_else(|| synonym(&name, place));
        let elsewhere = || suggest::closest(&name, KEYS.iter().map(|spec| spec.name));
        return Err(catalogue::unknown_key(&name, near.or_else(elsewhere)).at(&key.ident));
    }
    let places: Vec<Place> = named.clone().flat_map(|spec| spec.places).copied().collect();
    if places.contains(&place) {
        return Ok(());
    }
    let example = named.next().map_or("", |spec| spec.example);
    Err(catalogue::misplaced_key(&name, place, &places, example).at(&key.ident))
}

/// What other libraries call it.
fn synonym(name: &str, place: Place) -> Option<&'static str> {
    let ours = match name {
        "pk" | "id" | "key" => "primary_key",
        "table_name" | "tablename" | "__tablename__" => "table",
        "fk" | "belongs_to" | "from" => "foreign_key",
        "name" | "column_name" | "rename" | "db_name" => "column",
        "to" | "target" => "references",
        "max_length" | "size" | "len" | "varchar" => "length",
        "auto" | "auto_increment" | "autoincrement" | "identity" => "generated",
        "default_value" | "default_expr" | "db_default" => "server_default",
        "inverse" | "backref" | "inverse_of" | "pair" | "relation_name" => "back_populates",
        "through" | "via" | "join_table" | "many_to_many" => "secondary",
        "ondelete" => "on_delete",
        "onupdate" | "updated_at" => "on_update",
        "skip" | "secret" | "private" | "hidden" => "sensitive",
        "readonly" | "immutable" => "read_only",
        "optimistic_lock" | "lock" | "version_id" => "version",
        "lazy" | "deferred" | "deferred_group" => "group",
        "int" | "repr" | "i32" => "integer",
        "type_name" | "enum_name" | "pg_enum" => "postgres_enum",
        _ => return None,
    };
    KEYS.iter().any(|spec| spec.name == ours && spec.places.contains(&place)).then_some(ours)
}
