//! Columns that hold text: patterns, and user text that matches itself.

use super::{Column, Lower, Node, Operand, Predicate, pattern::escape_like};

/// A column type that is text: `String`, a newtype of it (`#[derive(ColumnType)]` implements this), an `Option` of either.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is not text",
    label = "`like`, `contains` and their kind need a column of text: `String`, a newtype of it, or an `Option` of either"
)]
pub trait TextColumn {}

#[diagnostic::do_not_recommend]
impl TextColumn for String {}
#[diagnostic::do_not_recommend]
impl<T: TextColumn> TextColumn for Option<T> {}

impl<E, T> Column<E, T> {
    /// Matches a pattern, taken as it is: `%` is any text, `_` one character, `\` takes the next character literally.
    /// Upper and lower case differ, on every database. For text that came from a user: [`contains`](Self::contains).
    pub fn like(self, pattern: impl Into<String>) -> Predicate<E>
    where
        T: TextColumn,
    {
        like(self.operand(), pattern.into())
    }

    /// Does not match the pattern. A row without a value is not found.
    pub fn not_like(self, pattern: impl Into<String>) -> Predicate<E>
    where
        T: TextColumn,
    {
        self.like(pattern).not()
    }

    /// Starts with the text. `%`, `_` and `\` in it match themselves; upper and lower case differ.
    pub fn starts_with(self, text: impl AsRef<str>) -> Predicate<E>
    where
        T: TextColumn,
    {
        like(self.operand(), starting(text.as_ref()))
    }

    /// Ends with the text. `%`, `_` and `\` in it match themselves; upper and lower case differ.
    pub fn ends_with(self, text: impl AsRef<str>) -> Predicate<E>
    where
        T: TextColumn,
    {
        like(self.operand(), ending(text.as_ref()))
    }

    /// Contains the text. `%`, `_` and `\` in it match themselves; upper and lower case differ.
    pub fn contains(self, text: impl AsRef<str>) -> Predicate<E>
    where
        T: TextColumn,
    {
        like(self.operand(), containing(text.as_ref()))
    }

    /// Contains the text in upper or lower case. `%`, `_` and `\` in it match themselves. On SQLite only the case of ASCII
    /// letters is ignored.
    #[doc(alias = "ilike")]
    pub fn icontains(self, text: impl AsRef<str>) -> Predicate<E>
    where
        T: TextColumn,
    {
        Predicate::from_node(Node::ILike { operand: self.operand(), pattern: containing(text.as_ref()) })
    }

    /// The text in lower case, to compare or sort by. On SQLite only ASCII letters change.
    #[must_use]
    pub fn lower(self) -> Lower<E>
    where
        T: TextColumn,
    {
        Lower::new(self.position())
    }
}

pub(super) fn like<E>(operand: Operand, pattern: String) -> Predicate<E> {
    Predicate::from_node(Node::Like { operand, pattern })
}

pub(super) fn starting(text: &str) -> String {
    format!("{}%", escape_like(text))
}

pub(super) fn ending(text: &str) -> String {
    format!("%{}", escape_like(text))
}

pub(super) fn containing(text: &str) -> String {
    format!("%{}%", escape_like(text))
}
