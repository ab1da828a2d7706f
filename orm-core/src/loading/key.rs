//! Key values as something to look up by, for matching rows with their owners.

use crate::value::{Value, print_values};

/// The values of a key. A single integer, which most keys are, costs no allocation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum HashKey {
    /// One integer of any width.
    Integer(i64),
    /// Anything else, printed.
    Printed(String),
}

impl HashKey {
    pub(crate) fn of(values: &[Value]) -> Self {
        match values {
            [Value::BigInt(Some(number))] => Self::Integer(*number),
            [Value::Int(Some(number))] => Self::Integer(i64::from(*number)),
            [Value::SmallInt(Some(number))] => Self::Integer(i64::from(*number)),
            [Value::TinyInt(Some(number))] => Self::Integer(i64::from(*number)),
            [Value::Unsigned(Some(number))] => Self::Integer(i64::from(*number)),
            [Value::SmallUnsigned(Some(number))] => Self::Integer(i64::from(*number)),
            [Value::TinyUnsigned(Some(number))] => Self::Integer(i64::from(*number)),
            _ => Self::Printed(print_values(values)),
        }
    }
}
