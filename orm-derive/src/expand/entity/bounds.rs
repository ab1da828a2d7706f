//! The private traits behind bounded methods: they are what speaks when a bound does not hold.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::parts::{Parts, Slot};
use crate::model::{ColumnModel, Member, RelationModel, Role};

pub(super) fn bounds(parts: &Parts<'_>) -> TokenStream {
    let slots = parts.slots.iter().enumerate().map(|(at, slot)| match slot.member {
        Member::Column(..) => deferred(parts, at),
        Member::Relation(_, relation) if relation.kind.is_many() => {
            let whole = loaded(parts, at);
            let part = subset(parts, at);
            quote!(#whole #part)
        }
        Member::Relation(..) => loaded(parts, at),
    });
    let columns = parts.model.columns.iter().map(|column| {
        let set = never_set(parts, column);
        let known = known(parts, column);
        let required = required(parts, column);
        quote!(#set #known #required)
    });
    let views = parts.model.relations.iter().filter(|relation| relation.is_view_only());
    let views = views.map(|relation| view_only(parts, relation));
    slots.chain(columns).chain(views).collect()
}

/// What a bound says when it does not hold.
struct Speech<'a> {
    message: String,
    label: &'a str,
    notes: Vec<String>,
}

fn speaking(parts: &Parts<'_>, bound: &Ident, speech: &Speech<'_>) -> TokenStream {
    let vis = parts.vis;
    let quiet = parts.quiet();
    let Speech { message, label, notes } = speech;
    quote! {
        #quiet
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, #(note = #notes,)*)]
        #vis trait #bound {}
    }
}

/// `impl<P0, N> User_posts_is_loaded for UserLoad<P0, Loaded<User_posts, N>> {}`
fn holds_in(parts: &Parts<'_>, at: usize, bound: &Ident, state: &TokenStream, nested: &TokenStream) -> TokenStream {
    let attribute = &parts.slots[at].attribute;
    let others = parts.slots.iter().filter(|slot| slot.attribute != *attribute).map(|slot| &slot.parameter);
    let load = parts.load_of(
        |Slot { attribute: this, parameter, .. }| {
            if this == attribute { quote!(#state<#attribute, #nested>) } else { quote!(#parameter) }
        },
    );
    let parameter = (!nested.to_string().contains('(')).then_some(nested);
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<#(#others,)* #parameter> #bound for #load {}
    }
}

/// Where a function asks for what a load state lacks, the getter's bound speaks as well.
fn asked(parts: &Parts<'_>, at: usize, bound: &Ident) -> TokenStream {
    let root = &parts.root;
    let attribute = &parts.slots[at].attribute;
    quote! {
        #[automatically_derived]
        impl<__L: #bound> #root::load::AskedOf<__L> for #attribute {}

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<__S> #bound for #root::load::Lack<__S, #root::load::Nobody> {}
    }
}

fn loaded(parts: &Parts<'_>, at: usize) -> TokenStream {
    let Parts { root, name, variable, .. } = parts;
    let names = parts.slots[at].names();
    let (field, constant) = (&names.name, &names.constant);
    let is_many = matches!(parts.slots[at].member, Member::Relation(_, relation) if relation.kind.is_many());
    let other_ways = if is_many {
        format!(
            "a filtered or limited hint is read by `{variable}.{field}_subset()`, one decided at run time by `{variable}.try_{field}()`"
        )
    } else {
        format!("one decided at run time is read by `{variable}.try_{field}()`")
    };
    let bound = parts.bound(names, "is_loaded");
    let speech = Speech {
        message: format!("`{name}.{field}` is not loaded on this `{name}`"),
        label: "not loaded by the query that produced this object",
        notes: vec![
            format!("load it with the query: `{name}::select().selectin({name}::{constant})`"),
            format!("or, while attached: `let {variable} = session.load(&{variable}, {name}::{constant}).await?;`"),
            other_ways,
        ],
    };
    let definition = speaking(parts, &bound, &speech);
    let implementation = holds_in(parts, at, &bound, &quote!(#root::load::Loaded), &quote!(__N));
    let asked = asked(parts, at, &bound);
    quote!(#definition #implementation #asked)
}

fn subset(parts: &Parts<'_>, at: usize) -> TokenStream {
    let Parts { root, name, variable, .. } = parts;
    let names = parts.slots[at].names();
    let (field, constant) = (&names.name, &names.constant);
    let bound = parts.bound(names, "is_subset");
    let speech = Speech {
        message: format!("`{name}.{field}` was not loaded with a filter or limit on this `{name}`"),
        label: "not a subset in the query that produced this object",
        notes: vec![
            format!("a subset comes from a hint: `{name}::select().selectin({name}::{constant}.limit(10))`"),
            format!("the whole is read by `{variable}.{field}()`"),
        ],
    };
    let definition = speaking(parts, &bound, &speech);
    let implementation = holds_in(parts, at, &bound, &quote!(#root::load::Subset), &quote!(__N));
    quote!(#definition #implementation)
}

fn deferred(parts: &Parts<'_>, at: usize) -> TokenStream {
    let Parts { root, name, variable, .. } = parts;
    let names = parts.slots[at].names();
    let (field, constant) = (&names.name, &names.constant);
    let bound = parts.bound(names, "is_loaded");
    let speech = Speech {
        message: format!("`{name}.{field}` is a deferred column that was not loaded on this `{name}`"),
        label: "not selected by the query that produced this object",
        notes: vec![
            format!("select it with the query: `{name}::select().undefer({name}::{constant})`"),
            format!("or, while attached: `let {variable} = session.load(&{variable}, {name}::{constant}).await?;`"),
        ],
    };
    let definition = speaking(parts, &bound, &speech);
    let implementation = holds_in(parts, at, &bound, &quote!(#root::load::Loaded), &quote!(()));
    let asked = asked(parts, at, &bound);
    quote!(#definition #implementation #asked)
}

/// The bound of a setter that nobody may call, for the columns that have one.
pub(super) fn never_set_bound(parts: &Parts<'_>, column: &ColumnModel) -> Option<Ident> {
    let what = match parts.model.role(column) {
        Role::PrimaryKey => "is_never_set".to_owned(),
        Role::ForeignKey(relation) => format!("is_written_by_{}", relation.names.name),
        Role::Version => "is_counted_by_the_session".to_owned(),
        Role::ReadOnly => "is_read_only".to_owned(),
        Role::Ordinary => return None,
    };
    Some(parts.bound(&column.names, &what))
}

fn never_set(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Some(bound) = never_set_bound(parts, column) else { return TokenStream::new() };
    let Parts { name, variable, .. } = parts;
    let field = &column.names.name;
    let speech = match parts.model.role(column) {
        Role::ForeignKey(relation) => {
            let (relation, target) = (&relation.names.name, relation.target_name());
            Speech {
                message: format!("`{name}.{field}` is the foreign key of `{name}.{relation}`, and is written through it"),
                label: &format!("write `set_{relation}(..)?`"),
                notes: vec![format!(
                    "it takes a handle, a pending object, a builder or a key: `{variable}.set_{relation}(Key::<{target}>::new(7))?`"
                )],
            }
            .spoken(parts, &bound)
        }
        Role::PrimaryKey => Speech {
            message: format!("`{name}.{field}` is the primary key, which never changes"),
            label: "cannot be set",
            notes: vec![
                format!("insert the new `{name}` and delete the old one"),
                "or change the rows, not the objects, with a bulk update".to_owned(),
            ],
        }
        .spoken(parts, &bound),
        Role::Version => Speech {
            message: format!("`{name}.{field}` is the version, which the session counts at every flush"),
            label: "cannot be set",
            notes: vec!["a row that someone else has changed is refused with `StaleData`".to_owned()],
        }
        .spoken(parts, &bound),
        Role::ReadOnly | Role::Ordinary => Speech {
            message: format!("`{name}.{field}` is read-only: it is never written"),
            label: "cannot be set",
            notes: vec!["it is declared `#[orm(read_only)]`".to_owned()],
        }
        .spoken(parts, &bound),
    };
    let nobody = nobody(&bound);
    quote!(#speech #nobody)
}

impl Speech<'_> {
    fn spoken(&self, parts: &Parts<'_>, bound: &Ident) -> TokenStream {
        speaking(parts, bound, self)
    }
}

/// The bound of the getter of a pending object for a column that is made later, which nobody may call.
pub(super) fn known_bound(parts: &Parts<'_>, column: &ColumnModel) -> Option<Ident> {
    let made_later = parts.model.is_made_later(column) && !column.deferred;
    made_later.then(|| parts.bound(&column.names, "is_known"))
}

fn known(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Some(bound) = known_bound(parts, column) else { return TokenStream::new() };
    let Parts { name, variable, model, .. } = parts;
    let field = &column.names.name;
    let maker = match model.role(column) {
        Role::ForeignKey(relation) => format!("comes from `{name}.{}`", relation.names.name),
        Role::Version => "is counted by the session".to_owned(),
        Role::PrimaryKey | Role::ReadOnly | Role::Ordinary => "is made by the database".to_owned(),
    };
    let speech = Speech {
        message: format!("`{name}.{field}` {maker}, and this `{name}` is pending"),
        label: "not known before the flush",
        notes: vec![format!(
            "flush first: `session.flush().await?; let {variable} = session.persisted(&{variable})?;`"
        )],
    }
    .spoken(parts, &bound);
    let nobody = nobody(&bound);
    quote!(#speech #nobody)
}

/// The bound of a builder that is complete, for a column that it needs.
pub(super) fn required_bound(parts: &Parts<'_>, column: &ColumnModel) -> Option<Ident> {
    parts.model.is_required(column).then(|| parts.bound(&column.names, "is_set"))
}

fn required(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Some(bound) = required_bound(parts, column) else { return TokenStream::new() };
    let Parts { root, name, .. } = parts;
    let (field, method) = (&column.names.name, &column.names.getter);
    let speech = Speech {
        message: format!("required column `{name}.{field}` is not set"),
        label: &format!("add `.{method}(..)` to this builder"),
        notes: Vec::new(),
    }
    .spoken(parts, &bound);
    quote! {
        #speech

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #bound for #root::handle::Set {}

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #bound for #root::handle::Initial<true> {}
    }
}

/// The bound of every method that would write a `viewonly` relationship, which nobody may call.
pub(super) fn view_only_bound(parts: &Parts<'_>, relation: &RelationModel) -> Ident {
    parts.bound(&relation.names, "is_viewonly")
}

fn view_only(parts: &Parts<'_>, relation: &RelationModel) -> TokenStream {
    let Parts { name, .. } = parts;
    let field = &relation.names.name;
    let bound = view_only_bound(parts, relation);
    let speech = Speech {
        message: format!("`{name}.{field}` is viewonly: it is never written"),
        label: "cannot be written",
        notes: vec![
            "it is declared `#[orm(viewonly)]`: write the relationship or column that it is a view of".to_owned(),
        ],
    }
    .spoken(parts, &bound);
    let nobody = nobody(&bound);
    quote!(#speech #nobody)
}

/// An impl that nobody meets: without any, rustc proposes to write one.
fn nobody(bound: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #bound for fn() {}
    }
}
