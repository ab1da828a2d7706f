//! `insert_many`: rows without objects, for imports.

use super::{
    Running, Session,
    plain_row::{PlainRow, plain_row},
};
use crate::{
    collections::IndexMap,
    database::{Connection, Database, Statement},
    entity::Entity,
    error::Result,
    handle::IntoTransient,
    identity::IdentityMap,
    query::sql::{InsertShape, TextCache},
    schema::EntityDef,
};

/// So many rows are in memory at a time.
const CHUNK: usize = 8192;

impl Session {
    /// Inserts rows and makes no objects of them; gives their number. For imports: memory stays the same however many they are.
    ///
    /// What is pending is flushed first. One INSERT for each 8192 rows and set of columns, more where the database cannot bind as many
    /// values, in the session's transaction. A row may be linked to parents that are there (by object or key) and brings no others
    /// along. Collections that are loaded do not show the new rows until they are loaded again.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)]
    /// # #[orm(table = "words")]
    /// # pub struct Word { #[orm(primary_key)] id: i64, text: String }
    /// # async fn run(session: &Session, file: &str) -> Result<(), Error> {
    /// let count = session.insert_many(file.lines().map(|line| Word::builder().text(line))).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The future's errors are what the database refused; [`ErrorKind::MissingParent`](crate::error::ErrorKind::MissingParent) for a
    /// column that nobody gives a value; [`ErrorKind::State`](crate::error::ErrorKind::State) for a row that brings others along. The
    /// session answers [`ErrorKind::PendingRollback`](crate::error::ErrorKind::PendingRollback) from then on until it is rolled back.
    pub fn insert_many<'m, E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &'m self,
        rows: impl IntoIterator<Item = T, IntoIter: Send + 'm>,
    ) -> Running<'m, u64> {
        let mut rows = rows.into_iter();
        Running::new(async move {
            let mut operation = self.operation("insert_many").await?;
            operation.flush().await?;
            let mut count = 0;
            loop {
                let chunk = chunk_of(&mut rows, &self.map).map_err(|error| operation.fail(error))?;
                if chunk.is_empty() {
                    return Ok(count);
                }
                count += operation.insert_rows(E::DEF, chunk).await?;
            }
        })
    }
}

impl Database {
    /// Inserts rows, all of them or none; gives their number. Costs what [`Session::insert_many`] costs, in a transaction of its own.
    ///
    /// The future's errors are those of [`Session::insert_many`]; nothing is inserted then.
    pub fn insert_many<'m, E: Entity, T: IntoTransient<E, L>, L: 'static>(
        &'m self,
        rows: impl IntoIterator<Item = T, IntoIter: Send + 'm>,
    ) -> Running<'m, u64> {
        let mut rows = rows.into_iter();
        Running::new(async move {
            let inserted = self.insert_chunks(E::DEF, |map| chunk_of(&mut rows, map)).await;
            inserted.map_err(|error| error.with_verb("insert_many"))
        })
    }

    /// All chunks in one transaction, until one is empty.
    async fn insert_chunks(
        &self,
        def: &'static EntityDef,
        mut next: impl FnMut(&IdentityMap) -> Result<Vec<PlainRow>>,
    ) -> Result<u64> {
        let map = IdentityMap::new();
        let mut chunk = next(&map)?;
        if chunk.is_empty() {
            return Ok(0);
        }
        let mut connection = self.acquire().await?;
        connection.begin(self.begin_mode(), None).await?;
        let mut count = 0;
        while !chunk.is_empty() {
            count += insert_rows(&mut connection, self.texts(), def, chunk).await?;
            chunk = next(&map)?;
        }
        connection.commit().await?;
        Ok(count)
    }
}

fn chunk_of<E: Entity, T: IntoTransient<E, L>, L: 'static>(
    rows: &mut impl Iterator<Item = T>,
    map: &IdentityMap,
) -> Result<Vec<PlainRow>> {
    rows.take(CHUNK).map(|row| plain_row(row.into_transient(), map)).collect()
}

/// Inserts rows, those with the same columns together.
pub(super) async fn insert_rows(
    connection: &mut Connection,
    texts: &TextCache,
    def: &'static EntityDef,
    rows: Vec<PlainRow>,
) -> Result<u64> {
    let mut inserted = 0;
    for (columns, rows) in by_columns(rows) {
        let count = rows.len();
        let shape = InsertShape::new(def, &columns, &[]);
        for batch in shape.statements(texts, count, rows.into_iter().flatten().map(|(_, value)| value).collect()) {
            let statement = Statement::new(batch.sql.text, batch.sql.values);
            inserted += connection.execute(&statement).await.map_err(|error| error.of_entity(def.name))?;
        }
    }
    Ok(inserted)
}

/// Rows by the columns that they give, in the order in which those first appear.
pub(super) fn by_columns(rows: Vec<PlainRow>) -> IndexMap<Vec<usize>, Vec<PlainRow>> {
    let mut groups: IndexMap<Vec<usize>, Vec<PlainRow>> = IndexMap::default();
    for row in rows {
        groups.entry(row.iter().map(|(column, _)| *column).collect()).or_default().push(row);
    }
    groups
}
