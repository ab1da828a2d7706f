//! Rules of a struct that is filled from a row.

use std::collections::HashMap;

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::model::RowModel;
use crate::naming;

pub(super) fn check(cx: &Ctxt, row: &RowModel) {
    let mut seen = HashMap::new();
    for field in &row.fields {
        if let Some(first) = seen.insert(field.column.as_str(), field) {
            let (first, second) = (naming::plain(&first.ident), naming::plain(&field.ident));
            cx.refuse(&field.ident, catalogue::same_column(&first, &second, &field.column));
        }
    }
}
