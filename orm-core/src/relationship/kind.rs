//! How many targets a relationship has, and so what its getter gives and what a detached value stores.

use std::sync::Arc;

use super::attribute::{Attribute, Relation};
use crate::{
    entity::Entity,
    handle::{Detached, Detacher, List, Many, Persistent, Sources, Src, Stored},
    identity::Extent,
    load::{Load, Shape},
};

/// What reading an attribute of this kind gives, when its members hold `N`.
pub trait Kind<M: Attribute, N: 'static>: 'static {
    /// What a getter of a handle gives.
    type Handle<'s>;

    /// What a detached value stores.
    type Owned: Stored;

    #[doc(hidden)]
    fn describe(shape: &mut Shape);

    #[doc(hidden)]
    fn handle(src: Src<'_, M::Entity>) -> Self::Handle<'_>;

    #[doc(hidden)]
    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned;

    /// Adds what a detached value stores to what is merged.
    #[doc(hidden)]
    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources);
}

/// What an attribute of this kind is while nothing of it is loaded.
///
/// Asked of the kind, so that generated code names a target nowhere but where the relationship declares it.
pub trait BareKind<M>: 'static {
    /// What its members are known to hold: nothing but their columns.
    type Nested: 'static;

    /// What a detached value would store of it, its members bare.
    type Owned: Stored;
}

type BareOf<M> = <<M as Relation>::Target as Entity>::Bare;

impl<M: Relation> BareKind<M> for ToMany {
    type Nested = BareOf<M>;
    type Owned = List<M::Target, BareOf<M>>;
}

impl<M: Relation> BareKind<M> for ToOne<false> {
    type Nested = BareOf<M>;
    type Owned = Arc<Detached<M::Target, BareOf<M>>>;
}

impl<M: Relation> BareKind<M> for ToOne<true> {
    type Nested = BareOf<M>;
    type Owned = Option<Arc<Detached<M::Target, BareOf<M>>>>;
}

impl<M: Attribute> BareKind<M> for DeferredKind {
    type Nested = ();
    type Owned = ();
}

/// To many: `HasMany`, `ManyToMany`.
#[derive(Debug)]
pub enum ToMany {}

impl<M: Relation, N: Load<M::Target>> Kind<M, N> for ToMany {
    type Handle<'s> = Many<'s, M::Target, N>;
    type Owned = List<M::Target, N>;

    fn describe(shape: &mut Shape) {
        shape.add_relation(M::INDEX, N::shape());
    }

    fn handle(src: Src<'_, M::Entity>) -> Self::Handle<'_> {
        src.many::<M::Target, N>(M::INDEX)
    }

    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned {
        List::new(src.many::<M::Target, N>(M::INDEX).iter().map(|member| detacher.detach(member)).collect())
    }

    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources) {
        sources.hold_list(owner, M::INDEX, Extent::Held, owned);
    }
}

/// To one: `BelongsTo`, `HasOne`; `OPTIONAL` where there may be none.
#[derive(Debug)]
pub enum ToOne<const OPTIONAL: bool> {}

impl<M: Relation, N: Load<M::Target>> Kind<M, N> for ToOne<false> {
    type Handle<'s> = Persistent<'s, M::Target, N>;
    type Owned = Arc<Detached<M::Target, N>>;

    fn describe(shape: &mut Shape) {
        shape.add_relation(M::INDEX, N::shape());
    }

    fn handle(src: Src<'_, M::Entity>) -> Self::Handle<'_> {
        match src.one::<M::Target, N>(M::INDEX) {
            Some(target) => target,
            None => unreachable!("orm bug: a required relationship that is loaded has no target"),
        }
    }

    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned {
        Arc::new(detacher.detach(<Self as Kind<M, N>>::handle(src)))
    }

    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources) {
        sources.hold_one(owner, M::INDEX, Some(&**owned));
    }
}

impl<M: Relation, N: Load<M::Target>> Kind<M, N> for ToOne<true> {
    type Handle<'s> = Option<Persistent<'s, M::Target, N>>;
    type Owned = Option<Arc<Detached<M::Target, N>>>;

    fn describe(shape: &mut Shape) {
        shape.add_relation(M::INDEX, N::shape());
    }

    fn handle(src: Src<'_, M::Entity>) -> Self::Handle<'_> {
        src.one::<M::Target, N>(M::INDEX)
    }

    fn detach(src: Src<'_, M::Entity>, detacher: &mut Detacher) -> Self::Owned {
        <Self as Kind<M, N>>::handle(src).map(|target| Arc::new(detacher.detach(target)))
    }

    fn gather(owned: &Self::Owned, owner: usize, sources: &mut Sources) {
        sources.hold_one(owner, M::INDEX, owned.as_deref());
    }
}

/// A deferred column: its value is in the row, so there is nothing more to store.
#[derive(Debug)]
pub enum DeferredKind {}

impl<M: Attribute> Kind<M, ()> for DeferredKind {
    type Handle<'s> = ();
    type Owned = ();

    fn describe(shape: &mut Shape) {
        shape.add_column(M::INDEX);
    }

    fn handle(_: Src<'_, M::Entity>) -> Self::Handle<'_> {}

    fn detach(_: Src<'_, M::Entity>, _: &mut Detacher) -> Self::Owned {}

    fn gather((): &(), _: usize, _: &mut Sources) {}
}
