//! The cells of one row, whatever driver it came from.

use super::{ColumnType, DecodeError, Raw};

/// A row as the driver holds it: read by position, each cell when it is asked for.
pub trait Cells {
    /// The cell at this position.
    fn raw(&self, position: usize) -> Raw<'_>;
}

/// A cell that could not be decoded, and which column of the entity it was meant for.
#[derive(Debug)]
pub struct ColumnError {
    /// The position in the entity's columns.
    pub column: usize,
    /// What was wrong with the cell.
    pub error: DecodeError,
}

/// Decodes the cell at `position` for the column `column`.
///
/// # Errors
/// When the cell is not a value of the type.
#[inline]
pub fn decode<T: ColumnType>(cells: &dyn Cells, position: usize, column: usize) -> Result<T, ColumnError> {
    T::decode(cells.raw(position)).map_err(|error| ColumnError { column, error })
}
