//! How long a comment, a literal or a quoted name is, and whether it comes to its end.

use crate::dialect::Dialect;

use super::{Backslash, Ending};

/// A comment to the end of the line, which does not belong to it.
pub(super) fn line(dialect: Dialect, text: &str) -> usize {
    let ends = |byte: u8| byte == b'\n' || (byte == b'\r' && dialect == Dialect::Postgres);
    text.bytes().position(ends).unwrap_or(text.len())
}

/// A comment between `/*` and `*/`. PostgreSQL's may hold others; SQLite ends one at the end of the text.
pub(super) fn block(dialect: Dialect, text: &str) -> (usize, Ending) {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (2, 1_usize);
    while depth > 0 {
        match bytes.get(at..) {
            Some([b'*', b'/', ..]) => (at, depth) = (at + 2, depth - 1),
            Some([b'/', b'*', ..]) if dialect == Dialect::Postgres => (at, depth) = (at + 2, depth + 1),
            Some([_, ..]) => at += 1,
            _ => return (text.len(), Ending::Missing),
        }
    }
    (at, Ending::Closed)
}

/// A literal or a name, whose own quote is doubled in it.
pub(super) fn quoted(text: &str, backslash: Backslash) -> (usize, Ending) {
    let bytes = text.as_bytes();
    let Some(quote) = bytes.first() else { return (0, Ending::Missing) };
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' && backslash == Backslash::Escapes {
            at += 1;
        } else if byte == quote {
            if bytes.get(at + 1) != Some(quote) {
                return (at + 1, Ending::Closed);
            }
            at += 1;
        }
        at += 1;
    }
    (text.len(), Ending::Missing)
}

/// `[name]`, which SQLite takes from others.
pub(super) fn bracketed(text: &str) -> (usize, Ending) {
    text.find(']').map_or((text.len(), Ending::Missing), |end| (end + 1, Ending::Closed))
}

/// A literal between `$$` or `$tag$`; `None` where the dollar opens none.
pub(super) fn dollar(text: &str) -> Option<(usize, Ending)> {
    let end = 1 + text.get(1..)?.find('$')?;
    let tag = &text[1..end];
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
    if !tag.bytes().all(is_tag) || tag.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mark = &text[..=end];
    let inside = &text[mark.len()..];
    Some(match inside.find(mark) {
        Some(length) => (length + 2 * mark.len(), Ending::Closed),
        None => (text.len(), Ending::Missing),
    })
}
