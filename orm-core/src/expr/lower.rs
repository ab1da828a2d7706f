//! A text column in lower case.

use std::marker::PhantomData;

use crate::value::Value;

use super::{
    Comparison, Direction, Node, Operand, OrderBy, Predicate,
    text::{containing, ending, like, starting},
};

/// `lower(column)`, from [`Column::lower`](super::Column::lower). What it is compared with is taken as it is: give it in
/// lower case.
#[derive(Debug)]
pub struct Lower<E> {
    position: usize,
    entity: PhantomData<fn() -> E>,
}

impl<E> Clone for Lower<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Lower<E> {}

impl<E> Lower<E> {
    pub(super) const fn new(position: usize) -> Self {
        Self { position, entity: PhantomData }
    }

    fn operand(self) -> Operand {
        Operand::Lower(self.position)
    }

    fn compare(self, comparison: Comparison, text: String) -> Predicate<E> {
        Predicate::from_node(Node::compare(self.operand(), comparison, Value::String(Some(text))))
    }

    /// Equal to the text.
    pub fn eq(self, text: impl Into<String>) -> Predicate<E> {
        self.compare(Comparison::Equal, text.into())
    }

    /// Not equal to the text; a row without a value is not found.
    pub fn ne(self, text: impl Into<String>) -> Predicate<E> {
        self.compare(Comparison::NotEqual, text.into())
    }

    /// One of the texts.
    pub fn in_<S: Into<String>>(self, texts: impl IntoIterator<Item = S>) -> Predicate<E> {
        let values = texts.into_iter().map(|text| Value::String(Some(text.into()))).collect();
        Predicate::from_node(Node::In { operand: self.operand(), values })
    }

    /// Matches a pattern, taken as it is.
    pub fn like(self, pattern: impl Into<String>) -> Predicate<E> {
        like(self.operand(), pattern.into())
    }

    /// Starts with the text; `%`, `_` and `\` in it match themselves.
    pub fn starts_with(self, text: impl AsRef<str>) -> Predicate<E> {
        like(self.operand(), starting(text.as_ref()))
    }

    /// Ends with the text; `%`, `_` and `\` in it match themselves.
    pub fn ends_with(self, text: impl AsRef<str>) -> Predicate<E> {
        like(self.operand(), ending(text.as_ref()))
    }

    /// Contains the text; `%`, `_` and `\` in it match themselves.
    pub fn contains(self, text: impl AsRef<str>) -> Predicate<E> {
        like(self.operand(), containing(text.as_ref()))
    }

    /// From a to z.
    pub fn asc(self) -> OrderBy<E> {
        OrderBy::new(self.operand(), Direction::Ascending)
    }

    /// From z to a.
    pub fn desc(self) -> OrderBy<E> {
        OrderBy::new(self.operand(), Direction::Descending)
    }
}
