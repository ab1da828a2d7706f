//! The fixed text forms of date, time and timestamp on SQLite, and PostgreSQL's counts of days and microseconds.
//!
//! Written: `YYYY-MM-DD`, `HH:MM:SS[.ffffff]` and the two with a blank between them, always in UTC and without an offset; the
//! fraction has six digits, or is left out when it is zero. So a row that `CURRENT_TIMESTAMP` wrote (`YYYY-MM-DD HH:MM:SS`)
//! is the same text as one that we wrote, and comparing texts is comparing moments: a missing fraction is a prefix of any other.
//! Read: also `T` between date and time, one to nine digits of fraction, `HH:MM`, and `Z` or an offset at the end. A moment
//! of more than microseconds is cut, never rounded up, on either database.

#![cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "PostgreSQL counts, and reads no text"))]

use super::DecodeError;

/// Microseconds of a day.
pub(crate) const DAY: i64 = 86_400_000_000;

/// A date of the proleptic Gregorian calendar, not yet checked beyond two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CivilDate {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// A time of day, not yet checked beyond two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CivilTime {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) micros: u32,
}

/// Text of at most 26 characters, without an allocation.
#[derive(Clone, Copy)]
pub(crate) struct ShortText {
    bytes: [u8; 26],
    len: usize,
}

impl ShortText {
    fn new() -> Self {
        Self { bytes: [0; 26], len: 0 }
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn digits(&mut self, value: u32, width: u32) {
        for place in (0..width).rev() {
            let digit = value / 10_u32.pow(place) % 10;
            self.push(b'0' + u8::try_from(digit).unwrap_or_default());
        }
    }

    fn date(&mut self, date: CivilDate) -> Result<(), DecodeError> {
        let year = u32::try_from(date.year).ok().filter(|year| *year <= 9999).ok_or_else(|| {
            DecodeError::new(format!("the year {} has no place in SQLite's text form, expected 0 to 9999", date.year))
        })?;
        self.digits(year, 4);
        self.push(b'-');
        self.digits(date.month.into(), 2);
        self.push(b'-');
        self.digits(date.day.into(), 2);
        Ok(())
    }

    fn time(&mut self, time: CivilTime) {
        self.digits(time.hour.into(), 2);
        self.push(b':');
        self.digits(time.minute.into(), 2);
        self.push(b':');
        self.digits(time.second.into(), 2);
        if time.micros != 0 {
            self.push(b'.');
            self.digits(time.micros, 6);
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// `YYYY-MM-DD`.
pub(crate) fn write_date(date: CivilDate) -> Result<ShortText, DecodeError> {
    let mut text = ShortText::new();
    text.date(date)?;
    Ok(text)
}

/// `HH:MM:SS[.ffffff]`.
pub(crate) fn write_time(time: CivilTime) -> ShortText {
    let mut text = ShortText::new();
    text.time(time);
    text
}

/// `YYYY-MM-DD HH:MM:SS[.ffffff]`.
pub(crate) fn write_timestamp(date: CivilDate, time: CivilTime) -> Result<ShortText, DecodeError> {
    let mut text = ShortText::new();
    text.date(date)?;
    text.push(b' ');
    text.time(time);
    Ok(text)
}

#[inline]
fn digit(byte: u8) -> Option<u8> {
    let value = byte.wrapping_sub(b'0');
    (value < 10).then_some(value)
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<u8> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// A date at the start of the text, and the rest.
fn date(text: &[u8]) -> Option<(CivilDate, &[u8])> {
    let (&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2], rest) = text.split_first_chunk::<10>()? else { return None };
    let year = i32::from(two(y1, y2)?) * 100 + i32::from(two(y3, y4)?);
    Some((CivilDate { year, month: two(m1, m2)?, day: two(d1, d2)? }, rest))
}

/// A time at the start of the text, and the rest.
fn time(text: &[u8]) -> Option<(CivilTime, &[u8])> {
    let (&[h1, h2, b':', m1, m2], rest) = text.split_first_chunk::<5>()? else { return None };
    let mut time = CivilTime { hour: two(h1, h2)?, minute: two(m1, m2)?, second: 0, micros: 0 };
    let (&[b':', s1, s2], mut rest) = (match rest.split_first_chunk::<3>() {
        Some(split) => split,
        None => return Some((time, rest)),
    }) else {
        return Some((time, rest));
    };
    time.second = two(s1, s2)?;
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        for place in 0..6 {
            let next = fraction.get(place).filter(|_| place < digits).and_then(|byte| digit(*byte)).unwrap_or(0);
            time.micros = time.micros * 10 + u32::from(next);
        }
        rest = fraction.get(digits..)?;
    }
    Some((time, rest))
}

/// An offset at the end of the text, in minutes east of UTC; none is UTC.
fn offset(text: &[u8]) -> Option<i32> {
    let (sign, hours, minutes) = match *text {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2] => (sign, two(h1, h2)?, 0),
        [sign, h1, h2, m1, m2] | [sign, h1, h2, b':', m1, m2] => (sign, two(h1, h2)?, two(m1, m2)?),
        _ => return None,
    };
    let east = i32::from(hours) * 60 + i32::from(minutes);
    match sign {
        b'+' => Some(east),
        b'-' => Some(-east),
        _ => None,
    }
}

#[cold]
fn no_form(text: &[u8], expected: &str) -> DecodeError {
    // The text may be anything that someone stored, also what is sensitive: its length says enough.
    DecodeError::new(format!("found a text of {} bytes in another form, expected {expected}", text.len()))
}

/// Reads `YYYY-MM-DD`.
#[inline]
pub(crate) fn parse_date(text: &[u8]) -> Result<CivilDate, DecodeError> {
    match date(text) {
        Some((date, [])) => Ok(date),
        _ => Err(no_form(text, "YYYY-MM-DD")),
    }
}

/// Reads `HH:MM[:SS[.f]]`.
#[inline]
pub(crate) fn parse_time(text: &[u8]) -> Result<CivilTime, DecodeError> {
    match time(text) {
        Some((time, [])) => Ok(time),
        _ => Err(no_form(text, "HH:MM:SS.ffffff")),
    }
}

/// Reads a timestamp: date, time, and the offset in minutes east of UTC.
#[inline]
pub(crate) fn parse_timestamp(text: &[u8]) -> Result<(CivilDate, CivilTime, i32), DecodeError> {
    timestamp(text).ok_or_else(|| no_form(text, "YYYY-MM-DD HH:MM:SS.ffffff"))
}

fn timestamp(text: &[u8]) -> Option<(CivilDate, CivilTime, i32)> {
    let (date, rest) = date(text)?;
    let [b' ' | b'T' | b't', rest @ ..] = rest else { return None };
    let (time, rest) = time(rest)?;
    Some((date, time, offset(rest)?))
}

/// The error for PostgreSQL's `infinity`, and for what a Rust type cannot hold.
#[cold]
pub(crate) fn beyond(expected: &str) -> DecodeError {
    DecodeError::new(format!("found a date or time beyond what the type holds (or `infinity`), expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> (CivilDate, CivilTime, i32) {
        parse_timestamp(text.as_bytes()).expect(text)
    }

    #[test]
    fn every_form_that_sqlite_writes_is_read() {
        let date = CivilDate { year: 2024, month: 2, day: 29 };
        let time = CivilTime { hour: 23, minute: 59, second: 58, micros: 0 };
        assert_eq!(moment("2024-02-29 23:59:58"), (date, time, 0));
        assert_eq!(moment("2024-02-29T23:59:58Z"), (date, time, 0));
        assert_eq!(moment("2024-02-29T23:59:58+00:00"), (date, time, 0));
        assert_eq!(moment("2024-02-29 23:59:58-05:30"), (date, time, -330));
        assert_eq!(moment("2024-02-29 23:59:58.123"), (date, CivilTime { micros: 123_000, ..time }, 0));
        assert_eq!(moment("2024-02-29 23:59:58.123456789"), (date, CivilTime { micros: 123_456, ..time }, 0));
        assert_eq!(moment("2024-02-29 23:59"), (date, CivilTime { second: 0, ..time }, 0));
    }

    #[test]
    fn another_form_is_refused_without_printing_it() {
        for text in
            ["", "2024-02-29", "2024-2-29 00:00:00", "2024-02-29 00:00:00.", "2024-02-29 00:00:00 x", "1709164800"]
        {
            let error = parse_timestamp(text.as_bytes()).expect_err(text);
            assert!(error.reason().contains("expected YYYY-MM-DD HH:MM:SS"), "{error:?}");
        }
        assert!(parse_date(b"2024-02-29 00:00:00").is_err());
        assert!(parse_time(b"1:02:03").is_err());
    }

    #[test]
    fn text_order_is_the_order_of_moments() {
        let date = CivilDate { year: 2024, month: 1, day: 1 };
        let texts: Vec<Vec<u8>> = [0, 1, 450_000, 500_000, 999_999]
            .into_iter()
            .map(|micros| CivilTime { hour: 1, minute: 2, second: 3, micros })
            .chain([CivilTime { hour: 1, minute: 2, second: 4, micros: 0 }])
            .map(|time| write_timestamp(date, time).expect("in range").as_bytes().to_vec())
            .collect();
        assert!(texts.is_sorted_by(|one, two| one < two));
        assert_eq!(texts[0], b"2024-01-01 01:02:03");
        assert_eq!(texts[1], b"2024-01-01 01:02:03.000001");
    }

    #[test]
    fn a_year_of_more_than_four_digits_is_refused() {
        for year in [-1, 10_000] {
            assert!(write_date(CivilDate { year, month: 1, day: 1 }).is_err());
        }
    }
}
