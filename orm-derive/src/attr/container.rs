//! `#[orm(..)]` on the struct of an entity.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path, Token, token};

use super::keys::Place;
use super::reader::{self, Key, Setting, set};
use super::value;
use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::naming::RenameRule;

/// What stands on the struct.
#[derive(Debug, Default)]
pub(crate) struct EntitySettings {
    pub(crate) table: Option<Setting<LitStr>>,
    pub(crate) schema: Option<Setting<LitStr>>,
    pub(crate) rename_all: Option<Setting<RenameRule>>,
    pub(crate) krate: Option<Setting<Path>>,
    pub(crate) indexes: Vec<Setting<IndexSettings>>,
    pub(crate) uniques: Vec<Setting<IndexSettings>>,
    pub(crate) checks: Vec<LitStr>,
    /// Detached values are read, not only written.
    pub(crate) deserialize: Option<Setting<()>>,
}

/// `index(author_id, created_at, name = "..")`.
#[derive(Debug, Default)]
pub(crate) struct IndexSettings {
    pub(crate) fields: Vec<Ident>,
    pub(crate) name: Option<LitStr>,
}

impl EntitySettings {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        reader::read(cx, attributes, Place::Entity, |key, input| settings.accept(key, input));
        settings
    }

    fn accept(&mut self, key: &Key, input: ParseStream<'_>) -> syn::Result<()> {
        match key.name().as_str() {
            "table" => set(&mut self.table, key, value::identifier(key, input)?),
            "schema" => set(&mut self.schema, key, value::identifier(key, input)?),
            "rename_all" => set(&mut self.rename_all, key, value::rename_rule(key, input)?),
            "crate" => set(&mut self.krate, key, value::path(key, input)?),
            "deserialize" => set(&mut self.deserialize, key, value::flag(key, input)?),
            "index" => index(key, input).map(|index| self.indexes.push(index)),
            "unique" => index(key, input).map(|index| self.uniques.push(index)),
            _ => value::string(key, input).map(|check| self.checks.push(check)),
        }
    }
}

/// `(field, field, name = "..")`: a field that is called `name` stands without `=`.
fn index(key: &Key, input: ParseStream<'_>) -> syn::Result<Setting<IndexSettings>> {
    if !input.peek(token::Paren) {
        return Err(key.malformed(key.ident.span()));
    }
    let index = value::in_parentheses(input, |list| index_parts(key, list))?;
    if index.fields.is_empty() {
        return Err(key.malformed(key.ident.span()));
    }
    Ok(Setting { key: key.ident.clone(), value: index })
}

fn index_parts(key: &Key, list: ParseStream<'_>) -> syn::Result<IndexSettings> {
    let mut index = IndexSettings::default();
    while !list.is_empty() {
        if !list.peek(Ident::peek_any) {
            return Err(key.malformed(list.span()));
        }
        let word = list.call(Ident::parse_any)?;
        if list.parse::<Option<Token![=]>>()?.is_none() {
            index.fields.push(word);
        } else if word != "name" {
            return Err(catalogue::unknown_index_key(&word.to_string(), &key.name()).at(word));
        } else if index.name.is_some() {
            return Err(catalogue::duplicate_key("name").at(word));
        } else {
            let name = list.parse().map_err(|_| key.malformed(list.span()))?;
            value::check_identifier(&name)?;
            index.name = Some(name);
        }
        if list.parse::<Option<Token![,]>>()?.is_none() && !list.is_empty() {
            return Err(key.malformed(list.span()));
        }
    }
    Ok(index)
}
