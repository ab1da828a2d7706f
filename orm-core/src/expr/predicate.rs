//! A condition on one entity.

use std::{
    fmt,
    marker::PhantomData,
    ops::{BitAnd, BitOr, Not},
};

use crate::value::Value;

use super::{Nested, Node, RawFragment};

/// A condition on the rows of `E`, made by the methods of its columns and relationships.
///
/// ```
/// # use orm_core::expr::{Column, Predicate};
/// fn active<E>(name: Column<E, Option<String>>) -> Predicate<E> {
///     name.is_not_null() & !name.starts_with("deleted:")
/// }
/// ```
///
/// A predicate of another entity does not fit: it is another type.
#[must_use = "a predicate does nothing until a query filters by it"]
pub struct Predicate<E> {
    node: Node,
    entity: PhantomData<fn() -> E>,
}

impl<E> Predicate<E> {
    /// A predicate from an untyped tree: positions in `node` are taken for columns of `E`.
    pub fn from_node(node: Node) -> Self {
        Self { node, entity: PhantomData }
    }

    /// The untyped tree.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The untyped tree, taken out.
    #[must_use]
    pub fn into_node(self) -> Node {
        self.node
    }

    /// Both. Also written `a & b`. Chains are flat, however long; of other nestings there may be [`MAX_DEPTH`](super::MAX_DEPTH)
    /// levels: a query with more is [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) when it is run.
    pub fn and(self, other: Self) -> Self {
        Self::from_node(self.node.and(other.node))
    }

    /// One of both, or both. Also written `a | b`. As deep as [`and`](Self::and).
    pub fn or(self, other: Self) -> Self {
        Self::from_node(self.node.or(other.node))
    }

    /// The opposite, as SQL has it: where the predicate is unknown because a column is NULL, so is its opposite. Also
    /// written `!a`.
    #[expect(clippy::should_implement_trait, reason = "both are there: the operator and the word")]
    pub fn not(self) -> Self {
        Self::from_node(self.node.negate())
    }

    /// All of them; true where there is none, so that an empty search form finds everything.
    #[doc(alias = "and_")]
    pub fn all_of(predicates: impl IntoIterator<Item = Self>) -> Self {
        Self::from_node(Node::All(predicates.into_iter().map(Self::into_node).collect()))
    }

    /// At least one of them; false where there is none.
    #[doc(alias = "or_")]
    pub fn any_of(predicates: impl IntoIterator<Item = Self>) -> Self {
        Self::from_node(Node::Any(predicates.into_iter().map(Self::into_node).collect()))
    }

    /// SQL as it is, for what this crate has no word for: `?` is the next value, `{name}` the column of the field `name`,
    /// under whatever alias the query gives the table. `??` is a question mark. What stands in literals, quoted names and comments
    /// is left alone.
    ///
    /// A query with it is [`ErrorKind::Value`](crate::error::ErrorKind::Value) when it is run, before anything is sent, if the text
    /// takes another number of values or is no whole condition: a literal, comment or parenthesis that is not closed, a `;`, a `$1`.
    ///
    /// ```
    /// # use orm_core::expr::Predicate;
    /// fn short_names<E>(limit: i32) -> Predicate<E> {
    ///     Predicate::raw("length({name}) < ?", [limit.into()])
    /// }
    /// ```
    #[doc(alias = "text")]
    pub fn raw(sql: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        Self::from_node(Node::Raw(RawFragment::new(sql, values)))
    }

    /// There is a target of the relationship at this position that satisfies the filter. The relationship's own `any` and
    /// `has` are the way to write it.
    #[doc(hidden)]
    pub fn related<T>(relation: usize, filter: Predicate<T>) -> Self {
        Self::from_node(Node::Related { relation, filter: Nested::new(filter.node) })
    }
}

impl<E> Clone for Predicate<E> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for Predicate<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Predicate").field(&self.node).finish()
    }
}

impl<E> BitAnd for Predicate<E> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl<E> BitOr for Predicate<E> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl<E> Not for Predicate<E> {
    type Output = Self;

    fn not(self) -> Self {
        Predicate::not(self)
    }
}
