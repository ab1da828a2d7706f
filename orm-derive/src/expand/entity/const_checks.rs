//! What only the compiler can see: whether the entity on the other side has what a relationship names.
//!
//! Each check is a constant of its own, so that the definitions of two entities may name each other.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::attributes::spelled;
use super::parts::{Parts, number};
use crate::model::{RelationKind, RelationModel};
use crate::naming;

pub(super) fn const_checks(parts: &Parts<'_>) -> TokenStream {
    parts.model.relations.iter().map(|relation| checks_of(parts, relation)).collect()
}

fn checks_of(parts: &Parts<'_>, relation: &RelationModel) -> TokenStream {
    let Parts { root, ident, name, .. } = parts;
    let field = &relation.names.name;
    let attribute = parts.attribute(relation);
    let target_name = relation.target_name();
    let here = quote!(<#ident as #root::entity::Entity>::DEF);
    let there = quote!(#root::__private::target::<#attribute>());
    let mut checks = Vec::new();
    match relation.kind {
        RelationKind::HasMany | RelationKind::HasOne => {
            let foreign_key = relation.foreign_key.fields();
            checks.extend(columns_of_target(parts, relation, foreign_key, "foreign key"));
            checks.push(fits(parts, relation, &there, &here));
        }
        RelationKind::BelongsTo => {
            checks.extend(columns_of_target(parts, relation, relation.references(), "reference"));
            checks.push(fits(parts, relation, &here, &there));
        }
        RelationKind::ManyToMany => {
            let count = number(relation.secondary_target_columns().len());
            let span =
                relation.settings.secondary.as_ref().map_or_else(Span::call_site, |secondary| secondary.key.span());
            let message = format!(
                "the primary key of `{target_name}` has another number of columns than `secondary` of `{name}.{field}` names for it: \
                 `secondary(table = \"..\", target = (\"..\", \"..\"))`"
            );
            checks.push(asserted(span, &quote!(#there.primary_key.len() == #count), &message));
        }
    }
    if let Some(order_by) = &relation.settings.order_by {
        let fields: Vec<Ident> = order_by.value.iter().map(|part| part.field.clone()).collect();
        checks.extend(columns_of_target(parts, relation, &fields, "order"));
    }
    if let Some(other) = &relation.settings.back_populates {
        let (span, other) = (other.value.span(), naming::plain(&other.value));
        let inverse =
            format!("`{target_name}.{other}` is not the other side of `{name}.{field}`: their foreign keys differ");
        // Asked as a type and not as a constant: the entity on the other side then says which names it has.
        if let Some(spelled) = spelled(root, &other, span) {
            let target = quote!(<#attribute as #root::relationship::Relation>::Target);
            let asked = quote_spanned!(span=> <#target as #root::load::Named<#spelled>>::Attribute);
            checks.push(
                quote_spanned!(span=> const _: ::core::marker::PhantomData<#asked> = ::core::marker::PhantomData;),
            );
        }
        // Said once: a relationship that is not there is not an inverse either.
        let is_inverse = quote! {
            !#root::__private::has_relation(#there, #other)
                || #root::__private::are_inverse(#here, #field, #there, #other)
        };
        checks.push(asserted(span, &is_inverse, &inverse));
    }
    checks.into_iter().collect()
}

/// Each of the names is a column of the target.
fn columns_of_target<'a>(
    parts: &'a Parts<'_>,
    relation: &'a RelationModel,
    fields: &'a [Ident],
    what: &'a str,
) -> impl Iterator<Item = TokenStream> + 'a {
    let Parts { root, name, .. } = parts;
    let attribute = parts.attribute(relation);
    fields.iter().map(move |field| {
        let column = naming::plain(field);
        let message = format!(
            "`{}` has no field `{column}`, which `{name}.{}` names as its {what}",
            relation.target_name(),
            relation.names.name
        );
        let condition = quote!(#root::__private::has_column(#root::__private::target::<#attribute>(), #column));
        asserted(field.span(), &condition, &message)
    })
}

/// The foreign key has the types of what it refers to.
fn fits(parts: &Parts<'_>, relation: &RelationModel, holder: &TokenStream, referred: &TokenStream) -> TokenStream {
    let Parts { root, name, .. } = parts;
    let field = &relation.names.name;
    let foreign_key: Vec<String> = relation.foreign_key.fields().iter().map(naming::plain).collect();
    let references: Vec<String> = relation.references().iter().map(naming::plain).collect();
    let span = relation.foreign_key.fields().first().map_or_else(|| relation.target.span(), Ident::span);
    let message = format!(
        "the foreign key of `{name}.{field}` does not fit what it refers to: the columns must have the same types, one for one"
    );
    let theirs = match relation.kind {
        RelationKind::BelongsTo => &references,
        _ => &foreign_key,
    };
    let names = theirs.iter().map(|column| {
        let attribute = parts.attribute(relation);
        quote!(!#root::__private::has_column(#root::__private::target::<#attribute>(), #column) ||)
    });
    // A column that is not there was said before.
    // Said once: where the other side declares the same foreign key, it asks.
    let there = match relation.kind {
        RelationKind::BelongsTo => None,
        _ => Some(quote!(#root::__private::declares_foreign_key(#holder, &[#(#foreign_key),*]) ||)),
    };
    let condition = quote! {
        #(#names)* #there #root::__private::foreign_key_fits(#holder, &[#(#foreign_key),*], #referred, &[#(#references),*])
    };
    asserted(span, &condition, &message)
}

fn asserted(span: Span, condition: &TokenStream, message: &str) -> TokenStream {
    quote_spanned!(span=> const _: () = ::core::assert!(#condition, #message);)
}
