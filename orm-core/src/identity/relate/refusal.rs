//! Why a relationship cannot be written.

use crate::{
    error::{Error, ErrorKind, Result},
    identity::{IdentityMap, ObjectRef},
    schema::{EntityDef, RelationDef},
};

impl IdentityMap {
    pub(in crate::identity) fn check_writable(&self, def: &'static EntityDef, relation: &RelationDef) -> Result<()> {
        if relation.view_only {
            return Err(Error::new(ErrorKind::State, "declared `viewonly`: write the relationship that it views")
                .with_entity(def.name)
                .with_attribute(relation.name));
        }
        Ok(())
    }

    /// A child may not be left without this parent.
    pub(in crate::identity) fn needs_parent(&self, child: ObjectRef, parent: &EntityDef) -> Error {
        let children = self.store_at(child);
        Error::new(
            ErrorKind::MissingParent,
            format!(
                "cannot be left without its {}: the foreign key is NOT NULL; give it another parent, delete it, or declare \
                 `cascade = \"all, delete-orphan\"` on the collection",
                parent.name
            ),
        )
        .with_entity(children.def().name)
        .with_key(children.print_key(child.slot))
    }

    pub(in crate::identity) fn breaks_promise(
        &self,
        owner: ObjectRef,
        relation: Option<usize>,
        member: ObjectRef,
        lacking: &str,
    ) -> Error {
        let (owners, members) = (self.store_at(owner), self.store_at(member));
        let name = relation.map_or("", |at| owners.def().relations[at].name);
        let member = format!("{}[{}]", members.def().name, members.print_key(member.slot));
        // What is lacking is the member itself, or a path of attributes below it.
        let lacking = if lacking == member { format!("`{member}`") } else { format!("`{lacking}` of {member}") };
        Error::new(
            ErrorKind::BreaksPromise,
            format!(
                "a live handle was promised that what `{name}` holds is loaded, and {lacking} is not; nothing was changed. \
                 Load it first, or let the session do so: `session.assign(&object, {}::{}, member).await?`",
                owners.def().name,
                name.to_uppercase(),
            ),
        )
        .with_entity(owners.def().name)
        .with_key(owners.print_key(owner.slot))
        .with_attribute(name)
    }
}
