//! How load states grow and compare, slot by slot.

use std::marker::PhantomData;

use super::slot::{Loaded, Maybe, Slot, Subset, Unloaded};

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
impl<M, S> MergeSlot<S> for Unloaded<M> {
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
impl<M, N> MergeSlot<Unloaded<M>> for Loaded<M, N> {
    type Output = Self;
}

#[diagnostic::do_not_recommend]
impl<M, N> MergeSlot<Unloaded<M>> for Subset<M, N> {
    type Output = Self;
}

#[diagnostic::do_not_recommend]
impl<M, N> MergeSlot<Unloaded<M>> for Maybe<M, N> {
    type Output = Self;
}

/// A load state that holds at least what `Less` holds: `L: AtLeast<loaded!(User { posts { author } })>`.
pub trait AtLeast<Less> {}

/// A relationship or deferred column whose slot is asked to be more than it is: never, and what the derive's impl needs says so in the
/// words of the getter.
pub trait AskedOf<L> {}

/// A slot that is only `S`, and is asked for members that hold `N`.
pub struct Lack<S, N>(PhantomData<fn() -> (S, N)>);

/// What no members hold. The derive says that a slot could be asked for these: so rustc takes what is asked for from the signature, and
/// does not guess that it is what is there.
#[derive(Debug)]
pub enum Nobody {}

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

/// Never holds: what it needs speaks.
impl<M: AskedOf<Lack<Unloaded<M>, N>>, N> SlotAtLeast<Loaded<M, N>> for Unloaded<M> {}

/// Never, as above.
impl<M: AskedOf<Lack<Subset<M, A>, B>>, A, B> SlotAtLeast<Loaded<M, B>> for Subset<M, A> {}

/// Never, as above.
impl<M: AskedOf<Lack<Maybe<M, A>, B>>, A, B> SlotAtLeast<Loaded<M, B>> for Maybe<M, A> {}

#[diagnostic::do_not_recommend]
impl<M> SlotAtLeast<Unloaded<M>> for Unloaded<M> {}

#[diagnostic::do_not_recommend]
impl<M, N> SlotAtLeast<Unloaded<M>> for Loaded<M, N> {}

#[diagnostic::do_not_recommend]
impl<M, N> SlotAtLeast<Unloaded<M>> for Maybe<M, N> {}

#[diagnostic::do_not_recommend]
impl<M, N> SlotAtLeast<Unloaded<M>> for Subset<M, N> {}
