//! The SELECT of an entity: its columns, joined relationships, filters, order, limit, lock.

use std::borrow::Cow;

use sea_query::{Expr, ExprTrait, JoinType, LockBehavior, LockType, Query, SelectStatement, TableRef};

use crate::{
    error::Result,
    expr::{Node, OrderNode},
    schema::EntityDef,
};

use super::{
    carrier::placeholder,
    compared::equals,
    context::{Dialect, RenderContext, Scope},
    filter::filter,
    join::{Join, Placement, add_joins, joined_columns},
    keyed::Restriction,
    order::{key_order_after, order_by, ordered_columns},
    statement::{Build, Sql, share},
    table::TableName,
};

/// What is asked of one entity.
#[derive(Clone, Debug)]
pub(crate) struct Select<'q> {
    pub(crate) def: &'static EntityDef,
    /// Which columns, as positions.
    pub(crate) columns: Cow<'q, [usize]>,
    /// All of them hold.
    pub(crate) filters: Vec<&'q Node>,
    pub(crate) order: Cow<'q, [OrderNode]>,
    /// How many at most: of the entity's objects, whatever is joined. In a SELECT by key: for each key.
    pub(crate) limit: Option<u64>,
    /// How many are left out before the first.
    pub(crate) offset: Option<u64>,
    pub(crate) distinct: bool,
    /// Nothing on SQLite, where a write transaction holds the database. Not together with a limit for each key.
    pub(crate) lock: Option<Lock>,
    pub(crate) joins: Vec<Join<'q>>,
}

/// A row lock, of the entity's own rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lock {
    pub(crate) strength: LockStrength,
    pub(crate) wait: LockWait,
}

/// Whom a lock keeps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LockStrength {
    /// FOR UPDATE.
    Update,
    /// FOR SHARE.
    Share,
}

/// What to do about rows that someone else holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LockWait {
    /// Wait.
    Wait,
    /// Fail: NOWAIT.
    NoWait,
    /// Leave them out: SKIP LOCKED.
    SkipLocked,
}

impl Default for Lock {
    /// FOR UPDATE, and wait.
    fn default() -> Self {
        Self { strength: LockStrength::Update, wait: LockWait::Wait }
    }
}

/// Where the cells of a row belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The entity's columns, as positions, from the first cell on.
    pub(crate) columns: Vec<usize>,
    /// In a SELECT by key: the cells that hold the key by which the row was found.
    pub(crate) key_cells: Vec<usize>,
    /// The joined relationships, in the order of [`Select::joins`].
    pub(crate) joins: Vec<Placement>,
}

/// The columns that are selected unless asked otherwise: all that are not deferred.
pub(crate) fn default_columns(def: &'static EntityDef) -> Vec<usize> {
    (0..def.columns.len()).filter(|&position| !def.columns[position].deferred).collect()
}

impl Select<'_> {
    /// Everything of an entity, in no order.
    pub(crate) fn all(def: &'static EntityDef) -> Self {
        Self {
            def,
            columns: default_columns(def).into(),
            filters: Vec::new(),
            order: Cow::Borrowed(&[]),
            limit: None,
            offset: None,
            distinct: false,
            lock: None,
            joins: Vec::new(),
        }
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.limit.is_some() || self.offset.is_some()
    }
}

/// The statement of a query, and where its cells belong.
pub(crate) fn select(dialect: Dialect, query: &Select<'_>) -> Result<(Sql, Layout)> {
    let context = RenderContext::new(dialect);
    let (statement, layout) = statement(&context, query, &Restriction::None);
    Ok((context.finish(query.def, &statement)?.locking(dialect, query.lock), layout))
}

pub(super) fn statement(
    context: &RenderContext,
    query: &Select<'_>,
    restriction: &Restriction<'_>,
) -> (SelectStatement, Layout) {
    let root = context.scope(query.def);
    let keyed = !matches!(restriction, Restriction::None);
    let wrapped = query.is_limited() && (keyed || query.joins.iter().any(|join| join.multiplies(query.def)));
    let mut rows = Query::select();
    rows.from(root.table());
    let restricted = restriction.apply(context, &root, &mut rows);
    for node in &query.filters {
        rows.and_where(filter(context, &root, node));
    }
    let (mut select, key_exprs) =
        if wrapped { wrap(context, &root, query, restricted.key, rows) } else { (rows, restricted.key) };

    let mut layout = Layout { columns: query.columns.to_vec(), key_cells: Vec::new(), joins: Vec::new() };
    select.exprs(query.columns.iter().map(|&position| root.column(position)));
    let mut next_cell = query.columns.len();
    for key in key_exprs {
        let selected = key.position.and_then(|key| query.columns.iter().position(|&position| position == key));
        layout.key_cells.push(selected.unwrap_or_else(|| {
            select.expr(key.expr);
            next_cell += 1;
            next_cell - 1
        }));
    }

    let joined = add_joins(context, &root, &query.joins, JoinType::InnerJoin, &mut next_cell, &mut select);
    order_by(context, &root, &query.order, &mut select);
    if joined.iter().any(|(_, orders)| !orders.is_empty()) {
        // Collections in their order, without the rows of one owner being torn apart.
        order_by(context, &root, &key_order_after(&query.order, query.def), &mut select);
    }
    for (placement, orders) in joined {
        orders.iter().for_each(|order| order.append(context, &mut select));
        layout.joins.push(placement);
    }
    if query.distinct {
        select.distinct();
    }
    if !wrapped {
        limit(context, query, &mut select);
        lock(context, &root, query.lock, &mut select);
    }
    (select, layout)
}

/// A column by whose value a row was found.
pub(super) struct KeyExpr {
    pub(super) expr: Expr,
    /// Of the entity's columns, if it is one.
    pub(super) position: Option<usize>,
}

/// The largest number of rows that a database can be told.
const MOST: u64 = i64::MAX.unsigned_abs();

const ROW_NUMBER: &str = "orm_row_number";

/// The limited rows as a subquery under the alias that the table had, so that what is joined to them does not count.
fn wrap(
    context: &RenderContext,
    root: &Scope,
    query: &Select<'_>,
    keys: Vec<KeyExpr>,
    mut rows: SelectStatement,
) -> (SelectStatement, Vec<KeyExpr>) {
    rows.exprs(needed_columns(root, query, &keys).into_iter().map(|position| root.column(position)));
    for join in query.joins.iter().filter_map(Join::as_condition) {
        rows.and_where(filter(context, root, &join));
    }
    let mut outer = Query::select();
    if keys.is_empty() {
        if query.distinct {
            rows.distinct();
        }
        order_by(context, root, &query.order, &mut rows);
        limit(context, query, &mut rows);
        lock(context, root, query.lock, &mut rows);
    } else {
        let number = Expr::col((root.alias.clone(), ROW_NUMBER));
        let first = std::cmp::min(query.offset.unwrap_or(0), MOST);
        if first > 0 {
            outer.and_where(number.clone().gt(first));
        }
        if let Some(limit) = query.limit {
            outer.and_where(number.lte(std::cmp::min(first.saturating_add(limit), MOST)));
        }
        let mut window = sea_query::WindowStatement::new();
        for key in &keys {
            sea_query::OverStatement::add_partition_by(&mut window, key.expr.clone());
        }
        match &*query.order {
            [] => order_by(context, root, &key_order_after(&[], query.def), &mut window),
            order => order_by(context, root, order, &mut window),
        }
        rows.expr_window_as(sea_query::Func::cust("ROW_NUMBER"), window, ROW_NUMBER);
    }
    let outer_keys = keys.into_iter().enumerate().map(|(index, key)| match key.position {
        Some(position) => KeyExpr { expr: root.column(position), ..key },
        None => {
            let name = format!("orm_key_{index}");
            rows.expr_as(key.expr, name.clone());
            KeyExpr { expr: Expr::col((root.alias.clone(), name)), position: None }
        }
    });
    let outer_keys = outer_keys.collect();
    outer.from_subquery(rows, root.alias.clone());
    (outer, outer_keys)
}

/// What the outside of a wrapped query reads of the inside.
fn needed_columns(root: &Scope, query: &Select<'_>, keys: &[KeyExpr]) -> Vec<usize> {
    let Some(ordered) = ordered_columns(&query.order) else {
        return (0..query.def.columns.len()).collect();
    };
    let mut needed = query.columns.to_vec();
    needed.extend(ordered);
    needed.extend(query.def.primary_key);
    needed.extend(joined_columns(root, &query.joins));
    needed.extend(keys.iter().filter_map(|key| key.position));
    needed.sort_unstable();
    needed.dedup();
    needed
}

pub(super) fn limit(context: &RenderContext, query: &Select<'_>, select: &mut SelectStatement) {
    if let Some(limit) = query.limit {
        select.limit(std::cmp::min(limit, MOST));
    } else if query.offset.is_some() && context.dialect != Dialect::Postgres {
        // Only PostgreSQL has OFFSET without LIMIT.
        select.limit(MOST);
    }
    if let Some(offset) = query.offset {
        select.offset(std::cmp::min(offset, MOST));
    }
}

fn lock(context: &RenderContext, root: &Scope, lock: Option<Lock>, select: &mut SelectStatement) {
    let (Some(lock), Dialect::Postgres | Dialect::MySql) = (lock, context.dialect) else {
        return;
    };
    if context.dialect == Dialect::MySql {
        // MariaDB has no OF: the rows of what is joined are locked along.
        lock_rows(lock, select);
        return;
    }
    let strength = lock_type(lock);
    // Only the entity's own rows: the absent side of a LEFT JOIN cannot be locked.
    let of = [TableRef::from(root.alias.clone())];
    match lock.wait {
        LockWait::Wait => select.lock_with_tables(strength, of),
        LockWait::NoWait => select.lock_with_tables_behavior(strength, of, LockBehavior::Nowait),
        LockWait::SkipLocked => select.lock_with_tables_behavior(strength, of, LockBehavior::SkipLocked),
    };
}

/// Locks the rows of every table of the statement.
fn lock_rows(lock: Lock, select: &mut SelectStatement) {
    let strength = lock_type(lock);
    match lock.wait {
        LockWait::Wait => select.lock(strength),
        LockWait::NoWait => select.lock_with_behavior(strength, LockBehavior::Nowait),
        LockWait::SkipLocked => select.lock_with_behavior(strength, LockBehavior::SkipLocked),
    };
}

const fn lock_type(lock: Lock) -> LockType {
    match lock.strength {
        LockStrength::Update => LockType::Update,
        LockStrength::Share => LockType::Share,
    }
}

/// The SELECT of one object by its primary key, whose text never changes. Its values are the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GetShape {
    table: TableName,
    columns: Vec<super::table::TableColumn>,
    key: Vec<super::table::TableColumn>,
    lock: Option<Lock>,
}

impl GetShape {
    pub(crate) fn new(def: &'static EntityDef, columns: &[usize], lock: Option<Lock>) -> Self {
        use super::table::TableColumn;
        Self {
            table: TableName::of(def),
            columns: TableColumn::all(def, columns),
            key: TableColumn::all(def, def.primary_key),
            lock,
        }
    }

    pub(crate) fn text(&self, dialect: Dialect) -> String {
        let mut select = Query::select();
        select.columns(self.columns.iter().map(|column| column.name)).from(self.table.table_ref());
        for key in &self.key {
            let column = super::context::collated(dialect, key.sql_type, Expr::col(key.name));
            select.and_where(equals(dialect, key.sql_type, column, placeholder(dialect, key.sql_type)));
        }
        if let (Some(lock), Dialect::Postgres | Dialect::MySql) = (self.lock, dialect) {
            lock_rows(lock, &mut select);
        }
        share(select.text(dialect), dialect, self.lock)
    }
}
