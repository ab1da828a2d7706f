//! What every part of the expansion needs: the names, the slots, the path of `orm_core`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Visibility;
use syn::spanned::Spanned;

use crate::expand::Root;
use crate::model::{ColumnModel, EntityModel, Member, RelationKind, RelationModel};
use crate::naming::MemberNames;

/// The model with the names of everything that is made of it.
pub(super) struct Parts<'m> {
    pub(super) model: &'m EntityModel,
    pub(super) root: Root,
    pub(super) ident: &'m Ident,
    pub(super) vis: &'m Visibility,
    /// `User`, for messages.
    pub(super) name: &'m str,
    /// `user`, for the examples in messages.
    pub(super) variable: String,
    pub(super) load: Ident,
    pub(super) view: Ident,
    pub(super) pending_view: Ident,
    pub(super) owned: Ident,
    pub(super) draft: Ident,
    pub(super) builder: Ident,
    pub(super) changes: Ident,
    pub(super) named: Ident,
    pub(super) slots: Vec<Slot<'m>>,
}

/// The place of one deferred column or relationship in a load state.
pub(super) struct Slot<'m> {
    pub(super) member: Member<'m>,
    /// `User_posts`.
    pub(super) attribute: Ident,
    /// `P0`.
    pub(super) parameter: Ident,
    /// `Q0`, where two load states meet.
    pub(super) other: Ident,
    /// The field of the detached value that holds it.
    pub(super) stored: Ident,
}

impl<'m> Slot<'m> {
    pub(super) fn names(&self) -> &'m MemberNames {
        self.member.names()
    }

    /// The field.
    pub(super) const fn field(&self) -> &'m Ident {
        match self.member {
            Member::Column(_, column) => &column.field,
            Member::Relation(_, relation) => &relation.field,
        }
    }

    /// The position among the relationships, or among the columns.
    pub(super) const fn position(&self) -> usize {
        match self.member {
            Member::Column(position, _) | Member::Relation(position, _) => position,
        }
    }
}

impl<'m> Parts<'m> {
    pub(super) fn of(model: &'m EntityModel) -> Self {
        let names = &model.names;
        let slots = model.slots().into_iter().enumerate().map(|(at, member)| Slot {
            member,
            attribute: names.item(&format!("_{}", member.names().name)),
            parameter: format_ident!("__P{at}"),
            other: format_ident!("__Q{at}"),
            stored: format_ident!("__{}", member.names().name),
        });
        Self {
            model,
            root: Root::of(model.krate()),
            ident: &model.ident,
            vis: &model.visibility,
            name: &names.name,
            variable: crate::naming::snake(&names.name),
            load: names.item("Load"),
            view: names.item("View"),
            pending_view: names.item("PendingView"),
            owned: names.item("Owned"),
            draft: names.item("Draft"),
            builder: names.item("Builder"),
            changes: names.item("Changes"),
            named: names.item("Named"),
            slots: slots.collect(),
        }
    }

    /// `User_posts_is_loaded` for `is_loaded`.
    pub(super) fn bound(&self, names: &MemberNames, what: &str) -> Ident {
        self.model.names.item_of(names, what)
    }

    /// `UserLoad<P0, P1>`, with what `argument` makes of each slot.
    pub(super) fn load_of(&self, argument: impl Fn(&Slot<'m>) -> TokenStream) -> TokenStream {
        let load = &self.load;
        let arguments = self.slots.iter().map(argument);
        quote!(#load<#(#arguments),*>)
    }

    /// `UserLoad<P0, P1>`.
    pub(super) fn load_of_parameters(&self) -> TokenStream {
        self.load_of(|slot| {
            let parameter = &slot.parameter;
            quote!(#parameter)
        })
    }

    /// `P0: Slot<Attribute = User_bio>, P1: ..`, ended by a comma.
    pub(super) fn slot_parameters(&self) -> TokenStream {
        let root = &self.root;
        self.slots
            .iter()
            .map(|Slot { parameter, attribute, .. }| quote!(#parameter: #root::load::Slot<Attribute = #attribute>,))
            .collect()
    }

    /// `User_posts`.
    pub(super) fn attribute(&self, relation: &RelationModel) -> Ident {
        self.model.names.item(&format!("_{}", relation.names.name))
    }

    /// `T: Entity` and `User_posts: Relation<Target = T>`, for a signature that names the target.
    ///
    /// The target stands only where the relationship declares it: one that is no entity is said there, and not again by
    /// each method.
    pub(super) fn target_parameter(&self, relation: &RelationModel) -> (TokenStream, TokenStream) {
        let root = &self.root;
        let attribute = self.attribute(relation);
        (quote!(__T: #root::entity::Entity), quote!(#attribute: #root::relationship::Relation<Target = __T>))
    }

    /// `IntoMember<T>`, spanned at the field: "required by this bound" shows the declaration.
    pub(super) fn is_member(&self, relation: &RelationModel) -> TokenStream {
        let root = &self.root;
        shown_at(relation.field.span(), quote!(#root::handle::IntoMember<__T>))
    }

    /// The kind of a relationship, as a type.
    pub(super) fn kind(&self, relation: &RelationModel) -> TokenStream {
        let root = &self.root;
        match relation.kind {
            RelationKind::HasMany | RelationKind::ManyToMany => quote!(#root::relationship::ToMany),
            RelationKind::HasOne => quote!(#root::relationship::ToOne<true>),
            RelationKind::BelongsTo => {
                let optional = self.is_optional(relation);
                quote!(#root::relationship::ToOne<{ #optional }>)
            }
        }
    }

    /// Whether the target of a `BelongsTo` may be missing, as a constant expression: its trait knows, its tokens may not.
    pub(super) fn is_optional(&self, relation: &RelationModel) -> TokenStream {
        if relation.is_unenforced() {
            return quote!(true);
        }
        let root = &self.root;
        let columns = relation.foreign_key.fields().iter().filter_map(|field| self.model.position(field));
        let nullable: Vec<_> =
            columns.map(|position| field_of(root, &self.model.columns[position], "IS_NULLABLE")).collect();
        if nullable.is_empty() {
            return quote!(true);
        }
        quote!(#(#nullable)||*)
    }

    /// Keeps generated items silent under whatever the user denies.
    pub(super) fn quiet(&self) -> TokenStream {
        quote! {
            #[allow(
                dead_code,
                missing_docs,
                missing_debug_implementations,
                non_camel_case_types,
                non_snake_case,
                single_use_lifetimes,
                unreachable_code,
                unreachable_pub,
                clippy::all,
                clippy::pedantic,
                clippy::nursery,
                clippy::restriction,
                reason = "made by derive(Entity)"
            )]
        }
    }
}

/// The same tokens, shown where `span` is.
pub(super) fn shown_at(span: Span, tokens: TokenStream) -> TokenStream {
    let show = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(show).collect()
}

/// `<Status as Field>::what`, all of it spanned at the type: a type that is no column is one error there, however often the
/// code asks.
pub(super) fn field_of(root: &Root, column: &ColumnModel, what: &str) -> TokenStream {
    let (ty, what) = (&column.ty, format_ident!("{what}"));
    shown_at(column.ty.span(), quote!(<#ty as #root::entity::Field>::#what))
}

/// `<Status as Field>::read(argument)`, spanned likewise: the call has the type's own type.
pub(super) fn reading(root: &Root, column: &ColumnModel, what: &str, argument: &TokenStream) -> TokenStream {
    let read = field_of(root, column, what);
    shown_at(column.ty.span(), quote!(#read(#argument)))
}

/// `IntoColumn<String>`, spanned at the field: "required by this bound" shows the declaration.
pub(super) fn accepted(root: &Root, column: &ColumnModel) -> TokenStream {
    let ty = &column.ty;
    shown_at(column.field.span(), quote!(#root::value::IntoColumn<#ty>))
}

/// A doc comment.
pub(super) fn doc(text: &str) -> TokenStream {
    // Rustdoc expects the blank that a typed comment has.
    let text = format!(" {text}");
    quote!(#[doc = #text])
}

/// A number without its type behind it.
pub(super) fn number(value: usize) -> proc_macro2::Literal {
    let mut literal = proc_macro2::Literal::usize_unsuffixed(value);
    literal.set_span(Span::call_site());
    literal
}
