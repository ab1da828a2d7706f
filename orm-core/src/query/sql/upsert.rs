//! `INSERT .. ON CONFLICT .. RETURNING`.

use sea_query::{Expr, ExprTrait, Func, OnConflict, Query};

use crate::{query::ConflictAction, schema::EntityDef, value::Value};

use super::{
    batch::{Batch, portions},
    carrier::bind,
    context::Dialect,
    statement::Build,
    table::TableName,
    update::computed,
};

/// An expression that no row can be given, of the type of this one: what makes a statement of MySQL fail when it comes to it.
pub(super) fn failure(own: &Expr) -> Expr {
    Expr::cust_with_exprs("(SELECT ? UNION ALL SELECT ?)", [own.clone(), own.clone()])
}

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
        let most = dialect.bind_limit() / width;
        portions(dialect, width, most, values).into_iter().map(batch).collect()
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
        let names = self.returning.iter().map(|column| columns[*column].name);
        if dialect == Dialect::MySql {
            insert.on_conflict(self.on_duplicate_key());
            return insert.sql(dialect).returning(dialect, names);
        }
        insert.on_conflict(self.on_conflict());
        insert.returning(Query::returning().columns(names));
        insert.sql(dialect)
    }

    /// MySQL names no constraint: a row that is there by any of them would be overwritten. Where the entity has others than the one
    /// that decides, each assignment fails for such a row.
    fn on_duplicate_key(&self) -> OnConflict {
        let columns = self.def.columns;
        let mut clause = OnConflict::new();
        let (updated, changes_nothing) = match self.updated() {
            Some(updated) if !updated.is_empty() => (updated, false),
            _ => (self.conflict.first().copied().into_iter().collect(), true),
        };
        let own = |column: usize| Expr::col((self.def.table, columns[column].name));
        let given = |column: usize| Expr::from(Func::cust("VALUES").arg(Expr::col(columns[column].name)));
        let decides = || {
            let same = self.conflict.iter().map(|column| own(*column).eq(given(*column)));
            same.reduce(Expr::and).unwrap_or_else(|| Expr::cust("TRUE"))
        };
        let guarded = |column: usize, value: Expr| {
            let value = if self.has_other_keys() {
                Func::cust("IF").args([decides(), value, failure(&own(column))]).into()
            } else {
                value
            };
            (columns[column].name, value)
        };
        if changes_nothing {
            clause.values(updated.iter().map(|column| guarded(*column, own(*column))));
            return clause;
        }
        let mut values: Vec<(&'static str, Expr)> =
            updated.iter().map(|column| guarded(*column, given(*column))).collect();
        for (column, definition) in columns.iter().enumerate() {
            if let Some(sql) = definition.on_update.filter(|_| !updated.contains(&column)) {
                values.push(guarded(column, Expr::cust(sql)));
            }
            if definition.version && !updated.contains(&column) {
                values.push(guarded(column, own(column).add(Expr::cust("1"))));
            }
        }
        clause.values(values);
        clause
    }

    /// Whether another constraint than the one that decides may say that a row is there.
    fn has_other_keys(&self) -> bool {
        let given = |key: &[usize]| {
            key.iter().all(|column| self.columns.contains(column))
                && !key.iter().all(|column| self.conflict.contains(column))
        };
        let columns = self.def.columns;
        given(self.def.primary_key)
            || columns.iter().enumerate().any(|(column, definition)| definition.unique && given(&[column]))
            || self.def.indexes.iter().any(|index| index.unique && given(index.columns))
    }

    /// The columns that are overwritten; `None` where nothing happens to the row.
    fn updated(&self) -> Option<Vec<usize>> {
        let columns = self.def.columns;
        match self.action {
            ConflictAction::Nothing => None,
            ConflictAction::Update(columns) => Some(columns.clone()),
            ConflictAction::UpdateGiven => {
                let kept = |column: &&usize| {
                    !self.conflict.contains(column)
                        && !self.def.primary_key.contains(column)
                        && !columns[**column].version
                };
                Some(self.columns.iter().filter(kept).copied().collect())
            }
        }
    }

    fn on_conflict(&self) -> OnConflict {
        let columns = self.def.columns;
        let mut clause = OnConflict::columns(self.conflict.iter().map(|column| columns[*column].name));
        let Some(mut updated) = self.updated() else {
            clause.do_nothing();
            return clause;
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
