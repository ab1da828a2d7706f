//! A cell as a database sent it, before it is a value of any type.

use super::{DecodeError, mysql::MySqlType, numeric::Numeric, oid};

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
    /// A MySQL or MariaDB value in its binary format, with the type of its column.
    MySql {
        /// How the bytes are to be read.
        column: MySqlType,
        /// The binary representation.
        bytes: &'r [u8],
    },
}

impl<'r> Raw<'r> {
    /// Whether the cell is NULL.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self, Raw::Null)
    }

    /// The cell as text: what a type that is stored as text, or as a PostgreSQL enum, decodes from. Of a CHAR(n) without the blanks
    /// at its end, which are no part of the value on any server.
    ///
    /// # Errors
    /// When the cell is NULL, not text, or not UTF-8.
    pub fn text(self) -> Result<&'r str, DecodeError> {
        let bytes = match self {
            Raw::Text(bytes) => bytes,
            Raw::Postgres { oid: oid::TEXT | oid::VARCHAR, bytes } => bytes,
            // Types that a user created send text when they are enums or like citext; any other fails as UTF-8 or later.
            Raw::Postgres { oid: oid::BPCHAR, bytes } => {
                let length = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                bytes.get(..length).unwrap_or_default()
            }
            Raw::Postgres {
                oid: oid::NAME | oid::CHAR | oid::UNKNOWN | oid::JSON | oid::XML | oid::FIRST_USER..,
                bytes,
            } => bytes,
            Raw::MySql { column: MySqlType::Text | MySqlType::Json, bytes } => bytes,
            other => return Err(other.unexpected("text")),
        };
        std::str::from_utf8(bytes).map_err(|error| {
            DecodeError::new(format!("found text that is not UTF-8 (from byte {}), expected text", error.valid_up_to()))
        })
    }

    /// The cell as a whole number, of whatever width the column has.
    ///
    /// # Errors
    /// When the cell is NULL, not a whole number, or does not fit 64 bits.
    pub fn integer(self) -> Result<i64, DecodeError> {
        match self {
            Raw::Integer(value) => Ok(value),
            Raw::Postgres { oid: oid::INT8, bytes } => Ok(i64::from_be_bytes(fixed(bytes)?)),
            Raw::Postgres { oid: oid::INT4, bytes } => Ok(i32::from_be_bytes(fixed(bytes)?).into()),
            Raw::Postgres { oid: oid::INT2, bytes } => Ok(i16::from_be_bytes(fixed(bytes)?).into()),
            Raw::Postgres { oid: oid::OID, bytes } => Ok(u32::from_be_bytes(fixed(bytes)?).into()),
            // What `sum` of a bigint gives.
            Raw::Postgres { oid: oid::NUMERIC, bytes } => Numeric::parse(bytes)?.to_i64(),
            Raw::MySql { .. } => {
                let number = self.whole()?;
                i64::try_from(number).map_err(|_| {
                    DecodeError::new(format!("found {number}, expected an integer of 64 bits with a sign"))
                })
            }
            other => Err(other.unexpected("an integer")),
        }
    }

    /// The cell as a whole number, wide enough for MySQL's BIGINT UNSIGNED.
    pub(crate) fn whole(self) -> Result<i128, DecodeError> {
        match self {
            Raw::MySql { column, bytes } => column.whole(bytes).unwrap_or_else(|| Err(self.unexpected("an integer"))),
            _ => self.integer().map(i128::from),
        }
    }

    /// The error for a cell that is NULL or of a type that does not fit.
    #[cold]
    #[must_use]
    pub fn unexpected(self, expected: &str) -> DecodeError {
        let found = match self {
            Raw::Null => return DecodeError::null(),
            Raw::Integer(_) => "an INTEGER",
            Raw::Real(_) => "a REAL",
            Raw::Text(_) => "a TEXT",
            Raw::Blob(_) => "a BLOB",
            Raw::Postgres { oid, .. } => {
                return DecodeError::new(format!("found {} (oid {oid}), expected {expected}", oid::name(oid)));
            }
            Raw::MySql { column, .. } => column.name(),
        };
        DecodeError::new(format!("found {found}, expected {expected}"))
    }
}

/// The bytes of a PostgreSQL type of fixed width.
#[inline]
pub(crate) fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], DecodeError> {
    bytes.try_into().map_err(|_| DecodeError::new(format!("found {} bytes, expected {N}", bytes.len())))
}
