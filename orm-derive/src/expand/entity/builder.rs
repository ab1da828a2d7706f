//! The builder: a type parameter for each required column, so that leaving one out does not compile.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::bounds::required_bound;
use super::parts::{Parts, accepted, doc, field_of, shown_at};
use crate::model::{ColumnModel, Generation, Member, RelationModel};

/// A required column and the type parameter that knows whether it is set.
struct Required<'m> {
    column: &'m ColumnModel,
    parameter: Ident,
    bound: Ident,
}

pub(super) fn builder(parts: &Parts<'_>) -> TokenStream {
    let columns = parts.model.columns.iter();
    let required = columns.filter_map(|column| Some((column, required_bound(parts, column)?)));
    let required: Vec<Required<'_>> = required
        .enumerate()
        .map(|(at, (column, bound))| Required { column, parameter: format_ident!("__C{at}"), bound })
        .collect();
    let definition = definition(parts, &required);
    let setters = setters(parts, &required);
    let ends = ends(parts, &required);
    let conversions = conversions(parts, &required);
    quote!(#definition #setters #ends #conversions)
}

/// `UserBuilder<C0, C1, L>`.
fn this(parts: &Parts<'_>, required: &[Required<'_>], load: &TokenStream) -> TokenStream {
    let builder = &parts.builder;
    let states = required.iter().map(|required| &required.parameter);
    quote!(#builder<#(#states,)* #load>)
}

fn definition(parts: &Parts<'_>, required: &[Required<'_>]) -> TokenStream {
    let Parts { root, model, ident, vis, name, load, builder, .. } = parts;
    let quiet = parts.quiet();
    let states = required.iter().map(|required| &required.parameter);
    let initial = required.iter().map(|Required { column, parameter, .. }| {
        let unneeded = match model.generation(column) {
            Generation::DatabaseIfInteger => field_of(root, column, "IS_GENERATED"),
            _ => field_of(root, column, "IS_NULLABLE"),
        };
        quote!(#parameter = #root::handle::Initial<{ #unneeded }>)
    });
    let doc = doc(&format!("A new `{name}`, set column by column; `{name}::builder()` begins one."));
    quote! {
        #doc
        #quiet
        #[must_use = "a builder does nothing until it is added to a session"]
        #vis struct #builder<#(#initial,)* __L = #load> {
            inner: #root::handle::Transient<#ident>,
            types: ::core::marker::PhantomData<fn() -> (#(#states,)* __L)>,
        }
    }
}

fn setters(parts: &Parts<'_>, required: &[Required<'_>]) -> TokenStream {
    let Parts { model, builder, .. } = parts;
    let quiet = parts.quiet();
    let states: Vec<_> = required.iter().map(|required| &required.parameter).collect();
    let others: Vec<_> = (0..required.len()).map(|at| format_ident!("__D{at}")).collect();
    let this = this(parts, required, &quote!(__L));
    let members = model.members().into_iter().map(|member| match member {
        Member::Column(_, column) => column_setter(parts, required, column),
        Member::Relation(_, relation) => relation_setter(parts, required, relation),
    });
    quote! {
        #quiet
        impl<#(#states,)* __L: 'static> #this {
            fn __retype<#(#others,)* __M>(self) -> #builder<#(#others,)* __M> {
                #builder { inner: self.inner, types: ::core::marker::PhantomData }
            }

            #(#members)*
        }
    }
}

fn column_setter(parts: &Parts<'_>, required: &[Required<'_>], column: &ColumnModel) -> TokenStream {
    let Parts { root, vis, builder, .. } = parts;
    let ColumnModel { field, names, .. } = column;
    let method = &names.getter;
    let accepted = accepted(root, column);
    let doc = doc(&format!("Sets the column `{}`.", names.name));
    let set = quote! {
        self.inner.draft_mut().#field =
            ::core::option::Option::Some(#root::value::IntoColumn::into_column(value));
    };
    if !required.iter().any(|required| required.column.names.name == names.name) {
        return quote! {
            #doc
            #vis fn #method(mut self, value: impl #accepted) -> Self {
                #set
                self
            }
        };
    }
    let states = required.iter().map(|Required { column, parameter, .. }| {
        if column.names.name == names.name { quote!(#root::handle::Set) } else { quote!(#parameter) }
    });
    quote! {
        #doc
        #vis fn #method(mut self, value: impl #accepted) -> #builder<#(#states,)* __L> {
            #set
            self.__retype()
        }
    }
}

/// Grows the load state: what is inserted together is known to be loaded.
fn relation_setter(parts: &Parts<'_>, required: &[Required<'_>], relation: &RelationModel) -> TokenStream {
    if relation.is_view_only() {
        return TokenStream::new();
    }
    let Parts { root, vis, .. } = parts;
    let RelationModel { names, .. } = relation;
    let Some(slot) = parts.slots.iter().find(|slot| slot.names().name == names.name) else {
        return TokenStream::new();
    };
    let attribute = &slot.attribute;
    let method = &names.getter;
    let (entity, is_target) = parts.target_parameter(relation);
    let is_member = parts.is_member(relation);
    let state = quote!(<__C as #root::handle::IntoMember<__T>>::Slot<#attribute>);
    let grown = this(parts, required, &quote!(<__L as #root::load::PutSlot<#attribute, #state>>::Output));
    let (doc, argument, members) = if relation.kind.is_many() {
        (
            doc(&format!("Sets the members of `{}`: builders, handles, pending objects or keys.", names.name)),
            quote!(members: impl ::core::iter::IntoIterator<Item = __C>),
            quote!(members),
        )
    } else {
        (
            doc(&format!("Sets `{}`: a builder, a handle, a pending object or a key.", names.name)),
            quote!(target: __C),
            quote!([target]),
        )
    };
    quote! {
        #doc
        #vis fn #method<#entity, __C: #is_member>(mut self, #argument) -> #grown
        where
            #is_target,
            __L: #root::load::HasSlot<#attribute, Slot = #root::load::Unloaded<#attribute>>
                + #root::load::PutSlot<#attribute, #state>,
        {
            #root::__private::link_new::<#attribute, _>(&mut self.inner, #members);
            self.__retype()
        }
    }
}

/// `C0: User_email_is_set,`, spanned at the field.
fn complete(required: &[Required<'_>]) -> TokenStream {
    let bounds = required
        .iter()
        .map(|Required { column, parameter, bound }| quote_spanned!(column.field.span()=> #parameter: #bound,));
    bounds.collect()
}

fn ends(parts: &Parts<'_>, required: &[Required<'_>]) -> TokenStream {
    let Parts { root, ident, vis, name, .. } = parts;
    let quiet = parts.quiet();
    let states: Vec<_> = required.iter().map(|required| &required.parameter).collect();
    let complete = complete(required);
    let any = this(parts, required, &quote!(__L));
    let doc_build = doc(&format!("The new `{name}`, of a type that can be named: for lists and match arms."));
    let doc_detached = doc(&format!("A detached `{name}` that was never in a database: for tests and mocks."));
    quote! {
        #quiet
        impl<#(#states,)* __L: 'static> #any {
            #doc_build
            #[must_use]
            #vis fn build(self) -> #root::handle::Transient<#ident>
            where
                #complete
            {
                self.inner
            }

            #doc_detached
            ///
            /// # Errors
            /// When a column is not set, of this object or of one that it is linked to, also one that the database would make.
            #vis fn into_detached(
                self,
            ) -> ::core::result::Result<#root::handle::Detached<#ident, __L>, #root::error::Error>
            where
                __L: #root::load::Load<#ident>,
                #complete
            {
                self.inner.retype::<__L>().into_detached()
            }
        }
    }
}

/// Not `do_not_recommend`: that is how "required column `User.email` is not set" reaches the user.
fn conversions(parts: &Parts<'_>, required: &[Required<'_>]) -> TokenStream {
    let Parts { root, ident, .. } = parts;
    let states: Vec<_> = required.iter().map(|required| &required.parameter).collect();
    let complete = complete(required);
    let this = shown_at(ident.span(), this(parts, required, &quote!(__L)));
    let transient = quote!(#root::handle::Transient<#ident>);
    let member = quote!(#root::handle::Member<#ident>);
    // Spanned at the entity: "required for .. to implement .." shows it.
    quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl<#(#states,)* __L: 'static> #root::handle::IntoTransient<#ident, __L> for #this
        where
            #complete
        {
            fn into_transient(self) -> #root::handle::Transient<#ident, __L> {
                self.inner.retype()
            }
        }

        #[automatically_derived]
        impl<#(#states,)* __L: 'static> #root::handle::Mergeable<#ident, __L> for #this
        where
            #complete
        {
            fn gather_into(self, sources: &mut #root::handle::Sources) -> ::core::primitive::usize {
                #root::handle::Mergeable::gather_into(self.inner, sources)
            }
        }

        #[automatically_derived]
        impl<#(#states,)* __L: 'static> #root::handle::IntoMember<#ident> for #this
        where
            #complete
        {
            type Slot<__M: #root::relationship::Attribute> = #root::load::Loaded<__M, __L>;

            fn into_member(self) -> #member {
                #root::handle::IntoMember::into_member(self.inner)
            }
        }

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<#(#states,)* __L: 'static> ::core::convert::From<#this> for #transient
        where
            #complete
        {
            fn from(builder: #this) -> Self {
                builder.inner
            }
        }

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl<#(#states,)* __L: 'static> ::core::convert::From<#this> for #member
        where
            #complete
        {
            fn from(builder: #this) -> Self {
                #root::handle::IntoMember::into_member(builder.inner)
            }
        }
    }
}
