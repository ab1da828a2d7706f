//! The goldens, held to the rules of the house: what a message may not say, how long it may be, in whose voice it speaks.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A golden and its text.
struct Golden {
    name: String,
    text: String,
}

impl Golden {
    /// The first line, without the code: what a reader sees first, and perhaps alone.
    fn headlines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| line.starts_with("error"))
    }

    fn is_ours(&self) -> bool {
        self.headlines().next().is_some_and(|headline| !RUSTC_SAYS.iter().any(|words| headline.contains(words)))
    }
}

/// How rustc begins where no word is ours.
const RUSTC_SAYS: &[&str] = &[
    "cannot borrow `",
    "cannot move out of `",
    "does not live long enough",
    "lifetime may not live long enough",
    "cannot borrow data in",
    "borrowed data escapes",
    "mismatched types",
    "type mismatch resolving",
    "the trait bound `",
    "no method named",
    "type annotations needed",
];

/// What no golden may say.
const NEVER: &[(&str, &str)] = &[
    ("__private", "a hidden path is not the user's"),
    ("originates in the derive macro", "the caret is on what the user wrote, not on the macro"),
    ("originates in the macro", "the caret is on what the user wrote, not on the macro"),
    ("$RUST", "the source of the standard library changes with the toolchain"),
    ("/rustc/", "the source of the standard library changes with the toolchain"),
    ("/work/", "a path of one machine"),
    ("/home/", "a path of one machine"),
    ("/root/", "a path of one machine"),
    ("warning:", "a case is one mistake and nothing beside it"),
    ("can't find crate", "the case does not get as far as its mistake"),
    ("orm bug", "a bug of ours is not a message"),
];

/// The cases in which several errors are the point.
const SEVERAL: &[&str] = &["each_of_several_mistakes_is_told", "two_required_columns_are_not_set_in_insert"];

/// What a golden may have: most have less.
const LONGEST: usize = 45;

/// What a golden has on average, at most.
const MEAN: f64 = 15.0;

/// How many goldens begin in our own voice, at least.
const OURS: f64 = 0.65;

#[test]
fn every_mistake_has_a_golden() {
    for case in files("fail", "rs") {
        assert!(case.with_extension("stderr").exists(), "{} has no golden: bless it", case.display());
    }
    for golden in files("fail", "stderr") {
        assert!(golden.with_extension("rs").exists(), "{} is the golden of nothing", golden.display());
    }
}

#[test]
fn no_golden_says_what_is_not_for_the_user() {
    let goldens = goldens();
    let said = goldens.iter().flat_map(|golden| {
        let said = NEVER.iter().filter(|(words, _)| golden.text.contains(words));
        said.map(|(words, why)| format!("{}: `{words}`: {why}", golden.name))
    });
    let said: Vec<String> = said.collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn one_mistake_is_one_error() {
    for golden in goldens() {
        let errors = golden.headlines().count();
        let several = SEVERAL.iter().any(|name| golden.name.contains(name));
        assert_eq!(errors > 1, several, "{}: {errors} errors", golden.name);
        assert!(errors > 0, "{} says nothing", golden.name);
    }
}

#[test]
fn goldens_are_short() {
    let goldens = goldens();
    for golden in &goldens {
        let lines = golden.text.lines().count();
        assert!(lines <= LONGEST, "{}: {lines} lines", golden.name);
    }
    let mean = goldens.iter().map(|golden| golden.text.lines().count() as f64).sum::<f64>() / goldens.len() as f64;
    assert!(mean <= MEAN, "the mean is {mean:.1} lines");
}

#[test]
fn most_goldens_speak_in_our_voice() {
    let goldens = goldens();
    let ours = goldens.iter().filter(|golden| golden.is_ours()).count() as f64 / goldens.len() as f64;
    assert!(ours >= OURS, "{:.0}% speak in our voice", ours * 100.0);
}

fn goldens() -> Vec<Golden> {
    let read = |path: PathBuf| Golden {
        name: path.display().to_string(),
        text: fs::read_to_string(&path).expect("a golden is text"),
    };
    files("fail", "stderr").into_iter().map(read).collect()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    gather(Path::new(folder), extension, &mut found);
    found.sort();
    found
}

fn gather(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            gather(&path, extension, found);
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
}
