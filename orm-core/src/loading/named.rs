//! Columns of a result by name: rows of statements that this crate did not write.

use super::{Loader, column_error};
use crate::{
    database::{Cells, Statement},
    error::{Error, ErrorKind, Result},
    identity::Scope,
    query::{FromRow, Plan, sql::default_columns},
    schema::{ColumnDef, EntityDef},
    state::{Absorb, Brought},
    value::{ColumnError, Raw},
};

/// How many rows of a result are taken; the others are not looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most(pub(crate) usize);

impl Most {
    pub(crate) const ALL: Self = Self(usize::MAX);
}

/// A row whose cells are those of some columns, in the order of the names that were asked for.
struct Named<'c, 'r> {
    cells: &'c Cells<'r>,
    positions: &'c [usize],
}

impl crate::value::Cells for Named<'_, '_> {
    fn raw(&self, position: usize) -> Raw<'_> {
        self.positions.get(position).map_or(Raw::Null, |position| self.cells.raw(*position))
    }
}

/// Where the columns of an entity are in a result.
struct EntityColumns {
    /// Those that are not deferred, then those of `deferred`.
    positions: Vec<usize>,
    /// The deferred columns that were asked for and are there.
    deferred: Vec<usize>,
}

impl EntityColumns {
    fn find(def: &'static EntityDef, plan: &Plan, cells: &Cells<'_>) -> Result<Self> {
        let required = default_columns(def).into_iter().map(|column| {
            let ColumnDef { name, field, .. } = &def.columns[column];
            let found = position(cells, name).and_then(|found| {
                found.ok_or_else(|| absent(cells, name, " (an entity takes all that are not deferred)"))
            });
            found.map_err(|error| error.with_entity(def.name).with_attribute(*field))
        });
        let mut positions = required.collect::<Result<Vec<usize>>>()?;
        let mut deferred = Vec::new();
        for column in &plan.columns {
            if let Some(found) = position(cells, def.columns[*column].name)? {
                positions.push(found);
                deferred.push(*column);
            }
        }
        Ok(Self { positions, deferred })
    }
}

/// Decodes the rows of one result into values.
#[derive(Debug, Default)]
pub(crate) struct RowDecoder {
    positions: Option<Vec<usize>>,
}

impl RowDecoder {
    /// One row. The first says where the columns are.
    pub(crate) fn decode<T: FromRow>(&mut self, cells: &Cells<'_>) -> Result<T> {
        let positions = match &mut self.positions {
            Some(positions) => positions,
            unknown => unknown.insert(positions_of::<T>(cells)?),
        };
        T::decode(cells, positions).map_err(|ColumnError { column, error }| {
            let name = positions.get(column).map_or("", |position| cells.name(*position));
            Error::new(ErrorKind::Decode, error.reason()).with_attribute(name)
        })
    }
}

fn positions_of<T: FromRow>(cells: &Cells<'_>) -> Result<Vec<usize>> {
    match T::width() {
        None => T::columns().iter().map(|name| position(cells, name)?.ok_or_else(|| absent(cells, name, ""))).collect(),
        Some(width) if width == cells.len() => Ok((0..width).collect()),
        Some(width) => Err(Error::new(
            ErrorKind::Decode,
            format!("the result has {} columns ({}), {width} are taken", cells.len(), names(cells)),
        )),
    }
}

/// Where the column of this name is. Upper and lower case are the same, unless two columns differ in nothing else.
fn position(cells: &Cells<'_>, name: &str) -> Result<Option<usize>> {
    let all = 0..cells.len();
    let mut found: Vec<usize> = all.clone().filter(|at| cells.name(*at) == name).collect();
    if found.is_empty() {
        found.extend(all.filter(|at| cells.name(*at).eq_ignore_ascii_case(name)));
    }
    match found[..] {
        [] => Ok(None),
        [at] => Ok(Some(at)),
        _ => Err(Error::new(
            ErrorKind::Schema,
            format!("the result has {} columns called `{name}`: give the others another name with AS", found.len()),
        )
        .with_constraint(None, vec![name.to_owned()])),
    }
}

#[cold]
fn absent(cells: &Cells<'_>, name: &str, why: &str) -> Error {
    Error::new(ErrorKind::Schema, format!("the result has no column `{name}`, only {}{why}", names(cells)))
        .with_constraint(None, vec![name.to_owned()])
}

fn names(cells: &Cells<'_>) -> String {
    let names: Vec<String> = (0..cells.len()).map(|at| format!("`{}`", cells.name(at))).collect();
    names.join(", ")
}

impl Loader<'_> {
    /// Runs a statement whose columns are those of an entity, by name, and everything that a plan asks for beside them. Gives an
    /// object for each row.
    pub(crate) async fn fetch_named(
        &mut self,
        def: &'static EntityDef,
        statement: &Statement,
        plan: &Plan,
        most: Most,
    ) -> Result<(Vec<u32>, Scope)> {
        let store = self.map.store_of(def);
        let epoch = self.map.epoch();
        let mut columns: Option<EntityColumns> = None;
        let mut roots = Vec::new();
        let mut each = |cells: &Cells<'_>| -> Result<()> {
            if roots.len() >= most.0 {
                return Ok(());
            }
            let EntityColumns { positions, deferred } = match &mut columns {
                Some(columns) => columns,
                unknown => unknown.insert(EntityColumns::find(def, plan, cells)?),
            };
            let named = Named { cells, positions };
            let brought = Brought { columns: deferred, first: positions.len() - deferred.len() };
            let slot = store
                .absorb_with(&named, 0, brought, Absorb::Fill, epoch)
                .map_err(|error| column_error(def, &error))?
                .ok_or_else(|| Error::new(ErrorKind::Decode, "a row without a primary key").with_entity(def.name))?;
            roots.push(slot);
            Ok(())
        };
        self.connection.fetch(statement, &mut each).await.map_err(|error| error.of_entity(def.name))?;
        let scope = self.fill(def, &roots, plan).await?;
        Ok((roots, scope))
    }
}
