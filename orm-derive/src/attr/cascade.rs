//! `cascade = "all, delete-orphan"`, in SQLAlchemy's words.

use syn::LitStr;

use crate::catalogue;
use crate::suggest;

const WORDS: &[&str] = &["all", "save-update", "merge", "refresh-expire", "expunge", "delete", "delete-orphan", "none"];

/// What follows from the owner to the members.
///
/// `save-update`, `merge`, `refresh-expire` and `expunge` always do and are accepted so that SQLAlchemy's lists read on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cascade {
    pub(crate) delete: bool,
    pub(crate) delete_orphan: bool,
}

impl Cascade {
    /// Reads the list of words.
    pub(super) fn parse(text: &LitStr) -> syn::Result<Self> {
        let mut cascade = Self::default();
        let value = text.value();
        for word in value.split(',').map(str::trim) {
            match word {
                "all" | "delete" => cascade.delete = true,
                "delete-orphan" => cascade.delete_orphan = true,
                known if WORDS.contains(&known) => {}
                unknown => {
                    let near = suggest::closest(unknown, WORDS.iter().copied());
                    return Err(catalogue::unknown_cascade(unknown, near, WORDS).at(text));
                }
            }
        }
        Ok(cascade)
    }
}
