//! INSERTs, and which returned row belongs to which object.

use super::{Execution, by_key, named};
use crate::{
    error::{Error, ErrorKind, Result},
    flush::plan::{Insert, Matching},
    query::sql::InsertShape,
    schema::{ColumnDef, EntityDef, Generation},
    value::{ComparableKey, Value, print_values, whole},
};

impl Execution<'_> {
    pub(super) async fn insert(&mut self, insert: &Insert) -> Result<()> {
        let result = if insert.matching != Matching::Nothing && !self.connection.capabilities().insert_returning {
            self.insert_and_read(insert).await
        } else {
            self.insert_returning(insert).await
        };
        result.map_err(|error| without_generator(insert, error))
    }

    async fn insert_returning(&mut self, insert: &Insert) -> Result<()> {
        let shape = InsertShape::new(insert.def, &insert.columns, &insert.returning);
        if insert.matching == Matching::RowByRow {
            for row in insert.rows.chunks(1) {
                self.insert_rows(insert, &shape, row).await?;
            }
            return Ok(());
        }
        self.insert_rows(insert, &shape, &insert.rows).await
    }

    async fn insert_rows(&mut self, insert: &Insert, shape: &InsertShape, rows: &[usize]) -> Result<()> {
        let values = self.new_values(rows)?;
        let store = self.map.store_of(insert.def);
        let mut left = rows;
        for batch in shape.statements(self.texts, rows.len(), values) {
            let (these, others) = left.split_at(batch.rows);
            left = others;
            if insert.matching == Matching::Nothing {
                let count = self.connection.execute(&super::statement(batch)).await?;
                check_count(insert.def, these.len(), usize::try_from(count).unwrap_or(usize::MAX))?;
                continue;
            }
            let returned = self.fetch(batch, store, &insert.returning).await?;
            check_count(insert.def, these.len(), returned.len())?;
            for (row, returned) in self.match_rows(insert, these, returned)? {
                self.results.inserted[row] = named(&insert.returning, returned);
            }
        }
        Ok(())
    }

    /// The values of new rows, row by row.
    pub(super) fn new_values(&self, rows: &[usize]) -> Result<Vec<Value>> {
        let cells = rows.iter().flat_map(|row| &self.plan.rows.new[*row].cells);
        cells.map(|(_, cell)| self.resolve(cell)).collect()
    }

    fn match_rows(
        &self,
        insert: &Insert,
        rows: &[usize],
        mut returned: Vec<Vec<Value>>,
    ) -> Result<Vec<(usize, Vec<Value>)>> {
        let position = |column: usize| insert.returning.iter().position(|at| *at == column).unwrap_or(0);
        match insert.matching {
            Matching::Key if rows.len() > 1 => {
                let sent = rows.iter().map(|row| self.new_key(*row)).collect::<Result<Vec<_>>>()?;
                let places = by_key(sent.iter().map(Vec::as_slice));
                let key: Vec<usize> = insert.def.primary_key.iter().map(|column| position(*column)).collect();
                let came = |row: &Vec<Value>| ComparableKey::of(key.iter().map(|cell| &row[*cell]));
                let place = |row: Vec<Value>| match came(&row).and_then(|key| places.get(&key).copied()) {
                    Some(at) => Ok((rows[at], row)),
                    None => {
                        let found: Vec<Value> = key.iter().map(|cell| row[*cell].clone()).collect();
                        Err(other_key(insert.def, &sent, &found))
                    }
                };
                returned.into_iter().map(place).collect()
            }
            Matching::Ascending(column) if rows.len() > 1 => {
                let cell = position(column);
                returned.sort_by_key(|row| whole(&row[cell]));
                Ok(rows.iter().copied().zip(returned).collect())
            }
            _ => Ok(rows.iter().copied().zip(returned).collect()),
        }
    }
}

pub(super) fn check_count(def: &EntityDef, sent: usize, taken: usize) -> Result<()> {
    if sent == taken {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Database,
        format!(
            "{sent} rows were inserted into `{}` and the database took {taken}: a trigger or a rule of the table takes rows away",
            def.table
        ),
    ))
}

/// An INSERT without a key that the database was to count up, and the table's column does not count: what is missing is said, where the
/// database says only that the column is NULL.
fn without_generator(insert: &Insert, error: Error) -> Error {
    let def = insert.def;
    let counted = |column: &&usize| def.columns[**column].generation == Generation::Database;
    let absent = def.primary_key.iter().filter(counted).find(|column| !insert.columns.contains(column));
    let Some(&column) = absent.filter(|_| error.kind() == ErrorKind::NotNullViolation) else { return error };
    let ColumnDef { name, field, .. } = def.columns[column];
    if error.columns() != [name] {
        return error;
    }
    Error::new(
        ErrorKind::Schema,
        format!(
            "`{name}` of table `{}` was left to the database, whose column does not count up. Make it an identity column there (MySQL: \
             AUTO_INCREMENT), or say `#[orm(primary_key, generated = false)]` and set the key",
            def.table
        ),
    )
    .with_attribute(field)
    .with_source(error)
}

fn other_key(def: &EntityDef, sent: &[Vec<Value>], found: &[Value]) -> Error {
    const SHOWN: usize = 5;
    let shown: Vec<String> = sent.iter().take(SHOWN).map(|key| format!("[{}]", print_values(key))).collect();
    let more = if sent.len() > SHOWN { format!(" and {} more", sent.len() - SHOWN) } else { String::new() };
    Error::new(
        ErrorKind::Database,
        format!(
            "a row came back from the INSERT into `{}` with the key [{}], which was not sent; sent was {}{more}: a trigger changes it, or \
             the column keeps less than it is given (CHAR drops blanks at the end, DATETIME fractions)",
            def.table,
            print_values(found),
            shown.join(", "),
        ),
    )
    .with_key(print_values(found))
}
