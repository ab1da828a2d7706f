//! UPDATE by key: one row, or many rows of the same changed columns with different values.

use sea_query::{Expr, ExprTrait, IntoIden, Query, SelectStatement, TableRef, UnionType, UpdateStatement, ValueTuple};

use crate::{
    schema::{EntityDef, SqlType},
    value::Value,
};

use super::{
    batch::{Batch, lengths, portions},
    carrier::{placeholder, plain},
    compared::equals,
    context::{Dialect, collated},
    insert::{arrays, column_alias, unnested},
    shape::{Form, Shape, TextCache},
    statement::{Build, Sql},
    table::{TableColumn, TableName},
};

/// How many rows one UPDATE changes on MySQL.
const MOST_UNIONS: usize = 1_000;

/// Which columns change, by which columns the row is found, and which come back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UpdateShape {
    table: TableName,
    changed: Vec<TableColumn>,
    /// Set by SQL of their own: `on_update`.
    computed: Vec<(&'static str, &'static str)>,
    key: Vec<TableColumn>,
    returning: Vec<TableColumn>,
}

impl UpdateShape {
    /// `changed` are set to the values given; columns with `on_update` that are not among them to their expression. Rows are
    /// found by primary key and, where `version` is given, by the version that was read.
    pub(crate) fn new(def: &'static EntityDef, changed: &[usize], version: Option<usize>, returning: &[usize]) -> Self {
        let key: Vec<usize> = def.primary_key.iter().copied().chain(version).collect();
        Self {
            table: TableName::of(def),
            changed: TableColumn::all(def, changed),
            computed: computed(def, changed),
            key: TableColumn::all(def, &key),
            returning: TableColumn::all(def, returning),
        }
    }

    /// The statements that change `count` rows. The values are given row by row in one list: the changed columns, the
    /// primary key, the version that was read. Rows that no longer match are fewer in the result than were sent.
    pub(crate) fn statements(&self, texts: &TextCache, count: usize, values: Vec<Value>) -> Vec<Batch> {
        let columns: Vec<TableColumn> = self.columns().copied().collect();
        let width = columns.len();
        let lengths = match texts.dialect() {
            Dialect::Postgres if count > 1 => {
                if let Some(arrays) = arrays(&columns, &values) {
                    let sql = Sql { text: self.cached(texts, Form::Arrays), values: arrays };
                    return vec![Batch { sql, rows: count }];
                }
                vec![1; count]
            }
            Dialect::Postgres => vec![1; count],
            Dialect::Sqlite => lengths(Dialect::Sqlite, width, count),
            // Each row is a SELECT of its own.
            Dialect::MySql => {
                let most = (Dialect::MySql.bind_limit() / width.max(1)).min(MOST_UNIONS);
                portions(Dialect::MySql, width, most, &values)
            }
        };
        let mut values = values.into_iter().map(plain);
        let statement = |rows: usize| {
            let values = values.by_ref().take(rows * width).collect();
            Batch { sql: Sql { text: self.cached(texts, Form::Rows(rows)), values }, rows }
        };
        lengths.into_iter().map(statement).collect()
    }

    fn columns(&self) -> impl Iterator<Item = &TableColumn> {
        self.changed.iter().chain(&self.key)
    }

    fn cached(&self, texts: &TextCache, form: Form) -> std::sync::Arc<str> {
        texts.text(Shape::Update(self.clone(), form))
    }

    pub(super) fn text(&self, dialect: Dialect, form: Form) -> String {
        match form {
            Form::Rows(1) => self.one(dialect),
            Form::Rows(rows) if dialect == Dialect::MySql => {
                let rows = TableRef::SubQuery(Box::new(self.union(rows)), "v".into_iden());
                self.many(dialect, rows, value_alias)
            }
            Form::Rows(rows) => {
                let row = ValueTuple::Many(self.columns().map(|_| Value::Bool(None)).collect());
                let rows = TableRef::ValuesList(vec![row; rows], "v".into_iden());
                self.many(dialect, rows, |index| format!("column{}", index + 1))
            }
            Form::Arrays => {
                let rows = TableRef::SubQuery(Box::new(unnested(self.columns())), "v".into_iden());
                self.many(dialect, rows, column_alias)
            }
        }
    }

    fn one(&self, dialect: Dialect) -> String {
        let mut update = Query::update();
        update.table(self.table.table_ref());
        update.values(self.changed.iter().map(|column| (column.name, placeholder(dialect, column.sql_type))));
        self.compute(&mut update);
        for key in &self.key {
            let column = collated(dialect, key.sql_type, Expr::col(key.name));
            update.and_where(equals(dialect, key.sql_type, column, placeholder(dialect, key.sql_type)));
        }
        if !self.returning.is_empty() {
            update.returning(Query::returning().columns(self.returning.iter().map(|column| column.name)));
        }
        update.text(dialect)
    }

    /// ``SELECT `name` AS `orm_value_0`, `id` + 0 AS `orm_value_1` FROM `users` WHERE FALSE UNION ALL (SELECT ?, ?) ..``: the table's own
    /// columns come first, without a row, so that the new values are of their types, and text of their collation. Whole numbers stay
    /// numbers whatever the column is: beside a BIT column the server would make text of them.
    fn union(&self, rows: usize) -> SelectStatement {
        let mut typed = Query::select();
        for (index, column) in self.columns().enumerate() {
            let own = Expr::col(column.name);
            let own = match column.sql_type {
                SqlType::Boolean | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt => own.add(Expr::cust("0")),
                _ => own,
            };
            typed.expr_as(own, value_alias(index));
        }
        typed.from(self.table.table_ref()).and_where(Expr::cust("FALSE"));
        let mut row = Query::select();
        row.exprs(self.columns().map(|column| placeholder(Dialect::MySql, column.sql_type)));
        typed.unions(std::iter::repeat_n((UnionType::All, row), rows));
        typed
    }

    /// The rows to change joined with the rows of new values.
    fn many(&self, dialect: Dialect, rows: TableRef, alias: impl Fn(usize) -> String) -> String {
        let given = |index: usize| Expr::col(("v", alias(index)));
        let mut update = Query::update();
        update.table(self.table.table_ref().alias("t")).from(rows);
        update.values(self.changed.iter().enumerate().map(|(index, column)| (column.name, given(index))));
        self.compute(&mut update);
        for (index, key) in self.key.iter().enumerate() {
            let column = collated(dialect, key.sql_type, Expr::col(("t", key.name)));
            update.and_where(equals(dialect, key.sql_type, column, given(self.changed.len() + index)));
        }
        if !self.returning.is_empty() {
            let returning = self.returning.iter().map(|column| match dialect {
                // The rows of new values have columns of their own there.
                Dialect::Postgres => Expr::col(("t", column.name)),
                Dialect::Sqlite | Dialect::MySql => Expr::col(column.name),
            });
            update.returning(Query::returning().exprs(returning));
        }
        update.text(dialect)
    }

    fn compute(&self, update: &mut UpdateStatement) {
        update.values(self.computed.iter().map(|&(name, sql)| (name, Expr::cust(sql))));
    }
}

/// What a new value is called. MySQL takes the columns that are set for columns of any table of the UPDATE: no column of an entity may be
/// called the same.
fn value_alias(index: usize) -> String {
    format!("orm_value_{index}")
}

/// The columns that the database assigns at every UPDATE, unless they are set.
pub(super) fn computed(def: &'static EntityDef, changed: &[usize]) -> Vec<(&'static str, &'static str)> {
    let columns = def.columns.iter().enumerate().filter(|(position, _)| !changed.contains(position));
    columns.filter_map(|(_, column)| Some((column.name, column.on_update?))).collect()
}
