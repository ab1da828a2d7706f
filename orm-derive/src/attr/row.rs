//! `#[orm(..)]` under `#[derive(Row)]`.

use syn::{Attribute, LitStr, Path};

use super::keys::Place;
use super::reader::{self, Setting, set};
use super::value;
use crate::diagnostics::Ctxt;
use crate::naming::RenameRule;

/// What stands on the struct.
#[derive(Debug, Default)]
pub(crate) struct RowSettings {
    pub(crate) krate: Option<Setting<Path>>,
    pub(crate) rename_all: Option<Setting<RenameRule>>,
}

impl RowSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, Place::Row, |key, input| match key.name().as_str() {
            "crate" => set(&mut settings.krate, key, value::path(key, input)?),
            _ => set(&mut settings.rename_all, key, value::rename_rule(key, input)?),
        });
        settings
    }
}

/// What stands on a field.
#[derive(Debug, Default)]
pub(crate) struct RowFieldSettings {
    pub(crate) column: Option<Setting<LitStr>>,
}

impl RowFieldSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, Place::RowField, |key, input| {
            set(&mut settings.column, key, value::string(key, input)?)
        });
        settings
    }
}
