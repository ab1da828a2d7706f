//! INSERT of many rows with the same columns, and what the database made of them.

use sea_query::{Expr, ExprTrait, Func, InsertStatement, IntoIden, OnConflict, Order, Query, SelectStatement};

use crate::{
    schema::{EntityDef, RelationDef},
    value::Value,
};

use super::{
    batch::{Batch, portions},
    carrier::{array, placeholder, plain, unnest},
    context::Dialect,
    list::columns_of,
    relation::{relation_keys, secondary_of},
    shape::{Form, Shape, TextCache},
    statement::{Build, Sql, append_returning},
    table::{TableColumn, TableName},
    upsert::failure,
};

/// Which columns are given and which come back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct InsertShape {
    table: TableName,
    columns: Vec<TableColumn>,
    returning: Vec<TableColumn>,
    counted: Option<Counted>,
    present: Present,
}

/// The key that the database counts up, where the keys of a statement's rows are worked out from the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Counted {
    column: TableColumn,
    /// By how much each key must be greater than the one before.
    step: u64,
}

impl Counted {
    /// NULL, for which the database puts in the next number; an error of the whole statement where it counts by another step. The server
    /// compares in the same statement in which it counts, so that no change of its settings comes between.
    fn checked(self) -> Expr {
        let Self { step, .. } = self;
        Expr::cust(format!("IF(@@auto_increment_increment = {step}, NULL, ~0 + @@auto_increment_increment)"))
    }
}

/// What becomes of a row that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Present {
    /// It is a unique violation.
    Refused,
    /// It stays, and is not counted.
    Kept,
}

impl InsertShape {
    /// Rows of an entity: `columns` are given (none at all: the database's defaults), `returning` come back.
    pub(crate) fn new(def: &'static EntityDef, columns: &[usize], returning: &[usize]) -> Self {
        Self {
            table: TableName::of(def),
            columns: TableColumn::all(def, columns),
            returning: TableColumn::all(def, returning),
            counted: None,
            present: Present::Refused,
        }
    }

    /// The same, refused as a whole by MySQL where it has more rows than one and the server does not count this column up by this step.
    pub(crate) fn counting(self, def: &'static EntityDef, column: usize, step: u64) -> Self {
        Self { counted: Some(Counted { column: TableColumn::of(def, column), step }), ..self }
    }

    /// Pairs of a secondary table: the owner's key, then the target's. One that is there stays: whoever adds to a list that is not
    /// loaded cannot know.
    pub(crate) fn secondary(owner: &'static EntityDef, relation: &'static RelationDef) -> Self {
        let (table, columns) = secondary_columns(owner, relation);
        Self { table, columns, returning: Vec::new(), counted: None, present: Present::Kept }
    }

    /// The statements that insert `count` rows, whose values are given row by row in one list. Generated keys go up in the
    /// order of the rows; the order in which RETURNING gives the rows is not promised.
    pub(crate) fn statements(&self, texts: &TextCache, count: usize, values: Vec<Value>) -> Vec<Batch> {
        let width = self.columns.len();
        if width == 0 {
            let one = || Sql { text: self.cached(texts, Form::Rows(1)), values: Vec::new() };
            return (0..count).map(|_| Batch { sql: one(), rows: 1 }).collect();
        }
        if texts.dialect() == Dialect::Postgres
            && count > 1
            && let Some(arrays) = arrays(&self.columns, &values)
        {
            let sql = Sql { text: self.cached(texts, Form::Arrays), values: arrays };
            return vec![Batch { sql, rows: count }];
        }
        let most = texts.dialect().bind_limit() / width;
        let lengths = portions(texts.dialect(), width, most, &values);
        let mut values = values.into_iter().map(plain);
        let statement = |rows: usize| {
            let values = values.by_ref().take(rows * width).collect();
            Batch { sql: Sql { text: self.cached(texts, Form::Rows(rows)), values }, rows }
        };
        lengths.into_iter().map(statement).collect()
    }

    fn cached(&self, texts: &TextCache, form: Form) -> std::sync::Arc<str> {
        texts.text(Shape::Insert(self.clone(), form))
    }

    pub(super) fn text(&self, dialect: Dialect, form: Form) -> String {
        let mut insert = Query::insert();
        insert.into_table(self.table.table_ref());
        if !self.returning.is_empty() {
            insert.returning(Query::returning().columns(self.returning.iter().map(|column| column.name)));
        }
        if self.present == Present::Kept {
            insert.on_conflict(self.keep(dialect));
        }
        let returning = self.returning.iter().map(|column| column.name);
        if self.columns.is_empty() {
            let mut text = insert.or_default_values().text(dialect);
            append_returning(&mut text, dialect, returning);
            return text;
        }
        let columns = self.columns.iter().map(|column| column.name);
        match (form, self.counted.filter(|_| dialect == Dialect::MySql)) {
            (Form::Rows(rows), Some(counted)) if rows > 1 => {
                insert.columns(std::iter::once(counted.column.name).chain(columns));
                self.counted_rows(dialect, rows, counted, &mut insert);
            }
            (Form::Rows(rows), _) => {
                insert.columns(columns);
                self.rows(dialect, rows, &mut insert);
            }
            (Form::Arrays, _) => {
                insert.columns(columns);
                self.arrays(&mut insert);
            }
        }
        let mut text = insert.text(dialect);
        append_returning(&mut text, dialect, returning);
        text
    }

    /// The clause by which a row that is there stays.
    fn keep(&self, dialect: Dialect) -> OnConflict {
        let mut clause = OnConflict::new();
        match (dialect, self.columns.first()) {
            // IGNORE would also let rows go that a foreign key refuses; and a row that is there by another constraint is not this one.
            (Dialect::MySql, Some(first)) => {
                let own = |column: &TableColumn| Expr::col((self.table.name, column.name));
                let given = |column: &TableColumn| Expr::from(Func::cust("VALUES").arg(Expr::col(column.name)));
                let same = self.columns.iter().map(|column| own(column).eq(given(column)));
                let same = same.reduce(Expr::and).unwrap_or_else(|| Expr::cust("TRUE"));
                clause.value(first.name, Func::cust("IF").args([same, own(first), failure(&own(first))]))
            }
            _ => clause.do_nothing(),
        };
        clause
    }

    fn rows(&self, dialect: Dialect, rows: usize, insert: &mut InsertStatement) {
        for _ in 0..rows {
            insert.values_panic(self.columns.iter().map(|column| placeholder(dialect, column.sql_type)));
        }
    }

    /// The same with the key in front: checked in the first row, counted up in all.
    fn counted_rows(&self, dialect: Dialect, rows: usize, counted: Counted, insert: &mut InsertStatement) {
        let keys = std::iter::once(counted.checked()).chain(std::iter::repeat(Expr::cust("NULL")));
        for key in keys.take(rows) {
            let row = self.columns.iter().map(|column| placeholder(dialect, column.sql_type));
            insert.values_panic(std::iter::once(key).chain(row));
        }
    }

    /// Rows in the order of the arrays' elements, so that the keys that the database generates go up with them.
    fn arrays(&self, insert: &mut InsertStatement) {
        let mut select = Query::select();
        select.columns((0..self.columns.len()).map(|index| ("v".into_iden(), column_alias(index).into_iden())));
        let mut rows = unnested(self.columns.iter());
        rows.expr_as(Expr::cust("generate_subscripts($1, 1)"), "ord");
        select.from_subquery(rows, "v");
        sea_query::OrderedStatement::order_by(&mut select, ("v", "ord"), Order::Asc);
        let selected = insert.select_from(select);
        debug_assert!(selected.is_ok(), "one expression for each column");
    }
}

/// `SELECT unnest($1::..) AS "c0", unnest($2::..) AS "c1"`.
pub(super) fn unnested<'c>(columns: impl Iterator<Item = &'c TableColumn>) -> SelectStatement {
    let mut rows = Query::select();
    for (index, column) in columns.enumerate() {
        rows.expr_as(unnest(column.sql_type, Value::Bool(None)), column_alias(index));
    }
    rows
}

/// What the columns of unnested arrays are called.
pub(super) fn column_alias(index: usize) -> String {
    format!("c{index}")
}

/// One array for each column, if all can be carried.
pub(super) fn arrays(columns: &[TableColumn], values: &[Value]) -> Option<Vec<Value>> {
    let by_column = columns_of(columns.len(), values);
    by_column.iter().zip(columns).map(|(values, column)| array(column.sql_type, values)).collect()
}

/// The table between and its columns: the owner's, then the target's, of the types that the keys have.
pub(super) fn secondary_columns(
    owner: &'static EntityDef,
    relation: &'static RelationDef,
) -> (TableName, Vec<TableColumn>) {
    let secondary = secondary_of(relation);
    let keys = relation_keys(owner, relation);
    let target = (relation.target)();
    let side = |names: &'static [&'static str], def: &'static EntityDef, positions: Vec<usize>| {
        let columns = names.iter().zip(positions);
        columns.map(|(&name, position)| TableColumn { name, sql_type: def.columns[position].sql_type })
    };
    let columns = side(secondary.owner_columns, owner, keys.owner);
    let columns = columns.chain(side(secondary.target_columns, target, keys.target)).collect();
    (TableName::of_secondary(owner, secondary), columns)
}
