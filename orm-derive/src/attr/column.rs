//! `#[orm(..)]` on a column.

use syn::parse::ParseStream;
use syn::{Attribute, Expr, Ident, LitBool, LitStr, Token};

use super::keys::Place;
use super::reader::{self, Key, Setting, set};
use super::value;
use crate::diagnostics::Ctxt;

/// `default`, or `default = expression`.
#[derive(Clone, Debug)]
pub(crate) enum ClientDefault {
    /// `Default::default()`.
    OfTheType,
    Expression(Box<Expr>),
}

/// What stands on a column.
#[derive(Debug, Default)]
pub(crate) struct ColumnSettings {
    pub(crate) primary_key: Option<Setting<()>>,
    pub(crate) generated: Option<Setting<LitBool>>,
    pub(crate) default: Option<Setting<ClientDefault>>,
    pub(crate) column: Option<Setting<LitStr>>,
    pub(crate) unique: Option<Setting<()>>,
    pub(crate) index: Option<Setting<()>>,
    pub(crate) check: Option<Setting<LitStr>>,
    pub(crate) length: Option<Setting<u32>>,
    pub(crate) server_default: Option<Setting<LitStr>>,
    pub(crate) on_update: Option<Setting<LitStr>>,
    pub(crate) version: Option<Setting<()>>,
    pub(crate) sensitive: Option<Setting<()>>,
    pub(crate) read_only: Option<Setting<()>>,
    pub(crate) group: Option<Setting<LitStr>>,
    pub(crate) getter: Option<Setting<Ident>>,
}

impl ColumnSettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute], place: Place) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, place, |key, input| settings.accept(key, input));
        settings
    }

    fn accept(&mut self, key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
        match key.name().as_str() {
            "primary_key" => set(&mut self.primary_key, key, value::flag(key, input)?),
            "generated" => set(&mut self.generated, key, value::boolean(key, input)?),
            "default" => set(&mut self.default, key, client_default(key, input)?),
            "column" => set(&mut self.column, key, value::identifier(key, input)?),
            "unique" => set(&mut self.unique, key, value::flag(key, input)?),
            "index" => set(&mut self.index, key, value::flag(key, input)?),
            "check" => set(&mut self.check, key, value::string(key, input)?),
            "length" => set(&mut self.length, key, value::number(key, input)?),
            "server_default" => set(&mut self.server_default, key, value::string(key, input)?),
            "on_update" => set(&mut self.on_update, key, value::string(key, input)?),
            "version" => set(&mut self.version, key, value::flag(key, input)?),
            "sensitive" => set(&mut self.sensitive, key, value::flag(key, input)?),
            "read_only" => set(&mut self.read_only, key, value::flag(key, input)?),
            "group" => set(&mut self.group, key, value::string(key, input)?),
            _ => set(&mut self.getter, key, value::method_name(key, input)?),
        }
    }
}

fn client_default(key: &Key, input: ParseStream<'_>) -> syn::Result<ClientDefault> {
    if input.peek(Token![=]) {
        value::expression(key, input).map(|expression| match is_default_of_the_type(&expression) {
            true => ClientDefault::OfTheType,
            false => ClientDefault::Expression(Box::new(expression)),
        })
    } else {
        value::flag(key, input).map(|()| ClientDefault::OfTheType)
    }
}

/// `Default::default()`, under whatever path: its type is that of the column, and nothing else would say so.
fn is_default_of_the_type(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    let Expr::Path(function) = &*call.func else { return false };
    let words: Vec<String> = function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    call.args.is_empty()
        && function.qself.is_none()
        && matches!(words[..], ["Default", "default"] | ["std" | "core", "default", "Default", "default"])
}
