//! The constants of the schema layer.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::LitStr;

use super::parts::{Parts, field_of, number};
use crate::attr::OnAction;
use crate::model::{ColumnModel, Generation, RelationKind, RelationModel};
use crate::naming;

/// The value of `Entity::DEF`.
pub(super) fn definition(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, name, .. } = parts;
    let table = model.table();
    let schema = optional(model.settings.schema.as_ref().map(|schema| &schema.value));
    let columns = model.columns.iter().map(|column| column_def(parts, column));
    let key = model.columns.iter().enumerate().filter(|(_, column)| column.is_primary_key());
    let key = key.map(|(position, _)| number(position));
    let relations = model.relations.iter().map(|relation| relation_def(parts, relation));
    let indexes = model.indexes().into_iter().map(|index| {
        let (name, unique) = (index.name, index.unique);
        let columns = index.columns.into_iter().map(number);
        quote!(#root::schema::IndexDef { name: #name, columns: &[#(#columns),*], unique: #unique })
    });
    let checks = &model.settings.checks;
    quote! {
        {
            static DEFINITION: #root::schema::EntityDef = #root::schema::EntityDef {
                name: #name,
                schema: #schema,
                table: #table,
                columns: &[#(#columns),*],
                primary_key: &[#(#key),*],
                relations: &[#(#relations),*],
                indexes: &[#(#indexes),*],
                checks: &[#(#checks),*],
                index: {
                    static INDEX: #root::schema::EntityIndex = #root::schema::EntityIndex::new();
                    &INDEX
                },
                new_store: #root::__private::new_store::<#ident>,
            };
            &DEFINITION
        }
    }
}

fn column_def(parts: &Parts<'_>, column: &ColumnModel) -> TokenStream {
    let Parts { root, model, .. } = parts;
    let ColumnModel { settings, column: name, .. } = column;
    let field = &column.names.name;
    let generation = match model.generation(column) {
        Generation::None => None,
        Generation::Database => Some(quote!(#root::schema::Generation::Database)),
        Generation::DatabaseIfInteger => Some(field_of(root, column, "KEY_GENERATION")),
        Generation::Client => Some(quote!(#root::schema::Generation::Client)),
    };
    let parts = [
        generation.map(|generation| quote!(generation: #generation)),
        settings.length.as_ref().map(|length| {
            let length = length.value;
            quote!(length: ::core::option::Option::Some(#length))
        }),
        settings.unique.as_ref().map(|_| quote!(unique: true)),
        settings.check.as_ref().map(|check| some("check", &check.value)),
        settings.server_default.as_ref().map(|sql| some("server_default", &sql.value)),
        settings.on_update.as_ref().map(|sql| some("on_update", &sql.value)),
        column.deferred.then(|| quote!(deferred: true)),
        settings.group.as_ref().map(|group| some("deferred_group", &group.value)),
        settings.version.as_ref().map(|_| quote!(version: true)),
        settings.sensitive.as_ref().map(|_| quote!(sensitive: true)),
        settings.read_only.as_ref().map(|_| quote!(read_only: true)),
    ];
    let base = field_of(root, column, "COLUMN");
    let named = [quote!(field: #field), quote!(name: #name)];
    updated(&quote!(#root::schema::ColumnDef), named.into_iter().chain(parts.into_iter().flatten()).collect(), base)
}

fn relation_def(parts: &Parts<'_>, relation: &RelationModel) -> TokenStream {
    let root = &parts.root;
    let attribute = parts.attribute(relation);
    let kind = syn::Ident::new(relation.kind.name(), proc_macro2::Span::call_site());
    let cascade = relation.cascade();
    let secondary = relation.settings.secondary.as_ref().map(|secondary| {
        let table = &secondary.value.table;
        let owner = parts.model.secondary_owner_columns(relation);
        let target = relation.secondary_target_columns();
        quote! {
            secondary: ::core::option::Option::Some(#root::schema::SecondaryDef {
                table: #table,
                owner_columns: &[#(#owner),*],
                target_columns: &[#(#target),*],
            })
        }
    });
    let order_by = relation.settings.order_by.as_ref().map(|order_by| {
        let parts = order_by.value.iter().map(|part| {
            let (field, descending) = (naming::plain(&part.field), part.descending);
            quote!((#field, #descending))
        });
        quote!(order_by: &[#(#parts),*])
    });
    let optional = (relation.kind == RelationKind::BelongsTo).then(|| {
        let optional = parts.is_optional(relation);
        quote!(optional: #optional)
    });
    let set = [
        names("foreign_key", relation.foreign_key.fields()),
        names("references", relation.references()),
        secondary,
        relation.settings.back_populates.as_ref().map(|other| some("back_populates", &naming::plain(&other.value))),
        optional,
        relation.is_unenforced().then(|| quote!(unenforced: true)),
        action(root, "on_delete", relation.on_delete()),
        action(root, "on_update", relation.on_update()),
        cascade.delete.then(|| quote!(cascade_delete: true)),
        cascade.delete_orphan.then(|| quote!(delete_orphan: true)),
        relation.settings.passive_deletes.as_ref().map(|_| quote!(passive_deletes: true)),
        relation.settings.post_update.as_ref().map(|_| quote!(post_update: true)),
        relation.is_view_only().then(|| quote!(view_only: true)),
        order_by,
    ];
    let base = quote!(#root::__private::relation::<#attribute>(#root::schema::RelationKind::#kind));
    updated(&quote!(#root::schema::RelationDef), set.into_iter().flatten().collect(), base)
}

/// `Def { field: value, ..base }`, or just the base.
fn updated(def: &TokenStream, fields: Vec<TokenStream>, base: TokenStream) -> TokenStream {
    if fields.is_empty() { base } else { quote!(#def { #(#fields,)* ..#base }) }
}

fn some(field: &str, value: &impl ToTokens) -> TokenStream {
    let field = syn::Ident::new(field, proc_macro2::Span::call_site());
    quote!(#field: ::core::option::Option::Some(#value))
}

fn optional(value: Option<&LitStr>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn names(field: &str, fields: &[syn::Ident]) -> Option<TokenStream> {
    let field = syn::Ident::new(field, proc_macro2::Span::call_site());
    let names = fields.iter().map(naming::plain);
    (!fields.is_empty()).then(|| quote!(#field: &[#(#names),*]))
}

fn action(root: &impl ToTokens, field: &str, action: OnAction) -> Option<TokenStream> {
    let variant = match action {
        OnAction::NoAction => return None,
        OnAction::Restrict => quote!(Restrict),
        OnAction::Cascade => quote!(Cascade),
        OnAction::SetNull => quote!(SetNull),
        OnAction::SetDefault => quote!(SetDefault),
    };
    let field = syn::Ident::new(field, proc_macro2::Span::call_site());
    Some(quote!(#field: #root::schema::OnAction::#variant))
}
