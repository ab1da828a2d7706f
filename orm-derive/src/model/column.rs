//! One column of an entity.

use syn::{Field, Ident, Type};

use super::known_type::KnownType;
use crate::attr::{ColumnSettings, Docs, Place, SerdeField};
use crate::diagnostics::Ctxt;
use crate::naming::{MemberNames, RenameRule};

/// Who makes the value of a column that a new object leaves unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    /// Nobody: it must be set.
    None,
    /// The database, as a key.
    Database,
    /// The database if the type is an integer: a key whose type cannot be seen.
    DatabaseIfInteger,
    /// The Rust side.
    Client,
}

/// One column.
#[derive(Debug)]
pub(crate) struct ColumnModel {
    pub(crate) field: Ident,
    /// The position among all fields of the struct.
    pub(crate) order: usize,
    pub(crate) names: MemberNames,
    /// The name in the database.
    pub(crate) column: String,
    /// The type of the value: inside `Deferred`, if it is one.
    pub(crate) ty: Type,
    pub(crate) known: KnownType,
    pub(crate) deferred: bool,
    pub(crate) settings: ColumnSettings,
    pub(crate) serde: SerdeField,
    pub(crate) docs: Docs,
}

impl ColumnModel {
    pub(super) fn read(
        cx: &Ctxt,
        (order, field): (usize, &Field),
        ident: &Ident,
        ty: Type,
        place: Place,
        rename: Option<RenameRule>,
    ) -> Self {
        let settings = ColumnSettings::read(cx, &field.attrs, place);
        let names = MemberNames::of(ident, settings.getter.as_ref().map(|getter| &getter.value));
        let column = match &settings.column {
            Some(column) => column.value.value(),
            None => rename.map_or_else(|| names.name.clone(), |rule| rule.apply(&names.name)),
        };
        Self {
            field: ident.clone(),
            order,
            names,
            column,
            known: KnownType::of(&ty),
            ty,
            deferred: place == Place::Deferred,
            settings,
            serde: SerdeField::read(cx, &field.attrs),
            docs: Docs::read(&field.attrs),
        }
    }

    /// Every method that it makes.
    pub(crate) fn methods(&self) -> Vec<Ident> {
        let mut methods = vec![self.names.getter.clone(), self.names.method("set")];
        if self.deferred {
            methods.push(self.names.method("try"));
        }
        methods
    }

    pub(crate) const fn is_primary_key(&self) -> bool {
        self.settings.primary_key.is_some()
    }

    pub(crate) const fn is_version(&self) -> bool {
        self.settings.version.is_some()
    }

    /// What `generated = ..` says, if it says anything.
    pub(crate) fn generated(&self) -> Option<bool> {
        self.settings.generated.as_ref().map(|generated| generated.value.value)
    }
}
