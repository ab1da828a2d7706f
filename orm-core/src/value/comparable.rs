//! Keys as something to look up by: one form in memory for all values that every database holds equal.
//!
//! An integer of any width is one number, a decimal has no zeros at its end, a moment is a count of microseconds. Text stays as it is
//! written: what a collation holds equal only the database knows ([`only_the_database_compares`]).

use sea_query::OptionEnum;

use super::{Value, is_null, number::whole};
use crate::schema::{EntityDef, SqlType};

/// The values of a key, comparable and hashable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ComparableKey(Parts);

/// Most keys are one value: that costs no allocation of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Parts {
    One(Part),
    Many(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Part {
    Integer(i64),
    /// A number above those of 64 bits with a sign.
    Large(u64),
    /// The bits of a floating point number.
    Float(u64),
    /// Without zeros at the end.
    #[cfg(feature = "rust_decimal")]
    Decimal(rust_decimal::Decimal),
    Text(String),
    Bytes(Vec<u8>),
    #[cfg(feature = "uuid")]
    Uuid(uuid::Uuid),
    /// Days since 2000-01-01.
    #[cfg(any(feature = "chrono", feature = "time"))]
    Date(i32),
    /// Microseconds since midnight.
    #[cfg(any(feature = "chrono", feature = "time"))]
    Time(i64),
    /// Microseconds since 2000-01-01, in UTC where there is a zone.
    #[cfg(any(feature = "chrono", feature = "time"))]
    Moment(i64),
    /// A type that is no key, printed.
    Other(String),
}

impl ComparableKey {
    /// `None` where one of the values is NULL, which equals nothing, or where there is none.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Option<Self> {
        let mut values = values.into_iter();
        let first = part(values.next()?)?;
        let Some(second) = values.next() else { return Some(Self(Parts::One(first))) };
        let mut parts = vec![first, part(second)?];
        for value in values {
            parts.push(part(value)?);
        }
        Some(Self(Parts::Many(parts)))
    }
}

fn part(value: &Value) -> Option<Part> {
    if let Some(number) = whole(value) {
        let large = || Part::Large(u64::try_from(number).unwrap_or_default());
        return Some(i64::try_from(number).map_or_else(|_| large(), Part::Integer));
    }
    match value {
        Value::Bool(truth) => truth.map(|truth| Part::Integer(truth.into())),
        Value::Float(number) => number.map(|number| float(number.into())),
        Value::Double(number) => number.map(float),
        Value::String(text) => text.clone().map(Part::Text),
        Value::Char(character) => character.map(|character| Part::Text(character.to_string())),
        Value::Enum(OptionEnum::Some(label)) => Some(Part::Text(label.value.to_string())),
        Value::Bytes(bytes) => bytes.clone().map(Part::Bytes),
        #[cfg(feature = "rust_decimal")]
        Value::Decimal(number) => number.map(|number| Part::Decimal(number.normalize())),
        #[cfg(feature = "uuid")]
        Value::Uuid(uuid) => uuid.map(Part::Uuid),
        #[cfg(any(feature = "chrono", feature = "time"))]
        other => match moments::part(other) {
            Some(moment) => Some(moment),
            None => printed(other),
        },
        #[cfg(not(any(feature = "chrono", feature = "time")))]
        other => printed(other),
    }
}

fn printed(value: &Value) -> Option<Part> {
    (!is_null(value)).then(|| Part::Other(format!("{value:?}")))
}

/// One form for zero and one for what is no number.
fn float(number: f64) -> Part {
    let bits = if number == 0.0 {
        0.0_f64
    } else if number.is_nan() {
        f64::NAN
    } else {
        number
    };
    Part::Float(bits.to_bits())
}

#[cfg(any(feature = "chrono", feature = "time"))]
mod moments {
    use super::{Part, Value};
    #[cfg(feature = "chrono")]
    use crate::value::chrono;
    #[cfg(feature = "time")]
    use crate::value::time;

    pub(super) fn part(value: &Value) -> Option<Part> {
        match value {
            #[cfg(feature = "chrono")]
            Value::ChronoDate(date) => date.map(|date| Part::Date(chrono::days(date))),
            #[cfg(feature = "chrono")]
            Value::ChronoTime(time) => time.map(|time| Part::Time(chrono::time_micros(time))),
            #[cfg(feature = "chrono")]
            Value::ChronoDateTime(moment) => moment.map(|moment| Part::Moment(chrono::micros(moment))),
            #[cfg(feature = "chrono")]
            Value::ChronoDateTimeUtc(moment) => moment.map(|moment| Part::Moment(chrono::micros(moment.naive_utc()))),
            #[cfg(feature = "time")]
            Value::TimeDate(date) => date.map(|date| Part::Date(time::days(date))),
            #[cfg(feature = "time")]
            Value::TimeTime(time) => time.map(|time| Part::Time(time::time_micros(time))),
            #[cfg(feature = "time")]
            Value::TimeDateTime(moment) => moment.map(|moment| Part::Moment(time::micros(moment))),
            #[cfg(feature = "time")]
            Value::TimeDateTimeWithTimeZone(moment) => {
                moment.and_then(|moment| time::utc(moment).ok()).map(|moment| Part::Moment(time::micros(moment)))
            }
            _ => None,
        }
    }
}

/// Whether values of this type can be equal in the database and different here: text, under a collation that does not tell letters or
/// blanks apart.
pub(crate) const fn only_the_database_compares(sql_type: SqlType) -> bool {
    matches!(sql_type, SqlType::Text)
}

/// The same of a key of these columns.
pub(crate) fn only_the_database_compares_any(def: &EntityDef, columns: &[usize]) -> bool {
    columns.iter().any(|column| only_the_database_compares(def.columns[*column].sql_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(value: Value) -> Option<ComparableKey> {
        ComparableKey::of([&value])
    }

    #[test]
    fn integers_of_all_widths_are_numbers() {
        let one = key(Value::BigInt(Some(1)));
        assert!(one.is_some());
        for other in [
            Value::TinyInt(Some(1)),
            Value::SmallInt(Some(1)),
            Value::Int(Some(1)),
            Value::TinyUnsigned(Some(1)),
            Value::SmallUnsigned(Some(1)),
            Value::Unsigned(Some(1)),
            Value::BigUnsigned(Some(1)),
        ] {
            assert_eq!(key(other), one);
        }
        assert_ne!(key(Value::BigUnsigned(Some(u64::MAX))), key(Value::BigInt(Some(-1))));
        assert!(key(Value::BigUnsigned(Some(u64::MAX))) > key(Value::BigInt(Some(i64::MAX))));
        assert_eq!(key(Value::BigInt(None)), None);
    }

    #[test]
    fn a_float_has_one_zero() {
        assert_eq!(key(Value::Double(Some(-0.0))), key(Value::Float(Some(0.0))));
        assert_ne!(key(Value::Double(Some(1.5))), key(Value::Double(Some(1.25))));
    }

    #[cfg(feature = "rust_decimal")]
    #[test]
    fn a_decimal_has_no_scale() {
        let decimal = |text: &str| key(Value::Decimal(Some(text.parse().expect("a decimal"))));
        assert_eq!(decimal("1.1"), decimal("1.10"));
        assert_eq!(decimal("100"), decimal("100.000"));
        assert_eq!(decimal("0"), decimal("-0.00"));
        assert_ne!(decimal("1.1"), decimal("1.11"));
    }

    #[test]
    fn text_is_as_it_is_written() {
        let text = |text: &str| key(Value::String(Some(text.to_owned())));
        assert_ne!(text("ada"), text("ADA"));
        assert_eq!(text("a"), key(Value::Char(Some('a'))));
    }

    #[test]
    fn a_key_of_several_parts_needs_all_of_them() {
        let (one, two, null) = (Value::Int(Some(1)), Value::BigInt(Some(2)), Value::BigInt(None));
        assert_eq!(ComparableKey::of([&one, &null]), None);
        assert_ne!(ComparableKey::of([&one, &two]), ComparableKey::of([&two, &one]));
        assert_eq!(ComparableKey::of([]), None);
    }
}
