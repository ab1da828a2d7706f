//! New rows that become no objects: what a builder gives each column.

use crate::{
    entity::{Draft, Entity},
    error::{Error, ErrorKind, Result},
    flush,
    handle::Transient,
    identity::{AnyMember, IdentityMap, key_columns, referenced_columns},
    schema::RelationKind,
    value::{Value, is_null},
};

/// The columns that are written, in their order, and their values.
pub(super) type PlainRow = Vec<(usize, Value)>;

/// The row of a new object by itself. It may be linked to parents that are there, by their key or (in a session) their object.
pub(super) fn plain_row<E: Entity, L: 'static>(object: Transient<E, L>, map: &IdentityMap) -> Result<PlainRow> {
    let def = E::DEF;
    let (draft, links) = object.into_parts();
    let mut linked: PlainRow = Vec::new();
    for (relation, members) in links {
        let Some(member) = members.into_iter().next_back() else { continue };
        let relation = &def.relations[relation];
        let refused =
            |what: String| Error::new(ErrorKind::State, what).with_entity(def.name).with_attribute(relation.name);
        let parent = (relation.target)();
        let referred = referenced_columns(parent, relation);
        let values = match member {
            _ if relation.kind != RelationKind::BelongsTo => None,
            AnyMember::Key(key) => (referred == parent.primary_key).then_some(key),
            AnyMember::Object(token) => {
                let object = map.resolve(token)?;
                let store = map.store_at(object);
                referred
                    .iter()
                    .map(|column| store.value(object.slot, *column).filter(|value| !is_null(value)))
                    .collect()
            }
            AnyMember::New(_) => None,
        };
        let Some(values) = values else {
            return Err(refused(format!(
                "a row by itself brings no other rows along and is linked to parents that are there: by `{}` as a key or an \
                 object. `insert_all` inserts graphs",
                parent.name
            )));
        };
        linked.extend(key_columns(def, relation).into_iter().zip(values));
    }
    flush::plain_columns(def, |column| {
        let by_link = linked.iter().find(|(known, _)| *known == column);
        by_link.map(|(_, value)| value.clone()).or_else(|| draft.value(column))
    })
}
