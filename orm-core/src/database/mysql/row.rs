//! The columns of a result: how the bytes of each are read.

use sqlx::{Column as _, Decode, MySql, Row as _, Type, TypeInfo as _, mysql::MySqlRow};

use crate::value::MySqlType;

/// The types of a row's columns: the same for every row of a statement.
pub(super) fn column_types(row: &MySqlRow) -> Vec<MySqlType> {
    row.columns().iter().map(|column| column_type(column.type_info())).collect()
}

fn column_type(info: &sqlx::mysql::MySqlTypeInfo) -> MySqlType {
    match info.name() {
        // TINYINT(1), whose name hides the sign.
        "BOOLEAN" if *info == <u8 as Type<MySql>>::type_info() => MySqlType::UnsignedTinyInt,
        "BOOLEAN" | "TINYINT" => MySqlType::TinyInt,
        "SMALLINT" => MySqlType::SmallInt,
        "INT" | "MEDIUMINT" => MySqlType::Int,
        "BIGINT" => MySqlType::BigInt,
        "TINYINT UNSIGNED" => MySqlType::UnsignedTinyInt,
        "SMALLINT UNSIGNED" => MySqlType::UnsignedSmallInt,
        "INT UNSIGNED" | "MEDIUMINT UNSIGNED" => MySqlType::UnsignedInt,
        "BIGINT UNSIGNED" => MySqlType::UnsignedBigInt,
        "YEAR" => MySqlType::Year,
        "BIT" => MySqlType::Bit,
        "FLOAT" => MySqlType::Float,
        "DOUBLE" => MySqlType::Double,
        "DECIMAL" => MySqlType::Decimal,
        "JSON" => MySqlType::Json,
        "DATE" => MySqlType::Date,
        "TIME" => MySqlType::Time,
        "DATETIME" => MySqlType::DateTime,
        "TIMESTAMP" => MySqlType::Timestamp,
        "ENUM" | "SET" => MySqlType::Text,
        "GEOMETRY" | "NULL" => MySqlType::Other,
        // Text of a binary collation has the flag of binary strings: the character set tells them apart.
        _ if <str as Type<MySql>>::compatible(info) => MySqlType::Text,
        _ => MySqlType::Bytes,
    }
}

/// The bytes of a cell; `None` for NULL.
#[inline]
pub(in crate::database) fn bytes(row: &MySqlRow, index: usize) -> Option<&[u8]> {
    let value = row.try_get_raw(index).ok()?;
    // The driver calls zero dates NULL when asked for that, but not when asked for bytes.
    <&[u8] as Decode<'_, MySql>>::decode(value).ok()
}
