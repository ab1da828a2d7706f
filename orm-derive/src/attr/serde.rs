//! `#[serde(..)]`: what our own `Serialize` of handles and detached values follows.
//!
//! Serde's keys that only concern reading, and those that only `#[derive(Serialize)]` understands, are passed over:
//! serde itself refuses what is wrong with them where it is derived as well.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, Path, token};

use crate::catalogue;
use crate::diagnostics::Ctxt;
use crate::naming::RenameRule;

/// What stands on the struct.
#[derive(Debug, Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename_all: Option<RenameRule>,
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

/// What stands on a field.
#[derive(Clone, Debug, Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Option<LitStr>,
    pub(crate) serializing: Serializing,
    pub(crate) skip_if: Option<Path>,
}

impl SerdeContainer {
    pub(crate) fn read(cx: &Ctxt, attributes: &[Attribute]) -> Self {
        let mut settings = Self::default();
        read(cx, attributes, |meta| {
            if !meta.path.is_ident("rename_all") {
                return pass_over(meta);
            }
            if let Some(text) = for_serialize(meta)? {
                let rule = RenameRule::named(&text.value());
                settings.rename_all =
                    Some(rule.ok_or_else(|| catalogue::unknown_rename_rule(&text.value()).at(&text))?);
            }
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
            "rename" => self.rename = for_serialize(meta)?.or(self.rename.take()),
            "skip" | "skip_serializing" => self.serializing = Serializing::Skipped,
            "serialize_with" => self.serializing = Serializing::With(meta.value()?.parse::<LitStr>()?.parse()?),
            "with" => {
                let mut path: Path = meta.value()?.parse::<LitStr>()?.parse()?;
                path.segments.push(syn::parse_str("serialize")?);
                self.serializing = Serializing::With(path);
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

/// `= ".."`, or the `serialize` of `(serialize = "..", deserialize = "..")`.
fn for_serialize(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if !meta.input.peek(token::Paren) {
        return meta.value()?.parse().map(Some);
    }
    let mut found = None;
    meta.parse_nested_meta(|inner| {
        let text: LitStr = inner.value()?.parse()?;
        if inner.path.is_ident("serialize") {
            found = Some(text);
        }
        Ok(())
    })?;
    Ok(found)
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
