//! The untyped tree of a filter. Columns are positions, so that whoever renders it chooses the alias.

use crate::value::Value;

use super::{
    depth::{Nested, Nodes},
    raw::RawFragment,
};

/// A condition on the rows of one entity.
#[derive(Clone)]
#[non_exhaustive]
pub enum Node {
    /// All of them; an empty list is true.
    All(Nodes),
    /// One of them at least; an empty list is false.
    Any(Nodes),
    /// Not this.
    Not(Nested),
    /// A comparison.
    Compare {
        /// The left side.
        left: Operand,
        /// Which.
        comparison: Comparison,
        /// The right side.
        right: Operand,
    },
    /// IS NULL.
    IsNull(Operand),
    /// One of these values. A NULL among them finds the rows without a value; an empty list finds nothing.
    In {
        /// What is looked for.
        operand: Operand,
        /// Where.
        values: Vec<Value>,
    },
    /// Between two values, both included.
    Between {
        /// What is compared.
        operand: Operand,
        /// The lower bound.
        low: Value,
        /// The upper bound.
        high: Value,
    },
    /// LIKE with `%` and `_`, where `\` escapes: upper and lower case differ on every database.
    Like {
        /// The text.
        operand: Operand,
        /// The pattern.
        pattern: String,
    },
    /// LIKE where upper and lower case are the same (on SQLite: of ASCII letters).
    ILike {
        /// The text.
        operand: Operand,
        /// The pattern.
        pattern: String,
    },
    /// There is a row on the other side of a relationship that satisfies the filter: `any` and `has`.
    Related {
        /// The position in [`EntityDef::relations`](crate::schema::EntityDef::relations).
        relation: usize,
        /// A condition on the target.
        filter: Nested,
    },
    /// SQL as it is.
    Raw(RawFragment),
    /// What lay deeper than [`MAX_DEPTH`](super::MAX_DEPTH): a query with it is refused.
    TooDeep,
}

/// One side of a comparison.
#[derive(Clone)]
#[non_exhaustive]
pub enum Operand {
    /// A column of the current entity, by its position in [`EntityDef::columns`](crate::schema::EntityDef::columns).
    Column(usize),
    /// A value to bind.
    Value(Value),
    /// `lower(..)` of a column.
    Lower(usize),
}

/// How two sides compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Node {
    /// True for every row.
    #[must_use]
    pub const fn always() -> Self {
        Self::All(Nodes::new())
    }

    /// Compares with a value; equal to NULL is IS NULL, not equal to NULL its opposite.
    #[must_use]
    pub fn compare(operand: Operand, comparison: Comparison, value: Value) -> Self {
        match comparison {
            Comparison::Equal if is_null(&value) => Self::IsNull(operand),
            Comparison::NotEqual if is_null(&value) => Self::Not(Nested::new(Self::IsNull(operand))),
            _ => Self::Compare { left: operand, comparison, right: Operand::Value(value) },
        }
    }

    /// These columns hold these values: a foreign key that refers to one object, a primary key.
    #[must_use]
    pub fn key_equals(columns: &[usize], values: impl IntoIterator<Item = Value>) -> Self {
        let equal = |(&column, value)| Self::compare(Operand::Column(column), Comparison::Equal, value);
        Self::All(columns.iter().zip(values).map(equal).collect())
    }

    /// Both; one flat list where a side already is one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(mut left), Self::All(right)) => {
                left.append(right);
                Self::All(left)
            }
            (Self::All(mut left), right) => {
                left.push_back(right);
                Self::All(left)
            }
            (left, Self::All(mut right)) => {
                right.push_front(left);
                Self::All(right)
            }
            (left, right) => Self::All(vec![left, right].into()),
        }
    }

    /// One of both; one flat list where a side already is one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any(mut left), Self::Any(right)) => {
                left.append(right);
                Self::Any(left)
            }
            (Self::Any(mut left), right) => {
                left.push_back(right);
                Self::Any(left)
            }
            (left, Self::Any(mut right)) => {
                right.push_front(left);
                Self::Any(right)
            }
            (left, right) => Self::Any(vec![left, right].into()),
        }
    }

    /// The opposite.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => inner.into_node(),
            other => Self::Not(Nested::new(other)),
        }
    }

    /// How many levels lie below.
    pub(super) fn depth(&self) -> u16 {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.depth(),
            Self::Not(inner) | Self::Related { filter: inner, .. } => inner.depth(),
            _ => 0,
        }
    }
}

/// Whether the value is a typed NULL.
pub(crate) fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}
