//! `?` in a text of the user's, as PostgreSQL spells it.

use std::fmt::Write as _;

/// `?` becomes `$1`, `$2`, .. in their order, `?3` becomes `$3`, `??` a question mark (operators of JSON have some). What stands in
/// literals, quoted identifiers and comments stays as it is.
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

/// How much of the text, whose first character may open something quoted, has no placeholders.
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
    use super::numbered;

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
