//! One entity: a table, its columns and relationships.

use syn::{DeriveInput, Field, Ident, Path, Visibility};

use super::column::{ColumnModel, Generation};
use super::field_type::{FieldType, RelationKind};
use super::relation::RelationModel;
use super::shape;
use crate::attr::{EntitySettings, Place, SerdeContainer};
use crate::diagnostics::Ctxt;
use crate::naming::{self, EntityNames, MemberNames};

/// One entity.
#[derive(Debug)]
pub(crate) struct EntityModel {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) names: EntityNames,
    pub(crate) settings: EntitySettings,
    pub(crate) serde: SerdeContainer,
    /// In the order of the fields.
    pub(crate) columns: Vec<ColumnModel>,
    /// In the order of the fields.
    pub(crate) relations: Vec<RelationModel>,
    /// Fields whose type could not be read: an error was said, and what refers to them is not another.
    pub(crate) unread: Vec<Ident>,
    /// The item is no struct with named fields: nothing is known of its columns.
    pub(crate) opaque: bool,
}

/// A field: a column or a relationship, with its position among those.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Member<'m> {
    Column(usize, &'m ColumnModel),
    Relation(usize, &'m RelationModel),
}

impl<'m> Member<'m> {
    fn order(&self) -> usize {
        match self {
            Self::Column(_, column) => column.order,
            Self::Relation(_, relation) => relation.order,
        }
    }

    pub(crate) fn names(self) -> &'m MemberNames {
        match self {
            Self::Column(_, column) => &column.names,
            Self::Relation(_, relation) => &relation.names,
        }
    }

    pub(crate) fn field(self) -> &'m Ident {
        match self {
            Self::Column(_, column) => &column.field,
            Self::Relation(_, relation) => &relation.field,
        }
    }
}

/// What a column is to its object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role<'m> {
    PrimaryKey,
    /// Written through this relationship.
    ForeignKey(&'m RelationModel),
    Version,
    ReadOnly,
    Ordinary,
}

/// An index, or a unique constraint of more than one column.
#[derive(Debug)]
pub(crate) struct IndexModel {
    pub(crate) name: String,
    /// Positions among the columns.
    pub(crate) columns: Vec<usize>,
    pub(crate) unique: bool,
}

impl EntityModel {
    /// What the item means, if it is a struct that can be an entity at all.
    pub(crate) fn build(cx: &Ctxt, input: &DeriveInput) -> Option<Self> {
        let fields = cx.take(shape::of_entity(input))?;
        let settings = EntitySettings::read(cx, &input.attrs);
        let rename = settings.rename_all.as_ref().map(|rule| rule.value);
        let mut columns = Vec::new();
        let mut relations: Vec<((usize, &Field), &Ident, RelationKind, syn::Type)> = Vec::new();
        let mut unread = Vec::new();
        for (order, field) in fields.iter().enumerate() {
            let Some(ident) = &field.ident else { continue };
            let (ty, place) = match cx.take(FieldType::of(&field.ty, &input.ident)) {
                Some(FieldType::Column(ty)) => (ty, Place::Column),
                Some(FieldType::Deferred(ty)) => (ty, Place::Deferred),
                Some(FieldType::Relation(kind, target)) => {
                    relations.push(((order, field), ident, kind, target));
                    continue;
                }
                None => {
                    unread.push(ident.clone());
                    continue;
                }
            };
            columns.push(ColumnModel::read(cx, (order, field), ident, ty, place, rename));
        }
        let relations = relations
            .into_iter()
            .map(|(field, ident, kind, target)| RelationModel::read(cx, field, ident, kind, target, &columns))
            .collect();
        Some(Self {
            ident: input.ident.clone(),
            visibility: input.vis.clone(),
            names: EntityNames::of(&input.ident),
            serde: SerdeContainer::read(cx, &input.attrs),
            settings,
            columns,
            relations,
            unread,
            opaque: false,
        })
    }

    /// The path of `orm_core`, where `#[orm(crate = ..)]` gives one.
    pub(crate) fn krate(&self) -> Option<&Path> {
        self.settings.krate.as_ref().map(|krate| &krate.value)
    }

    /// The table: what `#[orm(table = "..")]` says, else the name of the entity in snake case.
    pub(crate) fn table(&self) -> String {
        match &self.settings.table {
            Some(table) => table.value.value(),
            None => naming::snake(&self.names.name),
        }
    }

    /// The columns of the primary key.
    pub(crate) fn primary_key(&self) -> impl Iterator<Item = &ColumnModel> + Clone {
        self.columns.iter().filter(|column| column.is_primary_key())
    }

    /// Whether there is a field of this name whose type could not be read.
    pub(crate) fn is_unread(&self, field: &str) -> bool {
        self.unread.iter().any(|unread| naming::plain(unread) == field)
    }

    /// The position of the column that this field is.
    pub(crate) fn position(&self, field: &Ident) -> Option<usize> {
        let name = naming::plain(field);
        self.columns.iter().position(|column| column.names.name == name)
    }

    /// Columns and relationships in the order of the fields.
    pub(crate) fn members(&self) -> Vec<Member<'_>> {
        let columns = self.columns.iter().enumerate().map(|(position, column)| Member::Column(position, column));
        let relations = self.relations.iter().enumerate().map(|(position, one)| Member::Relation(position, one));
        let mut members: Vec<Member<'_>> = columns.chain(relations).collect();
        members.sort_by_key(Member::order);
        members
    }

    /// What a load state has a slot for: deferred columns and relationships, in the order of the fields.
    pub(crate) fn slots(&self) -> Vec<Member<'_>> {
        let mut members = self.members();
        members.retain(|member| !matches!(member, Member::Column(_, column) if !column.deferred));
        members
    }

    /// What a column is to the object, and so who may write it.
    pub(crate) fn role(&self, column: &ColumnModel) -> Role<'_> {
        if column.is_primary_key() {
            Role::PrimaryKey
        } else if let Some(relation) = self.relation_of_foreign_key(column) {
            Role::ForeignKey(relation)
        } else if column.is_version() {
            Role::Version
        } else if column.settings.read_only.is_some() {
            Role::ReadOnly
        } else {
            Role::Ordinary
        }
    }

    /// Whether a new object has the column only once the database, its parent or the session made it.
    pub(crate) fn is_made_later(&self, column: &ColumnModel) -> bool {
        let generated = matches!(self.generation(column), Generation::Database | Generation::DatabaseIfInteger);
        let settings = &column.settings;
        let by_database = settings.server_default.is_some() && settings.default.is_none();
        generated || by_database || settings.read_only.is_some() || column.is_version() || self.is_foreign_key(column)
    }

    /// Whether a builder cannot do without the column, as far as can be seen: a type that cannot be seen through asks
    /// its trait.
    pub(crate) fn is_required(&self, column: &ColumnModel) -> bool {
        let generation = self.generation(column);
        let nobody_makes_it = match generation {
            Generation::None => !self.is_made_later(column),
            Generation::DatabaseIfInteger => true,
            Generation::Database | Generation::Client => false,
        };
        nobody_makes_it && !column.known.is_optional()
    }

    /// Who makes the column when it is unset.
    ///
    /// A single key is the database's unless it has another source: nobody types `generated = true` for the common case.
    pub(crate) fn generation(&self, column: &ColumnModel) -> Generation {
        if column.settings.default.is_some() || column.is_version() {
            return Generation::Client;
        }
        let single_key = column.is_primary_key() && self.primary_key().count() == 1;
        match column.generated() {
            Some(true) => Generation::Database,
            Some(false) => Generation::None,
            None if !single_key || column.settings.server_default.is_some() || self.is_foreign_key(column) => {
                Generation::None
            }
            None => match &column.known {
                super::KnownType::Integer => Generation::Database,
                super::KnownType::Unknown => Generation::DatabaseIfInteger,
                _ => Generation::None,
            },
        }
    }

    /// The relationship that writes this column, if one does: it then has no setter of its own.
    pub(crate) fn relation_of_foreign_key(&self, column: &ColumnModel) -> Option<&RelationModel> {
        self.relations
            .iter()
            .filter(|relation| relation.kind == RelationKind::BelongsTo && !relation.is_view_only())
            .find(|relation| {
                relation.foreign_key.fields().iter().any(|field| naming::plain(field) == column.names.name)
            })
    }

    /// Whether the value comes from a parent: a key shared with it is not generated.
    fn is_foreign_key(&self, column: &ColumnModel) -> bool {
        self.relation_of_foreign_key(column).is_some()
    }

    /// The columns of a secondary table that refer to this entity: `post_id` unless it says otherwise.
    pub(crate) fn secondary_owner_columns(&self, relation: &RelationModel) -> Vec<String> {
        match relation.secondary_columns() {
            Some((owner, _)) if !owner.is_empty() => owner.iter().map(syn::LitStr::value).collect(),
            _ => self.primary_key().map(|column| naming::secondary_column(&self.names.name, &column.column)).collect(),
        }
    }

    /// Indexes and unique constraints: those on columns first, then those on the struct.
    pub(crate) fn indexes(&self) -> Vec<IndexModel> {
        let table = self.table();
        let single = self.columns.iter().enumerate().filter(|(_, column)| column.settings.index.is_some()).map(
            |(position, column)| IndexModel {
                name: naming::index_name(&table, &[&column.column], "idx"),
                columns: vec![position],
                unique: false,
            },
        );
        let plain = self.settings.indexes.iter().map(|index| (index, "idx"));
        let unique = self.settings.uniques.iter().map(|index| (index, "key"));
        let several = plain.chain(unique).map(|(index, suffix)| {
            let columns: Vec<usize> = index.value.fields.iter().filter_map(|field| self.position(field)).collect();
            let words: Vec<&str> = columns.iter().map(|position| self.columns[*position].column.as_str()).collect();
            let name = match &index.value.name {
                Some(name) => name.value(),
                None => naming::index_name(&table, &words, suffix),
            };
            IndexModel { name, columns, unique: suffix == "key" }
        });
        single.chain(several).collect()
    }
}
