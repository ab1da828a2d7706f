//! `#[orm(..)]` under `#[derive(ColumnType)]`.

use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Meta, Path, Token};

use super::keys::Place;
use super::reader::{self, Key, Setting, set};
use super::value;
use crate::diagnostics::Ctxt;
use crate::naming::RenameRule;

/// What stands on a newtype.
#[derive(Debug, Default)]
pub(crate) struct NewtypeSettings {
    pub(crate) krate: Option<Setting<Path>>,
}

impl NewtypeSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, Place::Newtype, |key, input| {
            set(&mut settings.krate, key, value::path(key, input)?)
        });
        settings
    }

    /// Nothing belongs on its field.
    pub(crate) fn refuse_on_field(cx: &Ctxt, attributes: &[Attribute]) {
        reader::read(cx, attributes, Place::NewtypeField, |_, _| Ok(()));
    }
}

/// What stands on an enum.
#[derive(Debug, Default)]
pub(crate) struct EnumSettings {
    pub(crate) krate: Option<Setting<Path>>,
    pub(crate) rename_all: Option<Setting<RenameRule>>,
    pub(crate) integer: Option<Setting<()>>,
    pub(crate) postgres_enum: Option<Setting<LitStr>>,
    /// The integer of `#[repr(..)]`, which is also the width of the column.
    pub(crate) repr: Option<Ident>,
}

impl EnumSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, Place::Enum, |key, input| settings.accept(key, input));
        settings.repr = attributes.iter().find_map(integer_repr);
        settings
    }

    fn accept(&mut self, key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
        match key.name().as_str() {
            "crate" => set(&mut self.krate, key, value::path(key, input)?),
            "rename_all" => set(&mut self.rename_all, key, value::rename_rule(key, input)?),
            "integer" => set(&mut self.integer, key, value::flag(key, input)?),
            _ => set(&mut self.postgres_enum, key, value::identifier(key, input)?),
        }
    }
}

/// The `i16` of `#[repr(i16)]`; what is wrong with one is rustc's to say.
fn integer_repr(attribute: &Attribute) -> Option<Ident> {
    const INTEGERS: &[&str] = &["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
    let words = match &attribute.meta {
        Meta::List(list) if list.path.is_ident("repr") => {
            list.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated).ok()?
        }
        _ => return None,
    };
    words.into_iter().find(|word| INTEGERS.iter().any(|integer| word == integer))
}

/// What stands on a variant.
#[derive(Debug, Default)]
pub(crate) struct VariantSettings {
    pub(crate) rename: Option<Setting<LitStr>>,
}

impl VariantSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, Place::Variant, |key, input| {
            set(&mut settings.rename, key, value::string(key, input)?)
        });
        settings
    }
}
