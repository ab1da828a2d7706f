//! The path of `orm_core`, for an item whose other attributes cannot be trusted.

use syn::{Attribute, Path};

use super::container::EntitySettings;
use crate::diagnostics::Ctxt;

/// What `crate = ..` says, whatever is wrong around it.
pub(crate) fn crate_path(attributes: &[Attribute]) -> Option<Path> {
    // The errors were said before: these are the same ones again.
    let cx = Ctxt::new();
    let krate = EntitySettings::read(&cx, attributes).krate.map(|krate| krate.value);
    cx.finish().ok();
    krate
}
