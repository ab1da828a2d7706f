//! `INSERT .. ON CONFLICT .. RETURNING`.

use sea_query::{Expr, ExprTrait, OnConflict, Query};

use crate::{query::ConflictAction, schema::EntityDef, value::Value};

use super::{
    batch::{Batch, lengths},
    carrier::bind,
    context::Dialect,
    statement::Build,
    table::TableName,
    update::computed,
};

/// What an upsert of some rows is.
#[derive(Debug)]
pub(crate) struct Upsert<'u> {
    pub(crate) def: &'static EntityDef,
    /// The columns that are given.
    pub(crate) columns: &'u [usize],
    /// The columns whose unique constraint decides.
    pub(crate) conflict: &'u [usize],
    pub(crate) action: &'u ConflictAction,
    pub(crate) returning: &'u [usize],
}

impl Upsert<'_> {
    /// The statements for rows whose values are given row by row in one list.
    pub(crate) fn statements(&self, dialect: Dialect, values: &[Value]) -> Vec<Batch> {
        let width = self.columns.len().max(1);
        let mut left = values;
        let batch = |rows: usize| {
            let (these, others) = left.split_at(rows * width);
            left = others;
            Batch { sql: self.statement(dialect, these), rows }
        };
        lengths(dialect, width, values.len() / width).into_iter().map(batch).collect()
    }

    fn statement(&self, dialect: Dialect, values: &[Value]) -> super::Sql {
        let columns = self.def.columns;
        let mut insert = Query::insert();
        insert.into_table(TableName::of(self.def).table_ref());
        insert.columns(self.columns.iter().map(|column| columns[*column].name));
        for row in values.chunks(self.columns.len().max(1)) {
            let row = self.columns.iter().zip(row);
            insert.values_panic(row.map(|(column, value)| bind(dialect, columns[*column].sql_type, value.clone())));
        }
        insert.on_conflict(self.on_conflict());
        insert.returning(Query::returning().columns(self.returning.iter().map(|column| columns[*column].name)));
        insert.sql(dialect)
    }

    fn on_conflict(&self) -> OnConflict {
        let columns = self.def.columns;
        let mut clause = OnConflict::columns(self.conflict.iter().map(|column| columns[*column].name));
        let mut updated: Vec<usize> = match self.action {
            ConflictAction::Nothing => {
                clause.do_nothing();
                return clause;
            }
            ConflictAction::Update(columns) => columns.clone(),
            ConflictAction::UpdateGiven => {
                let kept = |column: &&usize| {
                    !self.conflict.contains(column)
                        && !self.def.primary_key.contains(column)
                        && !columns[**column].version
                };
                self.columns.iter().filter(kept).copied().collect()
            }
        };
        let changes_nothing = updated.is_empty();
        if changes_nothing {
            // Only what is written comes back.
            updated.extend(self.conflict.first());
        }
        clause.update_columns(updated.iter().map(|column| columns[*column].name));
        if !changes_nothing {
            let computed = computed(self.def, &updated).into_iter().map(|(name, sql)| (name, Expr::cust(sql)));
            clause.values(computed.collect::<Vec<_>>());
            if let Some(version) = columns.iter().position(|column| column.version)
                && !updated.contains(&version)
            {
                let name = columns[version].name;
                clause.value(name, Expr::col((self.def.table, name)).add(Expr::cust("1")));
            }
        }
        clause
    }
}
