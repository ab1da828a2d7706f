//! What `#[derive(Entity)]` emits, in the order of a reader's questions: the table, the names, the row, then each form
//! that an object can have.

mod attributes;
mod bounds;
mod builder;
mod changes;
mod const_checks;
mod constants;
mod definition;
mod deserialize;
mod detached;
mod draft;
mod key;
mod lists;
mod load;
mod parts;
mod pending;
mod reference;
mod row;
mod serialize;
mod view;
mod writes;

use proc_macro2::TokenStream;

use self::parts::Parts;
use crate::model::EntityModel;

pub(crate) use self::attributes::spelled;

/// What `#[derive(Entity)]` emits.
pub(crate) fn entity(model: &EntityModel) -> TokenStream {
    let checks = const_checks::const_checks(&Parts::of(model));
    [entity_in_place(model), checks].into_iter().collect()
}

/// The same without what asks the other entities: in place of an entity with a mistake, which was said.
pub(crate) fn entity_in_place(model: &EntityModel) -> TokenStream {
    let parts = Parts::of(model);
    [
        row::implementation(&parts),
        constants::constants(&parts),
        key::key(&parts),
        attributes::attributes(&parts),
        draft::draft(&parts),
        load::load(&parts),
        view::view(&parts),
        pending::pending_view(&parts),
        bounds::bounds(&parts),
        detached::detached(&parts),
        serialize::serialize(&parts),
        builder::builder(&parts),
        changes::changes(&parts),
        changes::read(&parts),
        deserialize::deserialize(&parts),
    ]
    .into_iter()
    .collect()
}
