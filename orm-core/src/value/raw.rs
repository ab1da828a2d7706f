//! A cell as a database sent it, before it is a value of any type.

/// One cell of a row, borrowed from the driver.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Raw<'r> {
    /// NULL, on every database.
    Null,
    /// An SQLite integer.
    Integer(i64),
    /// An SQLite real.
    Real(f64),
    /// An SQLite text: UTF-8 unless someone stored something else.
    Text(&'r [u8]),
    /// An SQLite blob.
    Blob(&'r [u8]),
    /// A PostgreSQL value in its binary format, with the object identifier of its type.
    Postgres {
        /// `pg_type.oid` of the type (of the base type for a domain).
        oid: u32,
        /// The binary representation.
        bytes: &'r [u8],
    },
}
