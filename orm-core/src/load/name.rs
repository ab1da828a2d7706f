//! Field names as types, so that `loaded!(User { posts })` finds a slot by what the user calls it.

/// A field name of at most 64 letters, one letter a parameter: `Name<'p', 'o', 's', 't', 's'>`.
#[derive(Debug)]
pub enum Name<
    const C0: char = '\0', const C1: char = '\0', const C2: char = '\0', const C3: char = '\0', const C4: char = '\0', const C5: char = '\0', const C6: char = '\0', const C7: char = '\0', const C8: char = '\0', const C9: char = '\0', const C10: char = '\0', const C11: char = '\0', const C12: char = '\0', const C13: char = '\0', const C14: char = '\0', const C15: char = '\0', const C16: char = '\0', const C17: char = '\0', const C18: char = '\0', const C19: char = '\0', const C20: char = '\0', const C21: char = '\0', const C22: char = '\0', const C23: char = '\0', const C24: char = '\0', const C25: char = '\0', const C26: char = '\0', const C27: char = '\0', const C28: char = '\0', const C29: char = '\0', const C30: char = '\0', const C31: char = '\0', const C32: char = '\0', const C33: char = '\0', const C34: char = '\0', const C35: char = '\0', const C36: char = '\0', const C37: char = '\0', const C38: char = '\0', const C39: char = '\0', const C40: char = '\0', const C41: char = '\0', const C42: char = '\0', const C43: char = '\0', const C44: char = '\0', const C45: char = '\0', const C46: char = '\0', const C47: char = '\0', const C48: char = '\0', const C49: char = '\0', const C50: char = '\0', const C51: char = '\0', const C52: char = '\0', const C53: char = '\0', const C54: char = '\0', const C55: char = '\0', const C56: char = '\0', const C57: char = '\0', const C58: char = '\0', const C59: char = '\0', const C60: char = '\0', const C61: char = '\0', const C62: char = '\0', const C63: char = '\0',
> {}

/// An entity that has a relationship or deferred column of this name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no relationship or deferred column spelled `{N}`",
    label = "no such relationship or deferred column"
)]
pub trait Named<N> {
    /// The relationship or deferred column.
    type Attribute: crate::relationship::Attribute<Entity = Self>;
}
