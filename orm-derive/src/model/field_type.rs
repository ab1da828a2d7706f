//! What a field is, told by the last path segment of its type.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::attr::Place;
use crate::catalogue;

/// Which side of a relationship a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelationKind {
    BelongsTo,
    HasOne,
    HasMany,
    ManyToMany,
}

impl RelationKind {
    /// The kind that the wrapper of this name means.
    fn named(name: &str) -> Option<Self> {
        match name {
            "BelongsTo" => Some(Self::BelongsTo),
            "HasOne" => Some(Self::HasOne),
            "HasMany" => Some(Self::HasMany),
            "ManyToMany" => Some(Self::ManyToMany),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BelongsTo => "BelongsTo",
            Self::HasOne => "HasOne",
            Self::HasMany => "HasMany",
            Self::ManyToMany => "ManyToMany",
        }
    }

    pub(crate) const fn is_many(self) -> bool {
        matches!(self, Self::HasMany | Self::ManyToMany)
    }

    pub(crate) const fn place(self) -> Place {
        match self {
            Self::BelongsTo => Place::BelongsTo,
            Self::HasOne => Place::HasOne,
            Self::HasMany => Place::HasMany,
            Self::ManyToMany => Place::ManyToMany,
        }
    }
}

/// A field, by its type.
#[derive(Debug)]
pub(crate) enum FieldType {
    Column(Type),
    /// The type inside `Deferred`.
    Deferred(Type),
    /// The entity on the other side.
    Relation(RelationKind, Type),
}

impl FieldType {
    /// `entity` stands in for `Self`, which means something else, or nothing, in the items beside the struct.
    pub(crate) fn of(ty: &Type, entity: &Ident) -> syn::Result<Self> {
        let Some((wrapper, argument)) = wrapper(ty) else {
            return name_self(ty, entity).map(Self::Column);
        };
        let known = |name: &str| name == "Deferred" || RelationKind::named(name).is_some();
        let inner = argument.and_then(self::wrapper).map(|(inner, _)| inner.to_string());
        let name = wrapper.to_string();
        match inner {
            Some(inner) if matches!(name.as_str(), "Option" | "Vec" | "Box") && known(&inner) => {
                return Err(catalogue::wrapped_field_type(&name, &inner).at(ty));
            }
            Some(inner) if known(&name) && known(&inner) => {
                return Err(catalogue::nested_field_type(&name, &inner).at(ty));
            }
            _ => {}
        }
        if !known(&name) {
            return name_self(ty, entity).map(Self::Column);
        }
        let argument = argument.ok_or_else(|| catalogue::field_type_without_argument(&name).at(ty))?;
        let argument = name_self(argument, entity)?;
        Ok(match RelationKind::named(&name) {
            Some(kind) => Self::Relation(kind, argument),
            None => Self::Deferred(argument),
        })
    }
}

/// The type without the parentheses and invisible groups that a `macro_rules` puts around it.
pub(super) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        plain => plain,
    }
}

/// The last segment of the type's path and its only type argument.
fn wrapper(ty: &Type) -> Option<(&Ident, Option<&Type>)> {
    let Type::Path(path) = peel(ty) else { return None };
    let segment = path.path.segments.last()?;
    let argument = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => match arguments.args.first() {
            Some(GenericArgument::Type(argument)) => Some(argument),
            _ => None,
        },
        _ => None,
    };
    Some((&segment.ident, argument))
}

/// The type with `Self` spelled out.
fn name_self(ty: &Type, entity: &Ident) -> syn::Result<Type> {
    fn walk(tokens: TokenStream, entity: &Ident) -> TokenStream {
        let spell = |token| match token {
            TokenTree::Ident(word) if word == "Self" => {
                // A copy, since the name may be a raw one.
                let mut named = entity.clone();
                named.set_span(word.span());
                TokenTree::Ident(named)
            }
            TokenTree::Group(group) => {
                let mut spelled = Group::new(group.delimiter(), walk(group.stream(), entity));
                spelled.set_span(group.span());
                TokenTree::Group(spelled)
            }
            other => other,
        };
        tokens.into_iter().map(spell).collect()
    }
    let tokens = ty.to_token_stream();
    if !tokens.to_string().contains("Self") {
        return Ok(ty.clone());
    }
    syn::parse2(walk(tokens, entity))
}
