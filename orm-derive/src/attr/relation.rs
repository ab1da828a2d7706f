//! `#[orm(..)]` on a relationship.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Token, token};

use super::cascade::Cascade;
use super::keys::Place;
use super::reader::{self, Key, Setting, set};
use super::value;
use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::suggest;

/// What a constraint does to the rows that refer to a row that goes or changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OnAction {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// One part of `order_by`: a field of the target and its direction.
#[derive(Clone, Debug)]
pub(crate) struct OrderBy {
    pub(crate) field: Ident,
    pub(crate) descending: bool,
}

/// The table between the two sides of a many-to-many.
#[derive(Debug)]
pub(crate) struct SecondarySettings {
    pub(crate) table: LitStr,
    pub(crate) owner: Vec<LitStr>,
    pub(crate) target: Vec<LitStr>,
}

/// What stands on a relationship.
#[derive(Debug, Default)]
pub(crate) struct RelationSettings {
    pub(crate) foreign_key: Option<Setting<Vec<Ident>>>,
    pub(crate) references: Option<Setting<Vec<Ident>>>,
    pub(crate) back_populates: Option<Setting<Ident>>,
    pub(crate) cascade: Option<Setting<Cascade>>,
    pub(crate) on_delete: Option<Setting<OnAction>>,
    pub(crate) on_update: Option<Setting<OnAction>>,
    pub(crate) unenforced: Option<Setting<()>>,
    pub(crate) passive_deletes: Option<Setting<()>>,
    pub(crate) post_update: Option<Setting<()>>,
    pub(crate) view_only: Option<Setting<()>>,
    pub(crate) secondary: Option<Setting<SecondarySettings>>,
    pub(crate) order_by: Option<Setting<Vec<OrderBy>>>,
    pub(crate) getter: Option<Setting<Ident>>,
}

impl RelationSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute], place: Place) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, place, |key, input| settings.accept(key, input));
        settings
    }

    fn accept(&mut self, key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
        match key.name().as_str() {
            "foreign_key" => set(&mut self.foreign_key, key, value::fields(key, input)?),
            "references" => set(&mut self.references, key, value::fields(key, input)?),
            "back_populates" => set(&mut self.back_populates, key, value::field(key, input)?),
            "cascade" => set(&mut self.cascade, key, Cascade::parse(&value::string(key, input)?)?),
            "on_delete" => set(&mut self.on_delete, key, on_action(key, input)?),
            "on_update" => set(&mut self.on_update, key, on_action(key, input)?),
            "unenforced" => set(&mut self.unenforced, key, value::flag(key, input)?),
            "passive_deletes" => set(&mut self.passive_deletes, key, value::flag(key, input)?),
            "post_update" => set(&mut self.post_update, key, value::flag(key, input)?),
            "viewonly" => set(&mut self.view_only, key, value::flag(key, input)?),
            "secondary" => set(&mut self.secondary, key, secondary(key, input)?),
            "order_by" => set(&mut self.order_by, key, value::one_or_more(key, input, order_by)?),
            _ => set(&mut self.getter, key, value::method_name(key, input)?),
        }
    }
}

const ACTIONS: &[(&str, OnAction)] = &[
    ("cascade", OnAction::Cascade),
    ("set null", OnAction::SetNull),
    ("restrict", OnAction::Restrict),
    ("set default", OnAction::SetDefault),
    ("no action", OnAction::NoAction),
];

/// `= "set null"`, in any case.
fn on_action(key: &Key, input: ParseStream<'_>) -> syn::Result<OnAction> {
    let text = value::string(key, input)?;
    let word = text.value().to_lowercase();
    let words = || ACTIONS.iter().map(|(word, _)| *word);
    match ACTIONS.iter().find(|(known, _)| *known == word) {
        Some((_, action)) => Ok(*action),
        None => Err(catalogue::unknown_action(&word, suggest::closest(&word, words()), words()).at(text)),
    }
}

/// `field`, `field asc` or `field desc`.
fn order_by(input: ParseStream<'_>) -> syn::Result<OrderBy> {
    let field = Ident::parse_any(input)?;
    if !input.peek(Ident::peek_any) {
        return Ok(OrderBy { field, descending: false });
    }
    let direction = Ident::parse_any(input)?;
    match direction.to_string().to_lowercase().as_str() {
        "asc" => Ok(OrderBy { field, descending: false }),
        "desc" => Ok(OrderBy { field, descending: true }),
        _ => Err(input.error("asc or desc")),
    }
}

const SECONDARY: &str = "secondary(table = \"post_tags\", owner = \"post_id\", target = \"tag_id\")";

/// `= "post_tags"`, or `(table = "post_tags", owner = "post_id", target = ("tag_id", "tag_lang"))`.
fn secondary(key: &Key, input: ParseStream<'_>) -> syn::Result<SecondarySettings> {
    if !input.peek(token::Paren) {
        return Ok(SecondarySettings { table: value::identifier(key, input)?, owner: Vec::new(), target: Vec::new() });
    }
    let span = input.span();
    value::in_parentheses(input, |list| secondary_parts(list, span))
}

fn secondary_parts(list: ParseStream<'_>, parentheses: Span) -> syn::Result<SecondarySettings> {
    let malformed = |span| catalogue::malformed(SECONDARY).at_span(span);
    let (mut table, mut owner, mut target) = (None, None, None);
    while !list.is_empty() {
        let word = list.call(Ident::parse_any).map_err(|_| malformed(list.span()))?;
        list.parse::<Token![=]>().map_err(|_| malformed(word.span()))?;
        let slot = match word.to_string().as_str() {
            "table" => &mut table,
            "owner" => &mut owner,
            "target" => &mut target,
            other => return Err(catalogue::unknown_secondary_key(other, SECONDARY).at(word)),
        };
        if slot.replace(strings(list).map_err(|_| malformed(word.span()))?).is_some() {
            return Err(catalogue::duplicate_key(&word.to_string()).at(word));
        }
        if list.parse::<Option<Token![,]>>()?.is_none() && !list.is_empty() {
            return Err(malformed(list.span()));
        }
    }
    [&table, &owner, &target].into_iter().flatten().flatten().try_for_each(value::check_identifier)?;
    let table: Vec<LitStr> = table.unwrap_or_default();
    let [table] = table.as_slice() else { return Err(malformed(parentheses)) };
    Ok(SecondarySettings { table: table.clone(), owner: owner.unwrap_or_default(), target: target.unwrap_or_default() })
}

/// `"one"` or `("first", "second")`, none of them empty.
fn strings(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let strings = if input.peek(token::Paren) {
        let strings = |list: ParseStream<'_>| list.parse_terminated(<LitStr as syn::parse::Parse>::parse, Token![,]);
        value::in_parentheses(input, strings)?.into_iter().collect()
    } else {
        vec![input.parse::<LitStr>()?]
    };
    match strings.iter().any(|text| text.value().trim().is_empty()) {
        true => Err(input.error("empty")),
        false => Ok(strings),
    }
}
