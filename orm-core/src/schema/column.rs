//! One column of a table.

/// What a database calls the type of a column. The dialects spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlType {
    /// BOOLEAN; an integer 0 or 1 on SQLite.
    Boolean,
    /// 16 bits, signed: `i8`, `u8`, `i16`.
    SmallInt,
    /// 32 bits, signed: `u16`, `i32`.
    Integer,
    /// 64 bits, signed: `u32`, `i64`, and `u64` where the value fits.
    BigInt,
    /// 32-bit floating point.
    Real,
    /// 64-bit floating point.
    Double,
    /// Text of any length (VARCHAR where the column has a `length`).
    Text,
    /// Bytes of any length.
    Bytes,
    /// A calendar date.
    Date,
    /// A time of day, microseconds.
    Time,
    /// Date and time without a zone, microseconds.
    Timestamp,
    /// A moment: stored in UTC, microseconds.
    TimestampTz,
    /// A UUID; text on SQLite.
    Uuid,
    /// An exact decimal; text on SQLite, where comparisons use the collation `orm_decimal`.
    Decimal,
    /// JSON; JSONB on PostgreSQL, text on SQLite.
    Json,
    /// A PostgreSQL enum type; text elsewhere.
    Enum(&'static EnumDef),
}

impl SqlType {
    /// Equality that a constant can use.
    pub(crate) const fn same(self, other: Self) -> bool {
        use SqlType::{
            BigInt, Boolean, Bytes, Date, Decimal, Double, Enum, Integer, Json, Real, SmallInt, Text, Time, Timestamp,
            TimestampTz, Uuid,
        };
        matches!(
            (self, other),
            (Boolean, Boolean)
                | (SmallInt, SmallInt)
                | (Integer, Integer)
                | (BigInt, BigInt)
                | (Real, Real)
                | (Double, Double)
                | (Text, Text)
                | (Bytes, Bytes)
                | (Date, Date)
                | (Time, Time)
                | (Timestamp, Timestamp)
                | (TimestampTz, TimestampTz)
                | (Uuid, Uuid)
                | (Decimal, Decimal)
                | (Json, Json)
                | (Enum(_), Enum(_))
        )
    }
}

/// A PostgreSQL enum type.
#[derive(Debug, PartialEq, Eq)]
pub struct EnumDef {
    /// The name of the type in the database.
    pub name: &'static str,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
}

/// Who makes the value of a column that a new object leaves unset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Nobody: it must be set.
    None,
    /// The database, as a key: IDENTITY on PostgreSQL, the rowid on SQLite.
    Database,
    /// The Rust side, before the INSERT: `#[orm(default = ..)]`.
    Client,
}

/// One column.
#[derive(Debug)]
pub struct ColumnDef {
    /// The field: `password_hash`.
    pub field: &'static str,
    /// The column: `password_hash` unless `#[orm(column = "..")]` or `rename_all` says otherwise.
    pub name: &'static str,
    /// Its type in the database.
    pub sql_type: SqlType,
    /// Whether NULL is allowed: the field's type is an `Option`.
    pub nullable: bool,
    /// Who makes it when it is unset.
    pub generation: Generation,
    /// `#[orm(length = ..)]`.
    pub length: Option<u32>,
    /// `#[orm(unique)]`.
    pub unique: bool,
    /// `#[orm(check = "..")]`, as SQL.
    pub check: Option<&'static str>,
    /// `#[orm(server_default = "..")]`, as SQL: the database makes the value when the column is left out of the INSERT.
    pub server_default: Option<&'static str>,
    /// `#[orm(on_update = "..")]`, as SQL: assigned at every UPDATE of the row.
    pub on_update: Option<&'static str>,
    /// `Deferred<T>`: not selected unless asked for.
    pub deferred: bool,
    /// `#[orm(group = "..")]`: deferred columns that are loaded together.
    pub deferred_group: Option<&'static str>,
    /// `#[orm(version)]`.
    pub version: bool,
    /// `#[orm(sensitive)]`: never in Debug, Serialize, logs.
    pub sensitive: bool,
    /// `#[orm(read_only)]`: never written.
    pub read_only: bool,
}

impl ColumnDef {
    /// A column with nothing declared about it but its type.
    pub(crate) const fn of_type(sql_type: SqlType, nullable: bool) -> Self {
        Self {
            field: "",
            name: "",
            sql_type,
            nullable,
            generation: Generation::None,
            length: None,
            unique: false,
            check: None,
            server_default: None,
            on_update: None,
            deferred: false,
            deferred_group: None,
            version: false,
            sensitive: false,
            read_only: false,
        }
    }
}
