//! "did you mean": the word nearest to what was typed.

/// The candidate that is near enough to be what the user meant.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = normalized(word);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &normalized(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= tolerance(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A third of the letters may be wrong: more is another word.
fn tolerance(candidate: &str) -> usize {
    (candidate.len() / 3).max(1)
}

/// `primaryKey`, `primary-key` and `primarykey` are all `primary_key`.
fn normalized(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
