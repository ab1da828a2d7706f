//! Random cells: whatever a database sends, a column type reads it or refuses it, and what it reads survives the way back.
//!
//! `ORM_FUZZ_CASES` sets how many cells each test makes; the default is small enough for every run of the suite.

use proptest::prelude::*;

use super::{ColumnType, MySqlType, Raw, oid};

const OIDS: &[u32] = &[
    oid::BOOL,
    oid::BYTEA,
    oid::CHAR,
    oid::NAME,
    oid::INT8,
    oid::INT2,
    oid::INT4,
    oid::TEXT,
    oid::OID,
    oid::JSON,
    oid::XML,
    oid::FLOAT4,
    oid::FLOAT8,
    oid::UNKNOWN,
    oid::BPCHAR,
    oid::VARCHAR,
    oid::DATE,
    oid::TIME,
    oid::TIMESTAMP,
    oid::TIMESTAMPTZ,
    oid::NUMERIC,
    oid::UUID,
    oid::JSONB,
    oid::FIRST_USER,
];

const MYSQL_TYPES: &[MySqlType] = &[
    MySqlType::TinyInt,
    MySqlType::SmallInt,
    MySqlType::Int,
    MySqlType::BigInt,
    MySqlType::UnsignedTinyInt,
    MySqlType::UnsignedSmallInt,
    MySqlType::UnsignedInt,
    MySqlType::UnsignedBigInt,
    MySqlType::Year,
    MySqlType::Bit,
    MySqlType::Float,
    MySqlType::Double,
    MySqlType::Decimal,
    MySqlType::Text,
    MySqlType::Json,
    MySqlType::Bytes,
    MySqlType::Date,
    MySqlType::Time,
    MySqlType::DateTime,
    MySqlType::Timestamp,
    MySqlType::Other,
];

/// One cell that owns its bytes.
#[derive(Clone, Debug)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
    Postgres(u32, Vec<u8>),
    MySql(MySqlType, Vec<u8>),
}

impl Cell {
    fn raw(&self) -> Raw<'_> {
        match self {
            Self::Null => Raw::Null,
            Self::Integer(value) => Raw::Integer(*value),
            Self::Real(value) => Raw::Real(*value),
            Self::Text(bytes) => Raw::Text(bytes),
            Self::Blob(bytes) => Raw::Blob(bytes),
            Self::Postgres(oid, bytes) => Raw::Postgres { oid: *oid, bytes },
            Self::MySql(column, bytes) => Raw::MySql { column: *column, bytes },
        }
    }
}

/// Bytes that a decoder may take for its own: of the widths that the fixed types have, and texts that are nearly right.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![0_usize, 1, 2, 3, 4, 5, 7, 8, 11, 12, 16, 17])
        .prop_flat_map(|width| prop::collection::vec(any::<u8>(), width));
    let extreme = prop::sample::select(vec![
        i64::MIN.to_be_bytes().to_vec(),
        i64::MAX.to_be_bytes().to_vec(),
        i32::MIN.to_be_bytes().to_vec(),
        i32::MAX.to_be_bytes().to_vec(),
        f64::NAN.to_be_bytes().to_vec(),
        f64::NEG_INFINITY.to_be_bytes().to_vec(),
    ]);
    let text = prop_oneof![
        "-?[0-9]{1,45}(\\.[0-9]{0,45})?([eE][-+]?[0-9]{1,12})?",
        "[-+]?[0-9]{0,6}-[0-9]{1,3}-[0-9]{1,3}([ T][0-9]{1,3}:[0-9]{1,3}(:[0-9]{1,3}(\\.[0-9]{0,12})?)?)?(Z|[-+][0-9]{1,2}(:?[0-9]{2})?)?",
        "[0-9]{1,3}:[0-9]{1,3}(:[0-9]{1,3}(\\.[0-9]{0,12})?)?",
        "\\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\\}?",
        "[\\[{]{0,40}(\"[^\"]{0,3}\":)?(null|1e400|[0-9]{1,30}|\"\\\\ud800\")?[\\]}]{0,40}",
        "(NaN|Infinity|-Infinity|infinity|null|true|false|)",
        ".{0,12}",
    ]
    .prop_map(String::into_bytes);
    let numeric = (any::<[i16; 4]>(), prop::collection::vec(0_u16..11_000, 0..24)).prop_map(
        |([_, weight, sign, scale], digits)| {
            let count = u16::try_from(digits.len()).unwrap_or_default();
            let sign: u16 = if sign % 2 == 0 { 0 } else { 0x4000 };
            let head = [count, weight.unsigned_abs() % 300, sign, scale.unsigned_abs() % 60];
            head.into_iter().chain(digits).flat_map(u16::to_be_bytes).collect()
        },
    );
    prop_oneof![fixed, extreme, text, numeric, prop::collection::vec(any::<u8>(), 0..40)]
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        1 => Just(Cell::Null),
        2 => any::<i64>().prop_map(Cell::Integer),
        2 => any::<f64>().prop_map(Cell::Real),
        4 => bytes().prop_map(Cell::Text),
        2 => bytes().prop_map(Cell::Blob),
        8 => (prop::sample::select(OIDS), bytes()).prop_map(|(oid, bytes)| Cell::Postgres(oid, bytes)),
        8 => (prop::sample::select(MYSQL_TYPES), bytes()).prop_map(|(column, bytes)| Cell::MySql(column, bytes)),
    ]
}

/// A value that was read is the same after the way through [`Value`](super::Value) that a flush takes.
fn reads_or_refuses<T: ColumnType>(cell: &Cell) -> Result<(), TestCaseError> {
    match T::decode(cell.raw()) {
        Ok(value) => {
            let back = T::from_value(&value.to_value());
            let back = back
                .map_err(|error| TestCaseError::fail(format!("read, and lost on the way back: {}", error.reason())))?;
            prop_assert!(back.same(&value), "read as {value:?}, and back as {back:?}");
        }
        Err(error) => prop_assert!(!error.reason().is_empty()),
    }
    Ok(())
}

fn config() -> ProptestConfig {
    let cases = std::env::var("ORM_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn numbers_and_texts(cell in cell()) {
        reads_or_refuses::<bool>(&cell)?;
        reads_or_refuses::<i8>(&cell)?;
        reads_or_refuses::<i16>(&cell)?;
        reads_or_refuses::<i32>(&cell)?;
        reads_or_refuses::<i64>(&cell)?;
        reads_or_refuses::<u8>(&cell)?;
        reads_or_refuses::<u16>(&cell)?;
        reads_or_refuses::<u32>(&cell)?;
        reads_or_refuses::<u64>(&cell)?;
        reads_or_refuses::<f32>(&cell)?;
        reads_or_refuses::<f64>(&cell)?;
        reads_or_refuses::<String>(&cell)?;
        reads_or_refuses::<Vec<u8>>(&cell)?;
        reads_or_refuses::<Option<i64>>(&cell)?;
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn moments_of_chrono(cell in cell()) {
        reads_or_refuses::<chrono::NaiveDate>(&cell)?;
        reads_or_refuses::<chrono::NaiveTime>(&cell)?;
        reads_or_refuses::<chrono::NaiveDateTime>(&cell)?;
        reads_or_refuses::<chrono::DateTime<chrono::Utc>>(&cell)?;
    }

    #[cfg(feature = "time")]
    #[test]
    fn moments_of_time(cell in cell()) {
        reads_or_refuses::<time::Date>(&cell)?;
        reads_or_refuses::<time::Time>(&cell)?;
        reads_or_refuses::<time::PrimitiveDateTime>(&cell)?;
        reads_or_refuses::<time::OffsetDateTime>(&cell)?;
    }

    #[cfg(all(feature = "uuid", feature = "rust_decimal", feature = "serde_json"))]
    #[test]
    fn identifiers_decimals_and_json(cell in cell()) {
        reads_or_refuses::<uuid::Uuid>(&cell)?;
        reads_or_refuses::<rust_decimal::Decimal>(&cell)?;
        reads_or_refuses::<serde_json::Value>(&cell)?;
    }
}
