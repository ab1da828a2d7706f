//! How filters print: what is compared and how, never the values, which may be personal or secret.

use std::fmt::{Debug, Formatter, Result};

use super::{Node, Operand, RawFragment, expression::Scalar};

/// Stands for a value that is bound.
struct Bound;

impl Debug for Bound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("?")
    }
}

/// Stands for so many values.
struct Values(usize);

impl Debug for Values {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "[{} values]", self.0)
    }
}

impl Debug for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::All(nodes) => f.debug_tuple("All").field(nodes).finish(),
            Self::Any(nodes) => f.debug_tuple("Any").field(nodes).finish(),
            Self::Not(node) => f.debug_tuple("Not").field(node).finish(),
            Self::Compare { left, comparison, right } => f
                .debug_struct("Compare")
                .field("left", left)
                .field("comparison", comparison)
                .field("right", right)
                .finish(),
            Self::IsNull(operand) => f.debug_tuple("IsNull").field(operand).finish(),
            Self::In { operand, values } => {
                f.debug_struct("In").field("operand", operand).field("values", &Values(values.len())).finish()
            }
            Self::Between { operand, .. } => {
                f.debug_struct("Between").field("operand", operand).field("low", &Bound).field("high", &Bound).finish()
            }
            Self::Like { operand, .. } => {
                f.debug_struct("Like").field("operand", operand).field("pattern", &Bound).finish()
            }
            Self::ILike { operand, .. } => {
                f.debug_struct("ILike").field("operand", operand).field("pattern", &Bound).finish()
            }
            Self::Related { relation, filter } => {
                f.debug_struct("Related").field("relation", relation).field("filter", filter).finish()
            }
            Self::Raw(fragment) => fragment.fmt(f),
            Self::TooDeep => f.write_str("TooDeep"),
        }
    }
}

impl Debug for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Column(column) => f.debug_tuple("Column").field(column).finish(),
            Self::Value(_) => Bound.fmt(f),
            Self::Lower(operand) => f.debug_tuple("Lower").field(operand).finish(),
        }
    }
}

impl Debug for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Column(column) => f.debug_tuple("Column").field(column).finish(),
            Self::Value(_) => Bound.fmt(f),
            Self::Calculate { left, operator, right, .. } => {
                f.debug_tuple("Calculate").field(left).field(operator).field(right).finish()
            }
            Self::TooDeep => f.write_str("TooDeep"),
        }
    }
}

impl Debug for RawFragment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_tuple("Raw").field(&self.sql()).field(&Values(self.values().len())).finish()
    }
}
