//! Text patterns: user text that matches itself, and LIKE patterns as other databases want them.

/// Text that matches itself inside a LIKE pattern.
pub(super) fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// What a LIKE pattern asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// This text, anywhere.
    Contains(String),
    /// This text at the start.
    StartsWith(String),
    /// This text at the end.
    EndsWith(String),
    /// Anything else.
    Other,
}

/// A part of a LIKE pattern.
enum Part {
    Character(char),
    AnyText,
    AnyCharacter,
}

/// The parts of a LIKE pattern, where `\` escapes; at its end it is itself.
fn parts(pattern: &str) -> impl Iterator<Item = Part> {
    let mut characters = pattern.chars();
    std::iter::from_fn(move || {
        Some(match characters.next()? {
            '%' => Part::AnyText,
            '_' => Part::AnyCharacter,
            '\\' => Part::Character(characters.next().unwrap_or('\\')),
            other => Part::Character(other),
        })
    })
}

impl Pattern {
    /// Reads a LIKE pattern.
    pub(crate) fn of(pattern: &str) -> Self {
        let (mut text, mut starts, mut ends) = (String::with_capacity(pattern.len()), true, true);
        for (at, part) in parts(pattern).enumerate() {
            match part {
                Part::Character(character) if ends => text.push(character),
                Part::AnyText if at == 0 => starts = false,
                Part::AnyText if ends => ends = false,
                _ => return Self::Other,
            }
        }
        match (starts, ends) {
            (false, false) => Self::Contains(text),
            (true, false) => Self::StartsWith(text),
            (false, true) => Self::EndsWith(text),
            (true, true) => Self::Other,
        }
    }
}

/// The same pattern for SQLite's GLOB, whose upper and lower case differ as they do in PostgreSQL's LIKE; its own LIKE
/// ignores the case of ASCII letters.
pub(crate) fn like_to_glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len() + 2);
    for part in parts(pattern) {
        match part {
            Part::AnyText => glob.push('*'),
            Part::AnyCharacter => glob.push('?'),
            Part::Character(character @ ('*' | '?' | '[')) => glob.extend(['[', character, ']']),
            Part::Character(character) => glob.push(character),
        }
    }
    glob
}

/// The same pattern where `!` escapes: MySQL's setting `NO_BACKSLASH_ESCAPES` takes that meaning from `\`.
pub(crate) fn escaped_by_exclamation(pattern: &str) -> String {
    let mut like = String::with_capacity(pattern.len() + 2);
    for part in parts(pattern) {
        match part {
            Part::AnyText => like.push('%'),
            Part::AnyCharacter => like.push('_'),
            Part::Character(character @ ('%' | '_' | '!')) => like.extend(['!', character]),
            Part::Character(character) => like.push(character),
        }
    }
    like
}
