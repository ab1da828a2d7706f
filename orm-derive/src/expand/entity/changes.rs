//! Changes: a setter for each column that a program may write, and how they are read.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::bounds::never_set_bound;
use super::parts::{Parts, accepted, doc, field_of, number, shown_at};
use crate::attr::{Deserializing, SerdeField};
use crate::model::{ColumnModel, Generation, RelationKind, RelationModel, Role};

pub(super) fn changes(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, vis, name, changes, load, .. } = parts;
    let quiet = parts.quiet();
    let doc = doc(&format!("Changes of a `{name}`, each column absent, null or set; `{name}::changes()` begins them."));
    let columns = model.columns.iter().enumerate().map(|(position, column)| setter(parts, position, column));
    let relations = model.relations.iter().filter(|relation| relation.kind == RelationKind::BelongsTo);
    let relations = relations.map(|relation| to_one(parts, relation));
    // Spanned at the entity, which is what a message about other changes shows.
    let implementation = quote_spanned! {ident.span()=>
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #root::entity::EntityChanges<#ident> for #changes {
            fn into_set(self) -> #root::entity::ChangeSet<#ident> {
                self.inner
            }

            fn from_set(inner: #root::entity::ChangeSet<#ident>) -> Self {
                Self { inner }
            }
        }
    };
    quote! {
        #doc
        #quiet
        #[must_use = "changes do nothing until they are applied or merged"]
        #[derive(::core::clone::Clone, ::core::default::Default)]
        #vis struct #changes {
            inner: #root::entity::ChangeSet<#ident>,
        }

        #quiet
        impl #changes {
            #(#columns)*
            #(#relations)*
        }

        #implementation

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #root::handle::Mergeable<#ident, #load> for #changes {
            fn gather_into(self, sources: &mut #root::handle::Sources) -> ::core::primitive::usize {
                sources.add_changes(self.inner)
            }
        }

        #[automatically_derived]
        impl ::core::ops::Deref for #changes {
            type Target = #root::entity::ChangeSet<#ident>;

            fn deref(&self) -> &Self::Target {
                &self.inner
            }
        }

        #[automatically_derived]
        impl ::core::ops::DerefMut for #changes {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.inner
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #changes {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.inner, formatter)
            }
        }
    }
}

fn setter(parts: &Parts<'_>, position: usize, column: &ColumnModel) -> TokenStream {
    let Parts { root, model, vis, .. } = parts;
    let names = &column.names;
    let method = &names.getter;
    match model.role(column) {
        // It has the name of its relationship.
        Role::ForeignKey(_) if !column.is_primary_key() => return TokenStream::new(),
        Role::Version | Role::ReadOnly => {
            let Some(bound) = never_set_bound(parts, column) else { return TokenStream::new() };
            let bound = quote_spanned!(column.field.span()=> __V: #bound);
            return quote! {
                #[doc(hidden)]
                #vis fn #method<__V>(self, _: __V) -> Self
                where
                    #bound,
                {
                    self
                }
            };
        }
        Role::PrimaryKey | Role::ForeignKey(_) | Role::Ordinary => {}
    }
    let position = number(position);
    let accepted = accepted(root, column);
    let docs = match column.is_primary_key() {
        true => doc(&format!("Which object it is: the key `{}`, for `merge`.", names.name)),
        false => doc(&format!("Sets the column `{}`.", names.name)),
    };
    let bound = field_of(root, column, "bound");
    quote! {
        #docs
        #vis fn #method(mut self, value: impl #accepted) -> Self {
            self.inner.put(#position, #bound(&#root::value::IntoColumn::into_column(value)));
            self
        }
    }
}

/// By the key of the target: changes are in no session.
fn to_one(parts: &Parts<'_>, relation: &RelationModel) -> TokenStream {
    if relation.is_view_only() || !relation.references().is_empty() {
        return TokenStream::new();
    }
    let Parts { root, model, vis, .. } = parts;
    let RelationModel { names, .. } = relation;
    let (method, clear) = (&names.getter, names.method("clear"));
    let attribute = parts.attribute(relation);
    let (entity, is_target) = parts.target_parameter(relation);
    let is_key = shown_at(relation.field.span(), quote!(#root::entity::IntoKey<__T>));
    let doc_set = doc(&format!("Sets `{}`: takes a key.", names.name));
    let doc_clear = doc(&format!("Leaves `{}` without a target.", names.name));
    let fields = relation.foreign_key.fields().iter().filter_map(|field| model.position(field));
    let nullable = fields.clone().all(|position| model.columns[position].known.is_optional());
    let clear = (nullable && fields.count() > 0).then(|| {
        quote! {
            #doc_clear
            #vis fn #clear(mut self) -> Self {
                self.inner.unlink::<#attribute>();
                self
            }
        }
    });
    quote! {
        #doc_set
        #vis fn #method<#entity>(mut self, key: impl #is_key) -> Self
        where
            #is_target,
        {
            #root::__private::change_target::<#attribute>(&mut self.inner, key);
            self
        }

        #clear
    }
}

/// How a patch is read, where every column's type is `Deserialize`: the bounds are asked when it is used. Changes are not read.
pub(super) fn read(parts: &Parts<'_>) -> TokenStream {
    let Parts { root, model, ident, changes, .. } = parts;
    let private = quote!(#root::__private);
    let read: Vec<Read> = model.columns.iter().enumerate().filter_map(|(at, column)| arm(parts, at, column)).collect();
    let (names, bounds) =
        (read.iter().flat_map(|read| &read.names), read.iter().filter_map(|read| read.bound.as_ref()));
    let bounds = quote!(#(#bounds,)*);
    let arms = read.iter().map(|read| &read.arm);
    let (map, set) = match read.is_empty() {
        true => (quote!(_), quote!(_)),
        false => (quote!(map), quote!(changes)),
    };
    quote! {
        #private::if_serde! {
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl<'de> #private::ReadChanges<'de> for #ident
            where
                #bounds
            {
                const FIELDS: &'static [&'static ::core::primitive::str] = &[#(#names),*];

                fn read<__A: #private::serde::de::MapAccess<'de>>(
                    name: &::core::primitive::str,
                    #map: &mut __A,
                    #set: &mut #root::entity::ChangeSet<Self>,
                ) -> ::core::result::Result<::core::primitive::bool, __A::Error> {
                    match name {
                        #(#arms,)*
                        _ => ::core::result::Result::Ok(false),
                    }
                }
            }

            #[automatically_derived]
            impl<'de> #private::serde::Deserialize<'de> for #changes
            where
                #ident: #private::ReadsChanges<'de>,
            {
                fn deserialize<__D: #private::serde::Deserializer<'de>>(
                    _: __D,
                ) -> ::core::result::Result<Self, __D::Error> {
                    ::core::result::Result::Ok(<Self as ::core::default::Default>::default())
                }
            }
        }
    }
}

/// One column as it is read.
struct Read {
    names: Vec<String>,
    /// What its type needs.
    bound: Option<TokenStream>,
    arm: TokenStream,
}

/// Nothing for what is skipped.
fn arm(parts: &Parts<'_>, position: usize, column: &ColumnModel) -> Option<Read> {
    let Parts { root, model, ident, .. } = parts;
    let private = quote!(#root::__private);
    let names = names_read(parts, &column.names.name, &column.serde)?;
    let (ty, at) = (&column.ty, number(position));
    let is_generated = matches!(model.generation(column), Generation::Database);
    let refused = is_generated || matches!(model.role(column), Role::Version | Role::ReadOnly);
    let (bound, body) = match &column.serde.deserializing {
        _ if refused => (None, quote!(#private::refuse_column::<Self, __A::Error>(#at))),
        Deserializing::With(function) => {
            let wrapper = format_ident!("__With");
            let body = quote! {{
                struct #wrapper;

                impl<'de> #private::ReadWith<'de, #ty> for #wrapper {
                    fn read<__D: #private::serde::Deserializer<'de>>(
                        deserializer: __D,
                    ) -> ::core::result::Result<#ty, __D::Error> {
                        #function(deserializer)
                    }
                }

                #private::read_column_with::<#ident, #ty, __A, #wrapper>(map, #at, changes, #wrapper)
            }};
            (None, body)
        }
        _ => {
            let bound = quote_spanned!(ty.span()=> #ty: #private::serde::Deserialize<'de>);
            let read = quote_spanned!(ty.span()=> #private::read_column::<#ident, #ty, __A>);
            let value = field_of(root, column, "bound");
            (Some(bound), quote!(#read(map, #at, changes, #value)))
        }
    };
    Some(Read { arm: quote!(#(#names)|* => #body), names, bound })
}

/// What a field is called where it is read; nothing for what is skipped.
pub(super) fn names_read(parts: &Parts<'_>, name: &str, serde: &SerdeField) -> Option<Vec<String>> {
    if matches!(serde.deserializing, Deserializing::Skipped) {
        return None;
    }
    let first = match (&serde.rename_read, parts.model.serde.rename_all_read) {
        (Some(rename), _) => rename.value(),
        (None, Some(rule)) => rule.apply(name),
        (None, None) => name.to_owned(),
    };
    Some(std::iter::once(first).chain(serde.aliases.iter().map(syn::LitStr::value)).collect())
}
