//! PostgreSQL's binary NUMERIC: base 10000 digits, exact.

use super::DecodeError;

const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0;
/// Decimal digits in one of PostgreSQL's.
const WIDTH: i32 = 4;

/// A finite number: the sum of `digit * 10000^(weight - index)`.
#[derive(Debug)]
pub(crate) struct Numeric<'r> {
    negative: bool,
    weight: i32,
    /// Decimal digits after the point.
    scale: u16,
    /// Big-endian pairs.
    digits: &'r [u8],
}

fn too_large(expected: &str) -> DecodeError {
    DecodeError::new(format!("found a numeric of too many digits, expected {expected}"))
}

impl<'r> Numeric<'r> {
    pub(crate) fn parse(bytes: &'r [u8]) -> Result<Self, DecodeError> {
        let Some((&[n1, n2, w1, w2, s1, s2, d1, d2], digits)) = bytes.split_first_chunk::<8>() else {
            return Err(DecodeError::new("found a numeric of less than 8 bytes"));
        };
        let sign = u16::from_be_bytes([s1, s2]);
        if sign != NEGATIVE && sign != POSITIVE {
            return Err(DecodeError::new("found a numeric that is NaN or infinite, expected a number"));
        }
        if digits.len() != usize::from(u16::from_be_bytes([n1, n2])) * 2 {
            return Err(DecodeError::new("found a numeric that is cut off"));
        }
        Ok(Self {
            negative: sign == NEGATIVE,
            weight: i16::from_be_bytes([w1, w2]).into(),
            scale: u16::from_be_bytes([d1, d2]),
            digits,
        })
    }

    fn digits(&self) -> impl Iterator<Item = u128> {
        self.digits.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair).into())
    }

    /// The number as `±mantissa / 10^scale`; `None` when the mantissa takes more than 128 bits.
    pub(crate) fn mantissa(&self) -> Option<(i128, u32)> {
        let mut mantissa: u128 = 0;
        let mut count = 0;
        for digit in self.digits() {
            mantissa = mantissa.checked_mul(10_000)?.checked_add(digit)?;
            count += 1;
        }
        // How many decimal digits of the mantissa stand after the point; fewer or more than the scale by padding zeros only.
        let after = (count - 1 - self.weight) * WIDTH;
        let wanted = i32::from(self.scale);
        if mantissa == 0 {
            return Some((0, self.scale.into()));
        }
        if after < wanted {
            mantissa = mantissa.checked_mul(10_u128.checked_pow((wanted - after).unsigned_abs())?)?;
        } else {
            for _ in wanted..after {
                if !mantissa.is_multiple_of(10) {
                    return None;
                }
                mantissa /= 10;
            }
        }
        let mantissa = i128::try_from(mantissa).ok()?;
        Some((if self.negative { -mantissa } else { mantissa }, self.scale.into()))
    }

    /// The number if it is whole and fits.
    pub(crate) fn to_i64(&self) -> Result<i64, DecodeError> {
        let (mut mantissa, scale) = self.mantissa().ok_or_else(|| too_large("an integer of 64 bits"))?;
        for _ in 0..scale {
            if mantissa % 10 != 0 {
                return Err(DecodeError::new("found a numeric with a fraction, expected an integer"));
            }
            mantissa /= 10;
        }
        i64::try_from(mantissa).map_err(|_| too_large("an integer of 64 bits"))
    }

    /// The nearest floating point number.
    pub(crate) fn to_f64(&self) -> Result<f64, DecodeError> {
        // By way of text, whose parser rounds correctly.
        let mut text = String::from(if self.negative { "-0" } else { "0" });
        for digit in self.digits() {
            text.push_str(&format!("{digit:04}"));
        }
        let count = i32::try_from(self.digits.len() / 2).unwrap_or(i32::MAX);
        text.push_str(&format!("e{}", (self.weight - count + 1) * WIDTH));
        text.parse().map_err(|_| too_large("a floating point number"))
    }
}

/// Appends `±mantissa / 10^scale` in PostgreSQL's binary form; the mantissa has at most 96 bits.
#[cfg_attr(not(all(feature = "rust_decimal", feature = "postgres")), allow(dead_code, reason = "for that type alone"))]
pub(crate) fn write_numeric(out: &mut Vec<u8>, mantissa: i128, scale: u16) {
    // The point must stand between two digits of base 10000.
    let padding = (4 - scale % 4) % 4;
    let mut rest = mantissa.unsigned_abs() * 10_u128.pow(padding.into());
    let mut digits = [0_u16; 10];
    for place in digits.iter_mut().rev() {
        *place = u16::try_from(rest % 10_000).unwrap_or_default();
        rest /= 10_000;
    }
    let first = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len());
    let end = digits.iter().rposition(|digit| *digit != 0).map_or(first, |last| last + 1);
    let used = digits.get(first..end).unwrap_or_default();
    let before_point = i16::try_from(digits.len() - first).unwrap_or_default()
        - i16::try_from((scale + padding) / 4).unwrap_or_default();
    let weight = if used.is_empty() { 0 } else { before_point - 1 };
    out.extend_from_slice(&u16::try_from(used.len()).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&(if mantissa < 0 { NEGATIVE } else { POSITIVE }).to_be_bytes());
    out.extend_from_slice(&scale.to_be_bytes());
    for digit in used {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(mantissa: i128, scale: u16) {
        let mut bytes = Vec::new();
        write_numeric(&mut bytes, mantissa, scale);
        let back = Numeric::parse(&bytes).expect("written").mantissa();
        assert_eq!(back, Some((mantissa, scale.into())), "{mantissa}e-{scale}: {bytes:?}");
    }

    #[test]
    fn what_is_written_is_read() {
        for scale in 0..=28 {
            for mantissa in [0, 1, -1, 9, 10, 9_999, 10_000, 10_001, -123_456_789, (1 << 96) - 1, -((1 << 96) - 1)] {
                round_trip(mantissa, scale);
            }
        }
    }

    #[test]
    fn known_bytes() {
        // What PostgreSQL sends for 12345.678::numeric.
        let bytes = [0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124];
        let numeric = Numeric::parse(&bytes).expect("valid");
        assert_eq!(numeric.mantissa(), Some((12_345_678, 3)));
        assert_eq!(numeric.to_f64().expect("finite"), 12345.678);
        assert!(numeric.to_i64().is_err());
        let mut written = Vec::new();
        write_numeric(&mut written, 12_345_678, 3);
        assert_eq!(written, bytes);
    }

    #[test]
    fn nan_and_the_cut_off_are_refused() {
        assert!(Numeric::parse(&[0, 0, 0, 0, 0xC0, 0, 0, 0]).is_err());
        assert!(Numeric::parse(&[0, 1, 0, 0, 0, 0, 0, 0]).is_err());
        assert!(Numeric::parse(&[0]).is_err());
    }

    #[test]
    fn whole_numbers() {
        let mut bytes = Vec::new();
        write_numeric(&mut bytes, i128::from(i64::MIN) * 100, 2);
        assert_eq!(Numeric::parse(&bytes).expect("valid").to_i64().expect("fits"), i64::MIN);
        bytes.clear();
        write_numeric(&mut bytes, i128::from(i64::MAX) + 1, 0);
        assert!(Numeric::parse(&bytes).expect("valid").to_i64().is_err());
    }
}
