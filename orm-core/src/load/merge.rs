//! How load states grow and compare, slot by slot.

use super::slot::{Loaded, Maybe, NotLoaded, Slot, Subset};

/// A load state that has a slot for `M`.
pub trait HasSlot<M> {
    /// The slot's state.
    type Slot: Slot<Attribute = M>;
}

/// What the members of `M` hold in the load state `L`.
pub type Nested<L, M> = <<L as HasSlot<M>>::Slot as Slot>::Nested;

/// A load state into whose slot `M` the state `S` can be merged.
pub trait PutSlot<M, S> {
    /// The state with the slot grown.
    type Output;
}

/// A relationship or deferred column of `E`, whose slot in the load state `L` can take the state `S`. Made by the derive.
///
/// The entity is a parameter, not an associated type: one of another entity is then a bound that does not hold, with words of
/// its own, and not a type mismatch somewhere below.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship or deferred column of `{E}`",
    label = "belongs to another entity than `{E}`"
)]
pub trait GrowsIn<E, L, S> {
    /// The state with the slot grown.
    type Output;
}

/// Both states at once: each slot is the greater of the two.
pub trait Union<Other> {
    /// The greater state.
    type Output;
}

impl Union<()> for () {
    type Output = ();
}

/// One slot merged with another of the same attribute.
#[diagnostic::on_unimplemented(
    message = "one relationship is asked for in two ways that cannot be one list",
    label = "already loaded otherwise by this query",
    note = "a whole hint and a filtered or limited one, or two of these, are two lists: ask for them in two queries"
)]
pub trait MergeSlot<Other> {
    /// The greater slot.
    type Output;
}

#[diagnostic::do_not_recommend]
impl<M, S> MergeSlot<S> for NotLoaded<M> {
    type Output = S;
}

macro_rules! absorbs {
    ($($this:ident + $other:ident = $output:ident;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M, A: Union<B>, B> MergeSlot<$other<M, B>> for $this<M, A> {
            type Output = $output<M, <A as Union<B>>::Output>;
        }
    )*};
}

absorbs! {
    Loaded + Loaded = Loaded;
    Maybe + Maybe = Maybe;
    Loaded + Maybe = Loaded;
    Maybe + Loaded = Loaded;
}

#[diagnostic::do_not_recommend]
impl<M, N> MergeSlot<NotLoaded<M>> for Loaded<M, N> {
    type Output = Self;
}

#[diagnostic::do_not_recommend]
impl<M, N> MergeSlot<NotLoaded<M>> for Subset<M, N> {
    type Output = Self;
}

#[diagnostic::do_not_recommend]
impl<M, N> MergeSlot<NotLoaded<M>> for Maybe<M, N> {
    type Output = Self;
}

/// A load state that holds at least what `Less` holds: `L: AtLeast<loaded!(User { posts { author } })>`.
pub trait AtLeast<Less> {}

#[diagnostic::do_not_recommend]
impl AtLeast<()> for () {}

/// One slot that holds at least what another holds.
#[diagnostic::on_unimplemented(
    message = "this needs `{Less}`, and the value does not hold it",
    label = "holds only `{Self}`",
    note = "load it with the query, or while attached with `session.load(&object, ..)`"
)]
pub trait SlotAtLeast<Less> {}

macro_rules! at_least {
    ($($more:ident >= $less:ident;)*) => {$(
        impl<M, A: AtLeast<B>, B> SlotAtLeast<$less<M, B>> for $more<M, A> {}
    )*};
}

at_least! {
    Loaded >= Loaded;
    Loaded >= Maybe;
    Maybe >= Maybe;
    Subset >= Subset;
}

#[diagnostic::do_not_recommend]
impl<M> SlotAtLeast<NotLoaded<M>> for NotLoaded<M> {}

#[diagnostic::do_not_recommend]
impl<M, N> SlotAtLeast<NotLoaded<M>> for Loaded<M, N> {}

#[diagnostic::do_not_recommend]
impl<M, N> SlotAtLeast<NotLoaded<M>> for Maybe<M, N> {}

#[diagnostic::do_not_recommend]
impl<M, N> SlotAtLeast<NotLoaded<M>> for Subset<M, N> {}
