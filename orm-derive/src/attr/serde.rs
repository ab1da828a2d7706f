//! `#[serde(..)]`: what our own `Serialize` of detached values and `Deserialize` of changes and detached values follow.
//!
//! Serde's keys that only its own derives understand are passed over: serde itself refuses what is wrong with them where it is
//! derived as well.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Path, token};

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::naming::RenameRule;

/// What stands on the struct.
#[derive(Debug, Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename_all: Option<RenameRule>,
    pub(crate) rename_all_read: Option<RenameRule>,
}

/// Whether and how a field is written.
#[derive(Clone, Debug, Default)]
pub(crate) enum Serializing {
    /// By its own `Serialize`.
    #[default]
    Plain,
    /// `skip`, `skip_serializing`.
    Skipped,
    /// `serialize_with = "function"`, or `with = "module"` (then it is `module::serialize`).
    With(Path),
}

/// Whether and how a field is read.
#[derive(Clone, Debug, Default)]
pub(crate) enum Deserializing {
    /// By its own `Deserialize`.
    #[default]
    Plain,
    /// `skip`, `skip_deserializing`.
    Skipped,
    /// `deserialize_with = "function"`, or `with = "module"` (then it is `module::deserialize`).
    With(Path),
}

/// What stands on a field.
#[derive(Clone, Debug, Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Option<LitStr>,
    pub(crate) rename_read: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) serializing: Serializing,
    pub(crate) deserializing: Deserializing,
    pub(crate) skip_if: Option<Path>,
}

impl SerdeContainer {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        read(cx, attributes, |meta| {
            if !meta.path.is_ident("rename_all") {
                return pass_over(meta);
            }
            let rule = |text: LitStr| {
                let rule = RenameRule::named(&text.value());
                rule.ok_or_else(|| catalogue::unknown_rename_rule(&text.value()).at(&text))
            };
            let Sides { serialize, deserialize } = sides(meta)?;
            settings.rename_all = serialize.map(rule).transpose()?.or(settings.rename_all);
            settings.rename_all_read = deserialize.map(rule).transpose()?.or(settings.rename_all_read);
            Ok(())
        });
        settings
    }
}

impl SerdeField {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        read(cx, attributes, |meta| settings.accept(meta));
        settings
    }

    fn accept(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let Some(key) = meta.path.get_ident() else { return pass_over(meta) };
        match key.to_string().as_str() {
            "rename" => {
                let Sides { serialize, deserialize } = sides(meta)?;
                self.rename = serialize.or(self.rename.take());
                self.rename_read = deserialize.or(self.rename_read.take());
            }
            "alias" => self.aliases.push(meta.value()?.parse()?),
            "skip" => (self.serializing, self.deserializing) = (Serializing::Skipped, Deserializing::Skipped),
            "skip_serializing" => self.serializing = Serializing::Skipped,
            "skip_deserializing" => self.deserializing = Deserializing::Skipped,
            "serialize_with" => self.serializing = Serializing::With(meta.value()?.parse::<LitStr>()?.parse()?),
            "deserialize_with" => self.deserializing = Deserializing::With(meta.value()?.parse::<LitStr>()?.parse()?),
            "with" => {
                let module: Path = meta.value()?.parse::<LitStr>()?.parse()?;
                let function = |name: &str| -> syn::Result<Path> {
                    let mut path = module.clone();
                    path.segments.push(syn::parse_str(name)?);
                    Ok(path)
                };
                self.serializing = Serializing::With(function("serialize")?);
                self.deserializing = Deserializing::With(function("deserialize")?);
            }
            "flatten" => return Err(catalogue::serde_flatten().at(key)),
            "skip_serializing_if" => self.skip_if = Some(meta.value()?.parse::<LitStr>()?.parse()?),
            _ => pass_over(meta)?,
        }
        Ok(())
    }
}

fn read(cx: &Ctxt, attributes: &[Attribute], mut accept: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        cx.take(attribute.parse_nested_meta(|meta| accept(&meta)));
    }
}

/// What is said of writing, and of reading.
struct Sides {
    serialize: Option<LitStr>,
    deserialize: Option<LitStr>,
}

/// `= ".."` for both, or `(serialize = "..", deserialize = "..")`.
fn sides(meta: &ParseNestedMeta<'_>) -> syn::Result<Sides> {
    if !meta.input.peek(token::Paren) {
        let both: LitStr = meta.value()?.parse()?;
        return Ok(Sides { serialize: Some(both.clone()), deserialize: Some(both) });
    }
    let mut sides = Sides { serialize: None, deserialize: None };
    meta.parse_nested_meta(|inner| {
        let text: LitStr = inner.value()?.parse()?;
        if inner.path.is_ident("serialize") {
            sides.serialize = Some(text);
        } else if inner.path.is_ident("deserialize") {
            sides.deserialize = Some(text);
        }
        Ok(())
    })?;
    Ok(sides)
}

/// Leaves a key of serde's to serde.
fn pass_over(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(token::Paren) {
        meta.parse_nested_meta(|inner| pass_over(&inner))?;
    }
    Ok(())
}
