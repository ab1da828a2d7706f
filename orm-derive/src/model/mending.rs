//! A model that was refused, mended so far that the code made of it compiles: an error that was said is not said again
//! by whatever uses the entity.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::DeriveInput;

use super::entity::EntityModel;
use super::relation::ForeignKey;
use crate::attr::{EntitySettings, SerdeContainer, Setting};
use crate::naming::{self, EntityNames};

impl EntityModel {
    /// For an item that is no struct with named fields.
    pub(crate) fn opaque(item: &DeriveInput) -> Self {
        Self {
            ident: item.ident.clone(),
            visibility: item.vis.clone(),
            names: EntityNames::of(&item.ident),
            settings: EntitySettings {
                krate: crate::attr::crate_path(&item.attrs).map(|value| Setting { key: item.ident.clone(), value }),
                ..EntitySettings::default()
            },
            serde: SerdeContainer::default(),
            columns: Vec::new(),
            relations: Vec::new(),
            unread: Vec::new(),
            opaque: true,
        }
    }

    /// The same entity without its mistakes.
    pub(crate) fn mended(mut self) -> Self {
        self.mend_key();
        self.mend_foreign_keys();
        self.mend_names();
        self
    }

    /// Some column has to be the key.
    fn mend_key(&mut self) {
        for column in self.columns.iter_mut().filter(|column| column.deferred) {
            column.settings.primary_key = None;
        }
        if self.primary_key().next().is_none() {
            let candidate = self.columns.iter_mut().find(|column| !column.deferred);
            match candidate {
                Some(column) => {
                    column.settings.primary_key = Some(Setting { key: column.field.clone(), value: () });
                }
                None => self.opaque = true,
            }
        }
    }

    /// A foreign key of columns that are not here is none.
    fn mend_foreign_keys(&mut self) {
        let columns: HashSet<String> = self.columns.iter().map(|column| column.names.name.clone()).collect();
        for relation in self.relations.iter_mut().filter(|relation| relation.kind == super::RelationKind::BelongsTo) {
            if relation.foreign_key.fields().iter().any(|field| !columns.contains(&naming::plain(field))) {
                relation.foreign_key = ForeignKey::Missing;
            }
        }
    }

    /// The second of two things of one name gets another.
    fn mend_names(&mut self) {
        let mut methods = HashSet::new();
        let mut constants = HashSet::new();
        let columns = self.columns.iter_mut().map(|column| {
            let made = column.methods();
            (&mut column.names, made)
        });
        let relations = self.relations.iter_mut().map(|relation| {
            let made = relation.methods();
            (&mut relation.names, made)
        });
        for (position, (names, made)) in columns.chain(relations).enumerate() {
            let is_of_builder = matches!(names.getter.to_string().as_str(), "build" | "into_detached");
            if is_of_builder || made.iter().any(|method| methods.contains(&naming::plain(method))) {
                // All its methods, not the getter alone: the other one may be the getter that a setter clashes with.
                names.name = format!("__{}_{position}", names.name);
                names.getter = Ident::new(&names.name, Span::call_site());
            }
            methods.extend(made.iter().map(naming::plain));
            if !constants.insert(names.constant.to_string()) {
                names.constant = Ident::new(&format!("__CONSTANT_{position}"), Span::call_site());
            }
        }
    }
}
