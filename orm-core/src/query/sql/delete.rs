//! DELETE by many keys, and the foreign keys that a deletion sets to NULL.

use std::convert::Infallible;

use sea_query::{Expr, Query};

use crate::{
    schema::{EntityDef, RelationDef},
    value::Value,
};

use super::{
    batch::{Batch, by_keys},
    carrier::{placeholder, plain},
    compared::equals,
    context::{Dialect, RenderContext, collated},
    insert::secondary_columns,
    list::in_keys,
    shape::{Shape, TextCache},
    statement::{Build, Sql},
    table::{TableColumn, TableName},
    update::computed,
};

/// The table and the columns by which its rows are found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DeleteShape {
    table: TableName,
    key: Vec<TableColumn>,
}

impl DeleteShape {
    /// Rows of an entity by primary key and, where `version` is given, by the version that was read.
    pub(crate) fn new(def: &'static EntityDef, version: Option<usize>) -> Self {
        let key: Vec<usize> = def.primary_key.iter().copied().chain(version).collect();
        Self { table: TableName::of(def), key: TableColumn::all(def, &key) }
    }

    /// Pairs of a secondary table: the owner's key, then the target's.
    pub(crate) fn secondary(owner: &'static EntityDef, relation: &'static RelationDef) -> Self {
        let (table, key) = secondary_columns(owner, relation);
        Self { table, key }
    }

    /// All pairs of some owners.
    pub(crate) fn secondary_of_owner(owner: &'static EntityDef, relation: &'static RelationDef) -> Self {
        let mut shape = Self::secondary(owner, relation);
        shape.key.truncate(owner.primary_key.len());
        shape
    }

    /// The statements that delete the rows with these keys, given row by row in one list.
    pub(crate) fn statements(&self, texts: &TextCache, keys: &[Value]) -> Vec<Batch> {
        let dialect = texts.dialect();
        if keys.len() == self.key.len() {
            let values = keys.iter().cloned().map(plain).collect();
            let text = texts.text(Shape::DeleteOne(self.clone()));
            return vec![Batch { sql: Sql { text, values }, rows: 1 }];
        }
        let Ok(batches) = by_keys(dialect, self.key.len(), keys, |keys| {
            let context = RenderContext::new(dialect);
            let mut delete = Query::delete();
            delete.from_table(self.table.table_ref());
            delete.and_where(in_keys(&context, columns(dialect, &self.key), keys));
            Ok::<_, Infallible>(delete.sql(dialect))
        });
        batches
    }

    pub(super) fn text_of_one(&self, dialect: Dialect) -> String {
        let mut delete = Query::delete();
        delete.from_table(self.table.table_ref());
        for key in &self.key {
            let column = collated(dialect, key.sql_type, Expr::col(key.name));
            delete.and_where(equals(dialect, key.sql_type, column, placeholder(dialect, key.sql_type)));
        }
        delete.text(dialect)
    }
}

/// Columns that become NULL in the rows found by others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SetNullShape {
    table: TableName,
    nulled: Vec<TableColumn>,
    computed: Vec<(&'static str, &'static str)>,
    key: Vec<TableColumn>,
}

impl SetNullShape {
    /// `nulled` become NULL where the columns `key` (the primary key, or the foreign key itself) hold one of the keys.
    pub(crate) fn new(def: &'static EntityDef, nulled: &[usize], key: &[usize]) -> Self {
        Self {
            table: TableName::of(def),
            nulled: TableColumn::all(def, nulled),
            computed: computed(def, nulled),
            key: TableColumn::all(def, key),
        }
    }

    /// The statements for these keys, given row by row in one list.
    pub(crate) fn statements(&self, dialect: Dialect, keys: &[Value]) -> Vec<Batch> {
        let Ok(batches) = by_keys(dialect, self.key.len(), keys, |keys| {
            let context = RenderContext::new(dialect);
            let mut update = Query::update();
            update.table(self.table.table_ref());
            update.values(self.nulled.iter().map(|column| (column.name, Expr::cust("NULL"))));
            update.values(self.computed.iter().map(|&(name, sql)| (name, Expr::cust(sql))));
            update.and_where(in_keys(&context, columns(dialect, &self.key), keys));
            Ok::<_, Infallible>(update.sql(dialect))
        });
        batches
    }
}

pub(super) fn columns(dialect: Dialect, key: &[TableColumn]) -> Vec<(Expr, crate::schema::SqlType)> {
    let column = |key: &TableColumn| (collated(dialect, key.sql_type, Expr::col(key.name)), key.sql_type);
    key.iter().map(column).collect()
}
