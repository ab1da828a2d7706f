//! `?` in a text of the user's, as PostgreSQL and MySQL spell it.

#[cfg(feature = "postgres")]
use std::fmt::Write as _;

/// `?` becomes `$1`, `$2`, .. in their order, `?3` becomes `$3`, `??` a question mark (operators of JSON have some). What stands in
/// literals, quoted identifiers and comments stays as it is.
#[cfg(feature = "postgres")]
pub(crate) fn numbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 8);
    let (mut at, mut largest) = (0, 0_usize);
    while let Some(found) = sql[at..].find(['?', '\'', '"', '-', '/', '$']) {
        let start = at + found;
        text.push_str(&sql[at..start]);
        let rest = &sql[start..];
        if rest.starts_with("??") {
            text.push('?');
            at = start + 2;
        } else if let Some(rest) = rest.strip_prefix('?') {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = rest[..digits].parse().unwrap_or(largest + 1);
            largest = largest.max(number);
            let _ = write!(text, "${number}");
            at = start + 1 + digits;
        } else {
            let length = opaque(&sql[..start], rest);
            text.push_str(&rest[..length]);
            at = start + length;
        }
    }
    text.push_str(&sql[at..]);
    text
}

/// The positions of the values that each `?` of the text takes, and the text with bare ones: `?3` is the third value wherever it stands,
/// and MySQL knows but `?`. `None` where no number stands behind one.
#[cfg(feature = "mysql")]
pub(crate) fn positional(sql: &str) -> Option<(String, Vec<usize>)> {
    let mut text = String::with_capacity(sql.len());
    let (mut at, mut largest, mut places, mut has_numbers) = (0, 0_usize, Vec::new(), false);
    while let Some(found) = sql[at..].find(['?', '\'', '"', '`', '-', '/', '#']) {
        let start = at + found;
        text.push_str(&sql[at..start]);
        let rest = &sql[start..];
        if let Some(rest) = rest.strip_prefix('?') {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            has_numbers |= digits > 0;
            let number = rest[..digits].parse().unwrap_or(largest + 1);
            largest = largest.max(number);
            places.push(number.saturating_sub(1));
            text.push('?');
            at = start + 1 + digits;
        } else {
            let length = match rest.as_bytes() {
                [b'\'' | b'"', ..] => quoted(rest, Backslash::Escapes),
                [b'`', ..] => quoted(rest, Backslash::Plain),
                [b'#', ..] | [b'-', b'-', ..] => rest.find('\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => rest.find("*/").map_or(rest.len(), |end| end + 2),
                _ => 1,
            };
            text.push_str(&rest[..length]);
            at = start + length;
        }
    }
    text.push_str(&sql[at..]);
    has_numbers.then_some((text, places))
}

/// How much of the text, whose first character may open something quoted, has no placeholders.
#[cfg(feature = "postgres")]
fn opaque(before: &str, rest: &str) -> usize {
    let is_word = |text: &str| text.ends_with(|last: char| last.is_alphanumeric() || last == '_' || last == '$');
    match rest.as_bytes() {
        [b'\'', ..] => {
            let escapes = before.strip_suffix(['e', 'E']).is_some_and(|before| !is_word(before));
            quoted(rest, if escapes { Backslash::Escapes } else { Backslash::Plain })
        }
        [b'"', ..] => quoted(rest, Backslash::Plain),
        [b'-', b'-', ..] => rest.find('\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => comment(rest),
        [b'$', ..] if !is_word(before) => dollar_quoted(rest),
        _ => 1,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backslash {
    Plain,
    Escapes,
}

/// The length of a literal or identifier; its own quote is doubled in it.
fn quoted(text: &str, backslash: Backslash) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' && backslash == Backslash::Escapes {
            at += 1;
        } else if *byte == bytes[0] {
            if bytes.get(at + 1) != Some(byte) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    text.len()
}

/// The length of a comment, which may hold others.
#[cfg(feature = "postgres")]
fn comment(text: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let Some(found) = text[at..].find(['/', '*']) else { return text.len() };
        at += found;
        match text.get(at..at + 2) {
            Some("/*") => (at, depth) = (at + 2, depth + 1),
            Some("*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

/// The length of a literal between `$$` or `$tag$`; of the dollar alone where it opens none.
#[cfg(feature = "postgres")]
fn dollar_quoted(text: &str) -> usize {
    let Some(end) = text[1..].find('$') else { return 1 };
    let tag = &text[1..=end];
    let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_') && !tag.starts_with(|c: char| c.is_ascii_digit());
    if !is_tag {
        return 1;
    }
    let mark = &text[..end + 2];
    match text[mark.len()..].find(mark) {
        Some(length) => length + 2 * mark.len(),
        None => text.len(),
    }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "postgres")]
    use super::numbered;

    #[cfg(feature = "mysql")]
    #[test]
    fn numbers_become_places() {
        use super::positional;
        assert_eq!(positional("a = ? AND b = ?"), None);
        assert_eq!(
            positional("a = ?2 AND b = ?1 AND c = ?"),
            Some(("a = ? AND b = ? AND c = ?".to_owned(), vec![1, 0, 2]))
        );
        let quoted = r#"a = '\'?1' AND `?2` = "?3" -- ?4
            AND b /* ?5 */ = ?1 # ?6"#;
        let (text, places) = positional(quoted).expect("a number");
        assert_eq!((text, places), (quoted.replace("= ?1 #", "= ? #"), vec![0]));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn question_marks_get_numbers() {
        for (sql, expected) in [
            ("SELECT 1", "SELECT 1"),
            ("a = ? AND b = ?", "a = $1 AND b = $2"),
            ("a = ?2 AND b = ?1 AND c = ?", "a = $2 AND b = $1 AND c = $3"),
            ("data ?? 'k' AND data ??| ?", "data ? 'k' AND data ?| $1"),
            ("'?' || ? || 'it''s ?'", "'?' || $1 || 'it''s ?'"),
            (r"'\' || ?", r"'\' || $1"),
            (r"E'\'?''?' || ?", r"E'\'?''?' || $1"),
            (r"name'\' || ?", r"name'\' || $1"),
            (r#""odd ""?"" name" = ?"#, r#""odd ""?"" name" = $1"#),
            ("a -- what?\n= ?", "a -- what?\n= $1"),
            ("a /* ? /* ? */ ? */ = ? / 2 - ?", "a /* ? /* ? */ ? */ = $1 / 2 - $2"),
            ("$$ ? $$ || $tag$ $$ ? $tag$ || ?", "$$ ? $$ || $tag$ $$ ? $tag$ || $1"),
            ("a = $1 AND b$x$ = ?", "a = $1 AND b$x$ = $1"),
            ("$é$ ? $é$ ?", "$é$ ? $é$ $1"),
            ("never 'closed ?", "never 'closed ?"),
            ("never /* closed ? é", "never /* closed ? é"),
            ("arr[?] ?", "arr[$1] $2"),
        ] {
            assert_eq!(numbered(sql), expected);
        }
    }
}
