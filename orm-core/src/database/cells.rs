//! One row as the driver holds it.

#[cfg(feature = "mysql")]
use crate::value::MySqlType;
use crate::value::{ColumnType, DecodeError, Raw};

/// The cells of one row, by position, read in place: nothing is copied before it is decoded.
#[derive(Clone, Copy)]
pub struct Cells<'r>(Source<'r>);

#[derive(Clone, Copy)]
enum Source<'r> {
    #[cfg(feature = "sqlite")]
    Sqlite(&'r rusqlite::Row<'r>),
    /// The row, and the types of its columns, looked up once for the statement.
    #[cfg(feature = "postgres")]
    Postgres(&'r sqlx::postgres::PgRow, &'r [u32]),
    /// The same.
    #[cfg(feature = "mysql")]
    MySql(&'r sqlx::mysql::MySqlRow, &'r [MySqlType]),
}

impl std::fmt::Debug for Cells<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cells({})", self.len())
    }
}

impl<'r> Cells<'r> {
    #[cfg(feature = "sqlite")]
    pub(super) fn sqlite(row: &'r rusqlite::Row<'r>) -> Self {
        Self(Source::Sqlite(row))
    }

    #[cfg(feature = "postgres")]
    pub(super) fn postgres(row: &'r sqlx::postgres::PgRow, oids: &'r [u32]) -> Self {
        Self(Source::Postgres(row, oids))
    }

    #[cfg(feature = "mysql")]
    pub(super) fn mysql(row: &'r sqlx::mysql::MySqlRow, types: &'r [MySqlType]) -> Self {
        Self(Source::MySql(row, types))
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a row without columns does not occur")]
    pub fn len(&self) -> usize {
        match self.0 {
            #[cfg(feature = "sqlite")]
            Source::Sqlite(row) => row.as_ref().column_count(),
            #[cfg(feature = "postgres")]
            Source::Postgres(_, oids) => oids.len(),
            #[cfg(feature = "mysql")]
            Source::MySql(_, types) => types.len(),
        }
    }

    /// The name that the statement gives to the column at this position; empty beyond the last one.
    #[must_use]
    pub fn name(&self, index: usize) -> &str {
        match self.0 {
            #[cfg(feature = "sqlite")]
            Source::Sqlite(row) => row.as_ref().column_name(index).unwrap_or_default(),
            #[cfg(feature = "postgres")]
            Source::Postgres(row, _) => {
                use sqlx::{Column as _, Row as _};
                row.columns().get(index).map_or("", |column| column.name())
            }
            #[cfg(feature = "mysql")]
            Source::MySql(row, _) => {
                use sqlx::{Column as _, Row as _};
                row.columns().get(index).map_or("", |column| column.name())
            }
        }
    }

    /// The cell at this position; NULL beyond the last one.
    #[inline]
    #[must_use]
    pub fn raw(&self, index: usize) -> Raw<'_> {
        match self.0 {
            #[cfg(feature = "sqlite")]
            Source::Sqlite(row) => {
                use rusqlite::types::ValueRef;
                match row.get_ref(index) {
                    Ok(ValueRef::Integer(value)) => Raw::Integer(value),
                    Ok(ValueRef::Text(bytes)) => Raw::Text(bytes),
                    Ok(ValueRef::Real(value)) => Raw::Real(value),
                    Ok(ValueRef::Blob(bytes)) => Raw::Blob(bytes),
                    _ => Raw::Null,
                }
            }
            #[cfg(feature = "postgres")]
            Source::Postgres(row, oids) => {
                use sqlx::Row as _;
                let Some(oid) = oids.get(index) else { return Raw::Null };
                match row.try_get_raw(index).map(|value| value.as_bytes()) {
                    Ok(Ok(bytes)) => Raw::Postgres { oid: *oid, bytes },
                    // Absent bytes are how the driver says NULL.
                    _ => Raw::Null,
                }
            }
            #[cfg(feature = "mysql")]
            Source::MySql(row, types) => match (types.get(index), super::mysql::bytes(row, index)) {
                (Some(column), Some(bytes)) => Raw::MySql { column: *column, bytes },
                _ => Raw::Null,
            },
        }
    }

    /// Decodes the cell at this position.
    ///
    /// # Errors
    /// When it is NULL, of another type or out of range for `T`. The caller adds the column's name.
    #[inline]
    pub fn get<T: ColumnType>(&self, index: usize) -> Result<T, DecodeError> {
        T::decode(self.raw(index))
    }
}

impl crate::value::Cells for Cells<'_> {
    #[inline]
    fn raw(&self, position: usize) -> Raw<'_> {
        Cells::raw(self, position)
    }
}
