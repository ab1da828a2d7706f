//! The derive macros of `orm-core`: [`Entity`](derive_entity), [`ColumnType`](derive_column_type) and [`Row`](derive_row).
//!
//! One derive is a pipeline whose stages never mix: `attr` reads what the user wrote, `model` says what it means, `check`
//! holds the rules across attributes, `expand` writes the code. Every error of an item is gathered on the way and reported
//! in one compile; `fallback` then puts something harmless in place of the code, so that one mistake is one error.

mod attr;
mod catalogue;
mod check;
mod diagnostics;
mod expand;
mod fallback;
mod loaded;
mod model;
mod naming;
mod pipeline;
mod suggest;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// The load state that `loaded!` names; `loaded!` calls it with the path of the crate in front.
#[doc(hidden)]
#[proc_macro]
pub fn loaded_type(input: TokenStream) -> TokenStream {
    pipeline::loaded(input.into()).into()
}

/// Makes a struct the row of a table.
#[proc_macro_derive(Entity, attributes(orm, serde))]
pub fn derive_entity(input: TokenStream) -> TokenStream {
    pipeline::entity(input.into()).into()
}

/// Makes a newtype, or an enum without fields, the type of a column.
#[proc_macro_derive(ColumnType, attributes(orm))]
pub fn derive_column_type(input: TokenStream) -> TokenStream {
    pipeline::column_type(input.into()).into()
}

/// Fills a struct from the row of a raw query or a projection: its fields are columns by name.
#[proc_macro_derive(Row, attributes(orm))]
pub fn derive_row(input: TokenStream) -> TokenStream {
    pipeline::row(input.into()).into()
}
