//! `Option<T>` as a column: NULL is one of the values.

use sea_query::Value;

use super::{ColumnType, DecodeError, Raw};
use crate::schema::SqlType;

impl<T: ColumnType> ColumnType for Option<T> {
    type Ref<'r> = Option<T::Ref<'r>>;
    const SQL_TYPE: SqlType = T::SQL_TYPE;
    const NULLABLE: bool = true;

    #[inline]
    fn get(&self) -> Option<T::Ref<'_>> {
        self.as_ref().map(T::get)
    }

    #[inline]
    fn decode(raw: Raw<'_>) -> Result<Self, DecodeError> {
        if raw.is_null() { Ok(None) } else { T::decode(raw).map(Some) }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or_else(T::null, T::to_value)
    }

    fn null() -> Value {
        T::null()
    }

    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        if *value == value.as_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }

    #[inline]
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(two)) => one.same(two),
            (None, None) => true,
            _ => false,
        }
    }

    #[inline]
    fn kept(self) -> Self {
        self.map(T::kept)
    }
}
