//! The four states of one relationship or deferred column.

use std::marker::PhantomData;

use super::Shape;
use crate::{
    handle::{Detacher, HoldsList, List, Sources, Src, Stored},
    identity::Extent,
    load::Load,
    relationship::{Attribute, BareKind, Kind, Relation, ToMany},
};

/// Not loaded: reading it does not compile.
pub struct Unloaded<M>(PhantomData<fn() -> M>);

/// Loaded whole; its members hold `N`.
pub struct Loaded<M, N = ()>(PhantomData<fn() -> (M, N)>);

/// Loaded by a filtered or limited hint: read by `posts_subset()`, never taken for the whole.
pub struct Subset<M, N = ()>(PhantomData<fn() -> (M, N)>);

/// Decided at run time by `selectin_if`: read by `try_posts()`.
pub struct Maybe<M, N = ()>(PhantomData<fn() -> (M, N)>);

/// One slot of a load state.
pub trait Slot: 'static {
    /// The relationship or deferred column.
    type Attribute: Attribute;

    /// What the members hold.
    type Nested: 'static;

    /// What a detached value stores for it.
    type Owned: Stored;

    /// The whole, were it there: what the getter and `try_…()` of a detached value read. Where nothing is loaded it has a
    /// type all the same, so that reading it is one error and not a second one about `()`.
    type Whole: Stored;

    /// What is stored where nothing is loaded; `None` where the slot says that something is.
    #[doc(hidden)]
    fn absent() -> Option<Self::Owned> {
        None
    }

    #[doc(hidden)]
    fn whole(owned: &Self::Owned) -> Option<&Self::Whole>;

    /// What a filtered or limited hint let through.
    #[doc(hidden)]
    fn subset(_: &Self::Owned) -> Option<&Self::Whole> {
        None
    }

    #[doc(hidden)]
    fn describe(shape: &mut Shape);

    /// Whether there is something to show: `Maybe` decides at run time.
    #[doc(hidden)]
    fn is_present(owned: &Self::Owned) -> bool;

    #[doc(hidden)]
    fn detach(src: Src<'_, <Self::Attribute as Attribute>::Entity>, detacher: &mut Detacher) -> Self::Owned;

    /// Adds what is stored to what is merged: the members of the relationship of the node `owner`.
    #[doc(hidden)]
    fn gather(_: &Self::Owned, _owner: usize, _: &mut Sources) {}
}

#[diagnostic::do_not_recommend]
impl<M: Attribute> Slot for Unloaded<M> {
    type Attribute = M;
    type Nested = <M::Kind as BareKind<M>>::Nested;
    type Owned = ();
    type Whole = <M::Kind as BareKind<M>>::Owned;

    fn absent() -> Option<()> {
        Some(())
    }

    fn whole((): &()) -> Option<&Self::Whole> {
        None
    }

    fn describe(_: &mut Shape) {}

    fn is_present((): &()) -> bool {
        false
    }

    fn detach(_: Src<'_, M::Entity>, _: &mut Detacher) -> Self::Owned {}
}

#[diagnostic::do_not_recommend]
impl<M: Attribute, N: 'static> Slot for Loaded<M, N>
where
    M::Kind: Kind<M, N>,
{
    type Attribute = M;
    type Nested = N;
    type Owned = <M::Kind as Kind<M, N>>::Owned;
    type Whole = Self::Owned;

    fn whole(owned: &Self::Owned) -> Option<&Self::Whole> {
        Some(owned)
    }

    fn describe(shape: &mut Shape) {
        M::Kind::describe(shape);
    }

    fn is_present(_: &Self::Owned) -> bool {
        true
    }

    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned {
        M::Kind::detach(src, detacher)
    }

    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources) {
        M::Kind::gather(owned, owner, sources);
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation, N: Load<M::Target>> Slot for Subset<M, N> {
    type Attribute = M;
    type Nested = N;
    type Owned = List<M::Target, N>;
    type Whole = Self::Owned;

    fn whole(_: &Self::Owned) -> Option<&Self::Whole> {
        None
    }

    fn subset(owned: &Self::Owned) -> Option<&Self::Whole> {
        Some(owned)
    }

    fn describe(shape: &mut Shape) {
        shape.add_members(M::INDEX, N::shape());
    }

    fn is_present(_: &Self::Owned) -> bool {
        true
    }

    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned {
        List::new(src.subset::<M::Target, N>(M::INDEX).iter().map(|member| detacher.detach(member)).collect())
    }

    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources) {
        sources.hold_list(owner, M::INDEX, Extent::Part, owned);
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation, N: Load<M::Target>> Slot for Maybe<M, N>
where
    M::Kind: Kind<M, N>,
{
    type Attribute = M;
    type Nested = N;
    type Owned = Option<<M::Kind as Kind<M, N>>::Owned>;
    type Whole = <M::Kind as Kind<M, N>>::Owned;

    fn whole(owned: &Self::Owned) -> Option<&Self::Whole> {
        owned.as_ref()
    }

    fn describe(shape: &mut Shape) {
        shape.add_members(M::INDEX, N::shape());
    }

    fn is_present(owned: &Self::Owned) -> bool {
        owned.is_some()
    }

    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned {
        src.is_loaded(M::INDEX).then(|| M::Kind::detach(src, detacher))
    }

    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources) {
        if let Some(owned) = owned {
            M::Kind::gather(owned, owner, sources);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation<Kind = ToMany>, N: Load<M::Target>> HoldsList<M> for Loaded<M, N> {
    type Members = N;

    fn list_mut(owned: &mut List<M::Target, N>) -> Option<&mut List<M::Target, N>> {
        Some(owned)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation, N: Load<M::Target>> HoldsList<M> for Subset<M, N> {
    type Members = N;

    fn list_mut(owned: &mut List<M::Target, N>) -> Option<&mut List<M::Target, N>> {
        Some(owned)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation<Kind = ToMany>, N: Load<M::Target>> HoldsList<M> for Maybe<M, N> {
    type Members = N;

    fn list_mut(owned: &mut Option<List<M::Target, N>>) -> Option<&mut List<M::Target, N>> {
        owned.as_mut()
    }
}
