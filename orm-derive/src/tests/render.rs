//! Prints errors as rustc would, for the snapshots.

use std::fmt::Write;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::diagnostics::Errors;
use crate::pipeline;

/// Compares with the page of that name under `snapshots/`.
macro_rules! pin {
    ($page:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($page);
        })
    };
}
pub(super) use pin;

/// A title and the item that is refused.
pub(super) type Case = (&'static str, &'static str);

/// The refusals of entities, one error each.
pub(super) fn refused_entities(cases: &[Case]) -> String {
    refused(cases, |item| pipeline::entity_model(item).err().map(|refused| refused.errors))
}

/// The refusals of column types, one error each.
pub(super) fn refused_column_types(cases: &[Case]) -> String {
    refused(cases, |item| pipeline::column_type_model(item).err().map(|refused| refused.errors))
}

/// The refusals of row structs, one error each.
pub(super) fn refused_rows(cases: &[Case]) -> String {
    refused(cases, |item| pipeline::row_model(item).err().map(|refused| refused.errors))
}

/// All the errors of one item, however many.
pub(super) fn errors_of_entity(source: &str) -> String {
    let item: DeriveInput = syn::parse_str(source).expect("the source parses");
    let errors = pipeline::entity_model(&item).expect_err("the item is refused").errors;
    errors.iter().map(|error| printed(source, error)).collect::<Vec<_>>().join("\n")
}

fn refused(cases: &[Case], errors: impl Fn(&DeriveInput) -> Option<Errors>) -> String {
    let mut page = String::new();
    for (title, source) in cases {
        let item: DeriveInput = syn::parse_str(source).unwrap_or_else(|error| panic!("{title}: {error}"));
        let errors = errors(&item).unwrap_or_else(|| panic!("{title}: nothing was refused"));
        let errors: Vec<String> = errors.iter().map(|error| printed(source, error)).collect();
        assert_eq!(errors.len(), 1, "{title}: one mistake is one error\n{}", errors.join("\n"));
        writeln!(page, "## {title}\n{}", errors[0]).expect("a string takes text");
    }
    page
}

/// The message, then the line with the caret below it.
fn printed(source: &str, error: &syn::Error) -> String {
    let (start, end) = (error.span().start(), error.span().end());
    let line = source.lines().nth(start.line - 1).unwrap_or_default();
    let last = if end.line == start.line { end.column } else { line.chars().count() };
    let carets = "^".repeat(last.saturating_sub(start.column).max(1));
    format!("{error}\n  | {line}\n  | {}{carets}\n", " ".repeat(start.column))
}

/// The expansion of a column type, as rustfmt would write it.
pub(super) fn expanded_column_type(source: &str) -> String {
    pretty(pipeline::column_type(tokens(source)))
}

/// The item without the long `allow` that each has, and those inside `if_serde!` as items.
fn unwrapped(mut item: syn::Item) -> Vec<syn::Item> {
    let attributes = match &mut item {
        syn::Item::Macro(call) if call.mac.path.segments.iter().any(|segment| segment.ident == "if_serde") => {
            let file: syn::File = syn::parse2(call.mac.tokens.clone()).expect("what is in the macro are items");
            return file.items;
        }
        syn::Item::Struct(item) => &mut item.attrs,
        syn::Item::Enum(item) => &mut item.attrs,
        syn::Item::Trait(item) => &mut item.attrs,
        syn::Item::Impl(item) => &mut item.attrs,
        _ => return vec![item],
    };
    attributes.retain(|attribute| !attribute.path().is_ident("allow"));
    vec![item]
}

fn tokens(source: &str) -> TokenStream {
    source.parse().expect("the source is made of tokens")
}

fn pretty(code: TokenStream) -> String {
    let mut file: syn::File = syn::parse2(code.clone()).unwrap_or_else(|error| panic!("{error} in\n{code}"));
    file.items = file.items.into_iter().flat_map(unwrapped).collect();
    prettyplease::unparse(&file)
}

/// The expansion of an entity, as rustfmt would write it.
pub(super) fn expanded_entity(source: &str) -> String {
    pretty(pipeline::entity(tokens(source)))
}

/// The expansion of a row struct, as rustfmt would write it.
pub(super) fn expanded_row(source: &str) -> String {
    pretty(pipeline::row(tokens(source)))
}

/// Why a `loaded!` is refused.
pub(super) fn refused_loaded(source: &str) -> String {
    let error = syn::parse_str::<crate::loaded::LoadedType>(source).err().expect("it is refused");
    printed(source, &error)
}

/// The type that `loaded!` names, as the type of a function's argument.
pub(super) fn expanded_loaded(source: &str) -> String {
    let ty = pipeline::loaded(tokens(source));
    pretty(quote::quote!(type State = #ty;))
}
