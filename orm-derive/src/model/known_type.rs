//! What can be seen of a column's type from its tokens.
//!
//! A macro sees no types: an alias or a newtype is `Unknown` here and everything that must be right for it is decided by
//! a trait in the generated code. What is seen is used only to refuse early, in our own words, and for nicer signatures.

use syn::{GenericArgument, PathArguments, Type};

use super::field_type::peel;

/// The types that are recognised by their last path segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KnownType {
    Boolean,
    Integer,
    Float,
    Text,
    Bytes,
    /// Dates, times, UUIDs, decimals, JSON.
    Other,
    Optional(Box<KnownType>),
    Unknown,
}

impl KnownType {
    pub(crate) fn of(ty: &Type) -> Self {
        let Type::Path(path) = peel(ty) else { return Self::Unknown };
        let Some(segment) = path.path.segments.last() else { return Self::Unknown };
        let argument = argument_of(ty);
        match (segment.ident.to_string().as_str(), argument) {
            ("bool", None) => Self::Boolean,
            ("i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64", None) => Self::Integer,
            ("f32" | "f64", None) => Self::Float,
            ("String", None) => Self::Text,
            ("Vec", Some(item)) if is_u8(item) => Self::Bytes,
            ("Option", Some(inner)) => Self::Optional(Box::new(Self::of(inner))),
            ("DateTime", Some(_))
            | (
                "NaiveDate" | "NaiveTime" | "NaiveDateTime" | "Date" | "Time" | "PrimitiveDateTime" | "OffsetDateTime"
                | "Uuid" | "Decimal",
                None,
            ) => Self::Other,
            _ => Self::Unknown,
        }
    }

    /// The type inside an `Option`.
    pub(crate) fn inner(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            plain => plain,
        }
    }

    pub(crate) const fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_))
    }

    /// Seen to be NOT NULL: a type that is not known may be an alias of an `Option`.
    pub(crate) const fn is_required(&self) -> bool {
        !matches!(self, Self::Optional(_) | Self::Unknown)
    }
}

/// The first type argument of the type's last segment: `T` of `Option<T>`.
pub(crate) fn argument_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = peel(ty) else { return None };
    match &path.path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(argument) => Some(argument),
            _ => None,
        },
        _ => None,
    }
}

fn is_u8(ty: &Type) -> bool {
    matches!(peel(ty), Type::Path(path) if path.path.is_ident("u8"))
}
