//! Which statements a connection keeps prepared: those that come again, and no more of them than a server can bear.
//!
//! A prepared statement takes memory of the server, some 500 bytes for each placeholder on MariaDB, and there it counts against what all
//! clients may have. So on MySQL a filter of ever new shape is not kept, since no statement is kept the first time; nor is a list of thousands.
//! On PostgreSQL a statement has a name from its first use on, because the driver asks the server for the types of a program (enums,
//! domains) while it prepares one, and that ends a statement without a name; the sum of the texts is limited all the same.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashMap;

/// A longer text is never kept: one of 20,000 placeholders.
const LONGEST: usize = 64 << 10;

/// The length of all that is kept on one connection.
const MOST: usize = 256 << 10;

/// How many texts are remembered, as hashes.
const MOST_TEXTS: usize = 16_384;

/// What becomes of a statement once it has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It is prepared for this time alone.
    No,
    /// It stays prepared.
    Yes,
    /// It stays prepared, and all others are let go.
    Alone,
}

/// The texts that a connection has seen.
#[derive(Debug, Default)]
pub(super) struct Recurring {
    seen: HashMap<u64, Seen, RandomState>,
    /// The length of what is kept; what the driver has let go since still counts.
    kept: usize,
}

/// What is known of a text.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// What the driver's side has to remember of it.
    note: u64,
    keep: Keep,
}

impl Recurring {
    /// What was noted of a text that came before.
    #[cfg(feature = "mysql")]
    pub(super) fn note(&self, sql: &str) -> Option<u64> {
        self.seen.get(&self.hash(sql)).map(|seen| seen.note)
    }

    /// A text comes that is kept from its first use on. `None` when it is kept with another note.
    #[cfg(feature = "postgres")]
    pub(super) fn stays(&mut self, sql: &str, note: u64) -> Option<Keep> {
        let hash = self.hash(sql);
        match self.seen.get(&hash) {
            Some(seen) => (seen.note == note).then_some(seen.keep),
            None => Some(self.keep_hashed(hash, sql.len(), note)),
        }
    }

    /// A text comes, for the first time or again, with what is to be remembered of it. `None` when it is kept with another note, or there
    /// is no more room.
    #[cfg(feature = "mysql")]
    pub(super) fn comes(&mut self, sql: &str, note: u64) -> Option<Keep> {
        let hash = self.hash(sql);
        match self.seen.get(&hash) {
            Some(Seen { keep: Keep::No, .. }) if !Self::is_long(sql) => Some(self.keep_hashed(hash, sql.len(), note)),
            Some(seen) => (seen.note == note || seen.keep == Keep::No).then_some(seen.keep),
            None => {
                if self.seen.len() >= MOST_TEXTS {
                    self.seen.retain(|_, seen| seen.keep != Keep::No);
                }
                let room = self.seen.len() < MOST_TEXTS;
                room.then(|| {
                    self.seen.insert(hash, Seen { note, keep: Keep::No });
                    Keep::No
                })
            }
        }
    }

    /// Whether a text came before; from now on it has. For a connection on which nothing is kept.
    #[cfg(feature = "postgres")]
    pub(super) fn has_seen(&mut self, sql: &str) -> bool {
        let hash = self.hash(sql);
        self.seen.contains_key(&hash) || {
            if self.seen.len() >= MOST_TEXTS {
                self.clear();
            }
            self.seen.insert(hash, Seen { note: 0, keep: Keep::No });
            false
        }
    }

    /// A text is kept from now on.
    #[cfg(feature = "mysql")]
    pub(super) fn keep(&mut self, sql: &str, note: u64) -> Keep {
        self.keep_hashed(self.hash(sql), sql.len(), note)
    }

    fn keep_hashed(&mut self, hash: u64, length: usize, note: u64) -> Keep {
        let keep = if self.kept + length > MOST { Keep::Alone } else { Keep::Yes };
        if keep == Keep::Alone {
            self.clear();
        }
        self.kept += length;
        self.seen.insert(hash, Seen { note, keep: Keep::Yes });
        keep
    }

    /// Whether a text is too long to be kept beside others.
    pub(super) fn is_long(sql: &str) -> bool {
        sql.len() > LONGEST
    }

    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.kept = 0;
    }

    fn hash(&self, sql: &str) -> u64 {
        self.seen.hasher().hash_one(sql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "postgres")]
    #[test]
    fn what_stays_is_kept_at_once_and_lets_others_go_at_the_limit() {
        let mut texts = Recurring::default();
        assert_eq!((texts.stays("SELECT 1", 7), texts.stays("SELECT 1", 7)), (Some(Keep::Yes), Some(Keep::Yes)));
        assert_eq!(texts.stays("SELECT 1", 8), None, "kept for others");
        let half = |number: usize| format!("{number}{}", "x".repeat(MOST / 2));
        assert_eq!((texts.stays(&half(1), 0), texts.stays(&half(2), 0)), (Some(Keep::Yes), Some(Keep::Alone)));
        assert!(texts.kept <= MOST);
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn what_comes_again_is_kept() {
        let mut texts = Recurring::default();
        assert_eq!(texts.comes("SELECT 1", 7), Some(Keep::No));
        assert_eq!((texts.comes("SELECT 1", 7), texts.comes("SELECT 1", 7)), (Some(Keep::Yes), Some(Keep::Yes)));
        assert_eq!(texts.comes("SELECT 1", 8), None, "kept for others");
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn what_is_long_is_never_kept_and_the_sum_of_lengths_is_limited() {
        let mut texts = Recurring::default();
        let long = "x".repeat(LONGEST + 1);
        assert!((0..3).all(|_| texts.comes(&long, 0) == Some(Keep::No)));
        let half = |number: usize| format!("{number}{}", "x".repeat(LONGEST / 2));
        let kept: Vec<_> =
            (0..9).map(|number| (texts.comes(&half(number), 0), texts.comes(&half(number), 0)).1).collect();
        assert_eq!(kept.iter().filter(|keep| **keep == Some(Keep::Alone)).count(), 1, "{kept:?}");
        assert!(texts.kept <= MOST);
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn ever_new_texts_are_forgotten_and_leave_room() {
        let mut texts = Recurring::default();
        for number in 0..3 * MOST_TEXTS {
            assert_eq!(texts.comes(&format!("SELECT {number}"), 0), Some(Keep::No));
        }
        assert!(texts.seen.len() <= MOST_TEXTS);
    }
}
