//! Rules of the names that the derive makes of the names of fields.

use std::collections::HashMap;

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::EntityModel;
use crate::naming::{self, MemberNames};

/// Methods that every handle has of its own, or through a trait of the prelude: method resolution finds them first and
/// the getter is never called.
const HANDLE_METHODS: &[&str] = &[
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "clone_into",
    "deref",
    "eq",
    "fmt",
    "from",
    "hash",
    "into",
    "ne",
    "to_owned",
    "try_from",
    "try_into",
    "type_id",
];

/// Methods that end a builder, which has one named as the getter for each field.
const BUILDER_METHODS: &[&str] = &["build", "into_detached"];

pub(super) fn check(cx: &Ctxt, entity: &EntityModel) {
    check_getters_are_reachable(cx, entity);
    check_methods_are_apart(cx, entity);
    check_constants_are_apart(cx, entity);
}

fn members(entity: &EntityModel) -> impl Iterator<Item = &MemberNames> {
    let columns = entity.columns.iter().map(|column| &column.names);
    columns.chain(entity.relations.iter().map(|relation| &relation.names))
}

fn check_getters_are_reachable(cx: &Ctxt, entity: &EntityModel) {
    for names in members(entity) {
        let getter = naming::plain(&names.getter);
        if HANDLE_METHODS.contains(&getter.as_str()) {
            cx.refuse(&names.getter, catalogue::hidden_getter(&getter));
        } else if BUILDER_METHODS.contains(&getter.as_str()) {
            cx.refuse(&names.getter, catalogue::builder_method(&getter));
        }
    }
}

/// `set_name` of the column `name`, and a column that is called `set_name`.
fn check_methods_are_apart(cx: &Ctxt, entity: &EntityModel) {
    let mut makers: HashMap<String, &MemberNames> = HashMap::new();
    let columns = entity.columns.iter().map(|column| (&column.names, column.methods()));
    let relations = entity.relations.iter().map(|relation| (&relation.names, relation.methods()));
    for (names, methods) in columns.chain(relations) {
        for method in methods.iter().map(naming::plain) {
            match makers.get(&method) {
                Some(first) => {
                    // The one whose getter it is can be renamed: the caret and the help are his.
                    let is_getter = naming::plain(&first.getter) == method;
                    let (renamed, other) = if is_getter { (*first, names) } else { (names, *first) };
                    cx.refuse(&renamed.getter, catalogue::same_method(&method, &other.name, &renamed.name));
                }
                None => {
                    makers.insert(method, names);
                }
            }
        }
    }
}

fn check_constants_are_apart(cx: &Ctxt, entity: &EntityModel) {
    let mut makers: HashMap<String, &MemberNames> = HashMap::new();
    for names in members(entity) {
        let constant = names.constant.to_string();
        if let Some(first) = makers.insert(constant.clone(), names) {
            cx.refuse(&names.constant, catalogue::same_constant(&constant, &first.name, &names.name));
        }
    }
}
