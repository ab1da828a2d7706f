//! One relationship of an entity.

use syn::{Field, Ident, LitStr, Type};

use super::column::ColumnModel;
use super::field_type::RelationKind;
use crate::attr::{Cascade, Docs, OnAction, RelationSettings, SerdeField};
use crate::diagnostics::Ctxt;
use crate::naming::{self, MemberNames};

/// The fields that hold a relationship together.
#[derive(Debug)]
pub(crate) enum ForeignKey {
    /// `foreign_key = ..`.
    Given(Vec<Ident>),
    /// `<field>_id`, which is there.
    Inferred(Ident),
    /// Nothing was said and nothing can be inferred; always so for `ManyToMany`.
    Missing,
}

impl ForeignKey {
    pub(crate) fn fields(&self) -> &[Ident] {
        match self {
            Self::Given(fields) => fields,
            Self::Inferred(field) => std::slice::from_ref(field),
            Self::Missing => &[],
        }
    }
}

/// One relationship.
#[derive(Debug)]
pub(crate) struct RelationModel {
    pub(crate) field: Ident,
    /// The position among all fields of the struct.
    pub(crate) order: usize,
    pub(crate) names: MemberNames,
    pub(crate) kind: RelationKind,
    /// The entity on the other side.
    pub(crate) target: Type,
    /// Of the owner for `BelongsTo`, of the target for `HasOne` and `HasMany`.
    pub(crate) foreign_key: ForeignKey,
    pub(crate) settings: RelationSettings,
    pub(crate) serde: SerdeField,
    pub(crate) docs: Docs,
    /// An error was said about its attributes: what is missing was most likely misspelled.
    pub(crate) damaged: bool,
}

impl RelationModel {
    /// The columns must be known: a `BelongsTo` looks for its foreign key among them.
    pub(super) fn read(
        cx: &Ctxt,
        (order, field): (usize, &Field),
        ident: &Ident,
        kind: RelationKind,
        target: Type,
        columns: &[ColumnModel],
    ) -> Self {
        let errors_before = cx.count();
        let settings = RelationSettings::read(cx, &field.attrs, kind.place());
        let names = MemberNames::of(ident, settings.getter.as_ref().map(|getter| &getter.value));
        let foreign_key = match &settings.foreign_key {
            Some(given) => ForeignKey::Given(given.value.clone()),
            None if kind == RelationKind::BelongsTo => {
                let wanted = naming::default_foreign_key(&names.name);
                match columns.iter().find(|column| column.names.name == wanted) {
                    Some(column) => ForeignKey::Inferred(column.field.clone()),
                    None => ForeignKey::Missing,
                }
            }
            None => ForeignKey::Missing,
        };
        Self {
            field: ident.clone(),
            order,
            names,
            kind,
            target,
            foreign_key,
            settings,
            serde: SerdeField::read(cx, &field.attrs),
            docs: Docs::read(&field.attrs),
            damaged: cx.count() > errors_before,
        }
    }

    pub(crate) fn references(&self) -> &[Ident] {
        self.settings.references.as_ref().map_or(&[], |references| &references.value)
    }

    pub(crate) fn cascade(&self) -> Cascade {
        self.settings.cascade.as_ref().map_or_else(Cascade::default, |cascade| cascade.value)
    }

    pub(crate) fn on_delete(&self) -> OnAction {
        self.settings.on_delete.as_ref().map_or_else(OnAction::default, |action| action.value)
    }

    pub(crate) fn on_update(&self) -> OnAction {
        self.settings.on_update.as_ref().map_or_else(OnAction::default, |action| action.value)
    }

    pub(crate) const fn is_unenforced(&self) -> bool {
        self.settings.unenforced.is_some()
    }

    pub(crate) const fn is_view_only(&self) -> bool {
        self.settings.view_only.is_some()
    }

    /// The columns of the secondary table that the user named: the owner's and the target's.
    pub(crate) fn secondary_columns(&self) -> Option<(&[LitStr], &[LitStr])> {
        self.settings.secondary.as_ref().map(|secondary| (&*secondary.value.owner, &*secondary.value.target))
    }

    /// The columns of the secondary table that refer to the target: `tag_id` unless it says otherwise. The key of the
    /// target cannot be seen from here, so that another than `id` must be said; the generated code asks.
    pub(crate) fn secondary_target_columns(&self) -> Vec<String> {
        match self.secondary_columns() {
            Some((_, target)) if !target.is_empty() => target.iter().map(LitStr::value).collect(),
            _ => vec![naming::secondary_column(&self.target_name(), "id")],
        }
    }

    /// Every method that it makes.
    pub(crate) fn methods(&self) -> Vec<Ident> {
        let names = &self.names;
        let mut methods = vec![names.getter.clone(), names.method("try")];
        if self.kind.is_many() {
            methods.extend([names.subset_getter(), names.mutable_getter()]);
            methods.extend(["add_to", "extend", "remove_from", "clear", "replace"].map(|verb| names.method(verb)));
        } else {
            methods.push(names.method("set"));
        }
        methods
    }

    /// The last word of the target's type: `Post` of `models::Post`.
    pub(crate) fn target_name(&self) -> String {
        match super::field_type::peel(&self.target) {
            Type::Path(path) => path.path.segments.last().map_or_else(String::new, |last| naming::plain(&last.ident)),
            _ => String::new(),
        }
    }
}
