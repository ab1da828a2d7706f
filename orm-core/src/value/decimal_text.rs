//! The collation `orm_decimal`: texts in the order of the exact numbers they spell.

#![cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "PostgreSQL has a type for it"))]

use std::cmp::Ordering;

/// The name of the collation, registered on every SQLite connection.
pub(crate) const COLLATION: &str = "orm_decimal";

/// `[+-]digits[.digits]` without the zeros that change nothing.
#[derive(PartialEq, Eq)]
struct DecimalText<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
}

impl<'t> DecimalText<'t> {
    fn parse(text: &'t [u8]) -> Option<Self> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let point = digits.iter().position(|byte| *byte == b'.');
        let (whole, fraction) = match point {
            Some(point) => (digits.get(..point)?, digits.get(point + 1..)?),
            None => (digits, &[][..]),
        };
        if whole.is_empty() && fraction.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let start = whole.iter().position(|byte| *byte != b'0').unwrap_or(whole.len());
        let end = fraction.iter().rposition(|byte| *byte != b'0').map_or(0, |last| last + 1);
        let (whole, fraction) = (whole.get(start..)?, fraction.get(..end)?);
        // There is one zero.
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Self { negative, whole, fraction })
    }

    fn compare_size(&self, other: &Self) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            // A missing digit is a zero, and trailing zeros are gone: the order of bytes is the order of fractions.
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

/// Compares as exact numbers. What is no number comes after all numbers, in the order of its bytes.
pub(crate) fn compare(one: &str, two: &str) -> Ordering {
    match (DecimalText::parse(one.as_bytes()), DecimalText::parse(two.as_bytes())) {
        (Some(one), Some(two)) => match (one.negative, two.negative) {
            (false, false) => one.compare_size(&two),
            (true, true) => two.compare_size(&one),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        },
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(two),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_their_order() {
        let ordered =
            ["-100", "-10.5", "-9.99", "-0.001", "0", "0.0001", "0.001", "1.2", "1.23", "2", "10", "99.9", "abc", "b"];
        for (i, one) in ordered.iter().enumerate() {
            for (j, two) in ordered.iter().enumerate() {
                assert_eq!(compare(one, two), i.cmp(&j), "{one} and {two}");
            }
        }
    }

    #[test]
    fn zeros_that_change_nothing_do_not_count() {
        for (one, two) in [("1", "1.000"), ("007.50", "7.5"), ("-0", "0.0"), ("+3", "3"), (".5", "0.5"), ("5.", "5")] {
            assert_eq!(compare(one, two), Ordering::Equal, "{one} and {two}");
        }
    }

    #[test]
    fn more_digits_than_a_float_holds_are_told_apart() {
        assert_eq!(compare("0.1000000000000000000000000001", "0.1"), Ordering::Greater);
        assert_eq!(compare("79228162514264337593543950334", "79228162514264337593543950335"), Ordering::Less);
    }
}
