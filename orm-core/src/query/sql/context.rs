//! What a rendering knows: the dialect, the aliases given so far, and which entity an alias stands for.

use std::cell::{Cell, RefCell};

use sea_query::{DynIden, Expr, IntoIden, TableRef};

use crate::{
    error::{Error, Result},
    schema::{ColumnDef, EntityDef, SqlType},
};

pub(crate) use crate::dialect::Dialect;

use super::{
    statement::{Build, Sql},
    table::TableName,
};

/// One statement being written.
#[derive(Debug)]
pub(crate) struct RenderContext {
    pub(crate) dialect: Dialect,
    aliases: Cell<usize>,
    refusal: RefCell<Option<Error>>,
}

impl RenderContext {
    pub(crate) const fn new(dialect: Dialect) -> Self {
        Self { dialect, aliases: Cell::new(0), refusal: RefCell::new(None) }
    }

    /// Something of it cannot be written: the statement will be this error. Gives what stands there meanwhile.
    pub(super) fn refuse(&self, error: Error) -> Expr {
        self.refusal.borrow_mut().get_or_insert(error);
        Expr::cust("FALSE")
    }

    /// The finished statement about an entity.
    ///
    /// # Errors
    /// What was refused first.
    pub(super) fn finish(self, def: &EntityDef, statement: &impl Build) -> Result<Sql> {
        match self.refusal.into_inner() {
            None => Ok(statement.sql(self.dialect)),
            Some(error) => Err(error.of_entity(def.name)),
        }
    }

    /// An alias that nothing else in the statement has: `t0`, `t1`, …
    pub(crate) fn alias(&self) -> DynIden {
        let number = self.aliases.get();
        self.aliases.set(number + 1);
        format!("t{number}").into_iden()
    }

    /// The entity's table under a new alias.
    pub(crate) fn scope(&self, def: &'static EntityDef) -> Scope {
        Scope { def, alias: self.alias() }
    }

    /// The table that a DELETE is about, as its FROM names it: MySQL's takes no alias there.
    pub(crate) fn deleted(&self, def: &'static EntityDef) -> (Scope, TableRef) {
        match self.dialect {
            Dialect::MySql => (Scope { def, alias: def.table.into_iden() }, TableName::of(def).table_ref()),
            Dialect::Sqlite | Dialect::Postgres => {
                let scope = self.scope(def);
                let table = scope.table();
                (scope, table)
            }
        }
    }
}

/// An entity's table under an alias: what the positions in a filter mean.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) def: &'static EntityDef,
    pub(crate) alias: DynIden,
}

impl Scope {
    /// The definition of the column at a position.
    pub(crate) fn definition(&self, position: usize) -> &'static ColumnDef {
        &self.def.columns[position]
    }

    /// The column as it is.
    pub(crate) fn column(&self, position: usize) -> Expr {
        Expr::col((self.alias.clone(), self.definition(position).name))
    }

    /// The column where it is compared or sorted by.
    pub(crate) fn comparable(&self, context: &RenderContext, position: usize) -> Expr {
        collated(context.dialect, self.definition(position).sql_type, self.column(position))
    }

    /// The table in a FROM.
    pub(crate) fn table(&self) -> TableRef {
        TableName::of(self.def).table_ref().alias(self.alias.clone())
    }
}

/// Exact decimals are text on SQLite: without the collation '9' would be greater than '10'.
pub(crate) fn collated(dialect: Dialect, sql_type: SqlType, expr: Expr) -> Expr {
    match (dialect, sql_type) {
        (Dialect::Sqlite, SqlType::Decimal) => Expr::cust_with_exprs("? COLLATE orm_decimal", [expr]),
        _ => expr,
    }
}
