//! What a bulk UPDATE sets a column to: a value, a column, or a calculation with both.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Add, Div, Mul, Sub},
};

use crate::value::{ColumnType, Value};

use super::{Column, MAX_DEPTH, TextColumn};

/// An expression of `E`'s columns that has the type `T`: `Account::BALANCE - amount`, `User::NAME.concat(" (old)")`.
///
/// The database calculates it, row by row, so that two writers do not lose each other's change:
///
/// ```
/// # use orm_core::expr::{Column, Expression};
/// fn interest<E>(balance: Column<E, i64>, rate: Column<E, i64>) -> Expression<E, i64> {
///     balance + balance * rate / 100
/// }
/// ```
///
/// The types are those of the columns; results that do not fit are refused by PostgreSQL. On SQLite, where integers that overflow become
/// floats, they are refused when they are read. Operations may be nested [`MAX_DEPTH`](super::MAX_DEPTH) deep; an update with more is
/// [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) when it is run.
pub struct Expression<E, T> {
    scalar: Scalar,
    types: PhantomData<fn() -> (E, T)>,
}

/// The untyped tree of an expression. Columns are positions.
#[derive(Clone)]
pub(crate) enum Scalar {
    Column(usize),
    Value(Value),
    Calculate {
        left: Box<Scalar>,
        operator: Calculation,
        right: Box<Scalar>,
        depth: u16,
    },
    /// What lay deeper than [`MAX_DEPTH`](super::MAX_DEPTH): a statement with it is refused.
    TooDeep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Concat,
}

impl Scalar {
    pub(crate) fn calculate(self, operator: Calculation, right: Self) -> Self {
        let depth = self.depth().max(right.depth()) + 1;
        if depth > MAX_DEPTH {
            return Self::TooDeep;
        }
        Self::Calculate { left: Box::new(self), operator, right: Box::new(right), depth }
    }

    fn depth(&self) -> u16 {
        match self {
            Self::Calculate { depth, .. } => *depth,
            Self::TooDeep => MAX_DEPTH,
            Self::Column(_) | Self::Value(_) => 0,
        }
    }

    /// Whether numbers are calculated with.
    pub(crate) fn is_arithmetic(&self) -> bool {
        matches!(self, Self::Calculate { operator, .. } if *operator != Calculation::Concat)
    }
}

impl<E, T> Expression<E, T> {
    fn new(scalar: Scalar) -> Self {
        Self { scalar, types: PhantomData }
    }

    pub(crate) fn into_scalar(self) -> Scalar {
        self.scalar
    }

    /// With this text at its end; NULL stays NULL.
    #[must_use]
    pub fn concat(self, text: impl Into<String>) -> Self
    where
        T: TextColumn,
    {
        Self::new(self.scalar.calculate(Calculation::Concat, Scalar::Value(Value::String(Some(text.into())))))
    }

    /// With the text of another column at its end; NULL where either is NULL.
    #[must_use]
    pub fn concat_column(self, other: Column<E, T>) -> Self
    where
        T: TextColumn,
    {
        Self::new(self.scalar.calculate(Calculation::Concat, Scalar::Column(other.position())))
    }
}

impl<E, T> Column<E, T> {
    /// The column's text with this text at its end; NULL stays NULL.
    #[must_use]
    pub fn concat(self, text: impl Into<String>) -> Expression<E, T>
    where
        T: TextColumn,
    {
        Expression::from(self).concat(text)
    }

    /// The column's text with that of another column at its end; NULL where either is NULL.
    #[must_use]
    pub fn concat_column(self, other: Self) -> Expression<E, T>
    where
        T: TextColumn,
    {
        Expression::from(self).concat_column(other)
    }
}

impl<E, T> From<Column<E, T>> for Expression<E, T> {
    fn from(column: Column<E, T>) -> Self {
        Self::new(Scalar::Column(column.position()))
    }
}

impl<E, T> Clone for Expression<E, T> {
    fn clone(&self) -> Self {
        Self::new(self.scalar.clone())
    }
}

impl<E, T> fmt::Debug for Expression<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.scalar, f)
    }
}

/// A column type that a database calculates with: numbers, nullable or not. Implement it for a newtype of one.
///
/// SQLite has no exact decimals: there a calculation with a `Decimal` is
/// [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported).
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is not a number",
    label = "`+`, `-`, `*` and `/` need a column of numbers"
)]
pub trait Arithmetic: ColumnType {}

impl<T: Arithmetic> Arithmetic for Option<T> {}

macro_rules! arithmetic {
    ($($number:ty),*) => {$(
        impl Arithmetic for $number {}
    )*};
}

arithmetic!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

#[cfg(feature = "rust_decimal")]
impl Arithmetic for rust_decimal::Decimal {}

macro_rules! operators {
    ($($operator:ident, $method:ident, $calculation:ident;)*) => {$(
        operators!(@left Column<E, T>, Column<E, Option<T>>, $operator, $method, $calculation);
        operators!(@left Expression<E, T>, Expression<E, Option<T>>, $operator, $method, $calculation);
    )*};
    (@left $left:ty, $nullable:ty, $operator:ident, $method:ident, $calculation:ident) => {
        impl<E, T: Arithmetic> $operator<T> for $left {
            type Output = Expression<E, T>;

            fn $method(self, value: T) -> Expression<E, T> {
                let left = Expression::from(self).scalar;
                Expression::new(left.calculate(Calculation::$calculation, Scalar::Value(value.to_value())))
            }
        }

        impl<E, T: Arithmetic> $operator<T> for $nullable {
            type Output = Expression<E, Option<T>>;

            fn $method(self, value: T) -> Expression<E, Option<T>> {
                let left = Expression::from(self).scalar;
                Expression::new(left.calculate(Calculation::$calculation, Scalar::Value(value.to_value())))
            }
        }

        impl<E, T: Arithmetic> $operator<Column<E, T>> for $left {
            type Output = Expression<E, T>;

            fn $method(self, other: Column<E, T>) -> Expression<E, T> {
                let left = Expression::from(self).scalar;
                Expression::new(left.calculate(Calculation::$calculation, Scalar::Column(other.position())))
            }
        }

        impl<E, T: Arithmetic> $operator<Expression<E, T>> for $left {
            type Output = Expression<E, T>;

            fn $method(self, other: Expression<E, T>) -> Expression<E, T> {
                let left = Expression::from(self).scalar;
                Expression::new(left.calculate(Calculation::$calculation, other.scalar))
            }
        }
    };
}

operators! {
    Add, add, Add;
    Sub, sub, Subtract;
    Mul, mul, Multiply;
    Div, div, Divide;
}
