//! Tables and columns as flush statements need them: names and types, of entities and of secondary tables alike.

use std::hash::{Hash, Hasher};

use sea_query::{IntoIden, TableName as SeaTable, TableRef};

use crate::schema::{EntityDef, SecondaryDef, SqlType};

/// A table, qualified by its schema where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TableName {
    pub(crate) schema: Option<&'static str>,
    pub(crate) name: &'static str,
}

impl TableName {
    pub(crate) const fn of(def: &'static EntityDef) -> Self {
        Self { schema: def.schema, name: def.table }
    }

    /// The table between: `"app.post_tags"` names its schema, a plain name is in the owner's.
    pub(crate) fn of_secondary(owner: &'static EntityDef, secondary: &'static SecondaryDef) -> Self {
        match secondary.table.split_once('.') {
            Some((schema, name)) => Self { schema: Some(schema), name },
            None => Self { schema: owner.schema, name: secondary.table },
        }
    }

    pub(crate) fn table_ref(self) -> TableRef {
        TableRef::Table(
            match self.schema {
                Some(schema) => SeaTable::from((schema.into_iden(), self.name.into_iden())),
                None => SeaTable::from(self.name.into_iden()),
            },
            None,
        )
    }
}

/// A column of a table. The name tells it from the others of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableColumn {
    pub(crate) name: &'static str,
    pub(crate) sql_type: SqlType,
}

impl TableColumn {
    pub(crate) fn of(def: &'static EntityDef, position: usize) -> Self {
        let column = &def.columns[position];
        Self { name: column.name, sql_type: column.sql_type }
    }

    pub(crate) fn all(def: &'static EntityDef, positions: &[usize]) -> Vec<Self> {
        positions.iter().map(|&position| Self::of(def, position)).collect()
    }
}

impl PartialEq for TableColumn {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for TableColumn {}

impl Hash for TableColumn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
