//! What a column accepts beside its own type.

use super::{ColumnType, IntoColumn};

#[diagnostic::do_not_recommend]
impl<T: ColumnType> IntoColumn<T> for T {
    #[inline]
    fn into_column(self) -> T {
        self.kept()
    }
}

// The only other impl for an `Option` would make `column.eq(None)` ambiguous: there is none.
#[diagnostic::do_not_recommend]
impl<T: ColumnType> IntoColumn<Option<T>> for T {
    #[inline]
    fn into_column(self) -> Option<T> {
        Some(self.kept())
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<String> for &str {
    fn into_column(self) -> String {
        self.to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<Option<String>> for &str {
    fn into_column(self) -> Option<String> {
        Some(self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<String> for &String {
    fn into_column(self) -> String {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<Option<String>> for &String {
    fn into_column(self) -> Option<String> {
        Some(self.clone())
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<Vec<u8>> for &[u8] {
    fn into_column(self) -> Vec<u8> {
        self.to_vec()
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<Option<Vec<u8>>> for &[u8] {
    fn into_column(self) -> Option<Vec<u8>> {
        Some(self.to_vec())
    }
}
