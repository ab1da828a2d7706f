//! Hints: which relationships a query loads, how, and with what below them. `User::POSTS.joined(Post::AUTHOR)`.

use std::marker::PhantomData;

use super::plan::{NodeScope, Plan, PlanNode, Strategy, Wanted};
use crate::{
    entity::Entity,
    expr::{Order, Predicate},
    load::{Loaded, Maybe, PutSlot, Subset},
    relationship::{Attribute, DeferredColumn, Rel, Relation},
};

/// A relationship of `E` to load, plain (`User::POSTS`) or with more below it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship of `{E}`",
    label = "expected a relationship of `{E}`"
)]
pub trait RelationHint<E: Entity> {
    /// The relationship.
    type Relation: Relation<Entity = E>;

    /// What its slot becomes.
    type Slot: 'static;

    /// What its slot becomes when a program decides at run time.
    type MaybeSlot: 'static;

    #[doc(hidden)]
    fn into_node(self, strategy: Strategy) -> PlanNode;
}

/// What `session.load` takes: a relationship of `E`, plain or with more below it, or a deferred column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship or deferred column of `{E}`",
    label = "expected a relationship or deferred column of `{E}`"
)]
pub trait Loadable<E: Entity> {
    /// The relationship or deferred column.
    type Attribute: Attribute<Entity = E>;

    /// What its slot becomes.
    type Slot: 'static;

    #[doc(hidden)]
    fn into_plan(self) -> Plan;
}

/// A relationship with a condition on its members, or with more to load below them. `S` is what the slot becomes.
#[derive(Clone)]
pub struct Hint<M, S> {
    scope: NodeScope,
    plan: Plan,
    types: PhantomData<fn() -> (M, S)>,
}

impl<M, S> std::fmt::Debug for Hint<M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hint").field("scope", &self.scope).field("plan", &self.plan).finish()
    }
}

impl<M, S> Hint<M, S> {
    fn retype<S2>(self) -> Hint<M, S2> {
        Hint { scope: self.scope, plan: self.plan, types: PhantomData }
    }

    fn narrowed(
        mut self,
        change: impl FnOnce(&mut Option<crate::expr::Node>, &mut Vec<crate::expr::OrderNode>, &mut Option<u64>),
    ) -> Self {
        if !matches!(self.scope, NodeScope::Subset { .. }) {
            self.scope = NodeScope::Subset { filter: None, order: Vec::new(), limit: None };
        }
        if let NodeScope::Subset { filter, order, limit } = &mut self.scope {
            change(filter, order, limit);
        }
        self
    }

    fn with_filter<T: Entity>(self, predicate: Predicate<T>) -> Self {
        self.narrowed(|filter, _, _| {
            let node = predicate.into_node();
            *filter = Some(match filter.take() {
                Some(known) => known.and(node),
                None => node,
            });
        })
    }

    fn with_order<T: Entity>(self, by: Order<T>) -> Self {
        self.narrowed(|_, order, _| order.push(by.into_node()))
    }

    fn with_limit(self, count: u64) -> Self {
        self.narrowed(|_, _, limit| *limit = Some(count))
    }

    fn below<T: Entity, H: RelationHint<T>>(mut self, hint: H, strategy: Strategy) -> Self {
        self.plan.add(hint.into_node(strategy));
        self
    }
}

type BareOf<M> = <<M as Relation>::Target as Entity>::Bare;
type Put<N, H, T> = <N as PutSlot<<H as RelationHint<T>>::Relation, <H as RelationHint<T>>::Slot>>::Output;
type PutMaybe<N, H, T> = <N as PutSlot<<H as RelationHint<T>>::Relation, <H as RelationHint<T>>::MaybeSlot>>::Output;
type PutColumn<N, M> = <N as PutSlot<M, Loaded<M>>>::Output;

/// The methods that a plain relationship and each kind of hint share: `$grown` is the slot state with other members.
macro_rules! hint_methods {
    ($slot:ident, $nested:ty, $start:expr) => {
        /// Loads this relationship of the members with a statement of its own. SQLAlchemy's `selectinload`.
        ///
        /// Costs one statement for the whole level.
        #[doc(alias = "selectinload")]
        pub fn selectin<H: RelationHint<M::Target>>(self, hint: H) -> Hint<M, $slot<M, Put<$nested, H, M::Target>>>
        where
            $nested: PutSlot<H::Relation, H::Slot>,
        {
            $start(self).below(hint, Strategy::SelectIn).retype()
        }

        /// Loads this relationship of the members in the same statement. SQLAlchemy's `joinedload`.
        #[doc(alias = "joinedload")]
        pub fn joined<H: RelationHint<M::Target>>(self, hint: H) -> Hint<M, $slot<M, Put<$nested, H, M::Target>>>
        where
            $nested: PutSlot<H::Relation, H::Slot>,
        {
            $start(self).below(hint, Strategy::Joined).retype()
        }

        /// Loads this relationship of the members if `wanted`; either way the type is the same, and `try_…()` reads it.
        pub fn selectin_if<H: RelationHint<M::Target>>(
            self,
            wanted: bool,
            hint: H,
        ) -> Hint<M, $slot<M, PutMaybe<$nested, H, M::Target>>>
        where
            $nested: PutSlot<H::Relation, H::MaybeSlot>,
        {
            let mut this = $start(self);
            this.plan.add(maybe(hint.into_node(Strategy::SelectIn), wanted));
            this.retype()
        }

        /// Selects a deferred column of the members as well.
        pub fn undefer<D: Attribute<Entity = M::Target>, T>(
            self,
            _: DeferredColumn<D, T>,
        ) -> Hint<M, $slot<M, PutColumn<$nested, D>>>
        where
            $nested: PutSlot<D, Loaded<D>>,
        {
            let mut this = $start(self);
            this.plan.undefer(<M::Target as Entity>::DEF, D::INDEX);
            this.retype()
        }
    };
}

macro_rules! subset_methods {
    ($nested:ty, $start:expr) => {
        /// Only the members that match: the slot becomes a subset, read by `…_subset()`.
        pub fn filter(self, predicate: Predicate<M::Target>) -> Hint<M, Subset<M, $nested>> {
            $start(self).with_filter(predicate).retype()
        }

        /// The members in this order: the slot becomes a subset (the object's own list has the relationship's order).
        pub fn order_by(self, order: Order<M::Target>) -> Hint<M, Subset<M, $nested>> {
            $start(self).with_order(order).retype()
        }

        /// At most so many members of each owner: the slot becomes a subset.
        pub fn limit(self, count: u64) -> Hint<M, Subset<M, $nested>> {
            $start(self).with_limit(count).retype()
        }
    };
}

pub(super) fn maybe(mut node: PlanNode, wanted: bool) -> PlanNode {
    node.scope = NodeScope::Maybe { wanted: if wanted { Wanted::Yes } else { Wanted::No } };
    node
}

impl<M: Relation> Rel<M> {
    hint_methods!(Loaded, BareOf<M>, Rel::into_hint);
    subset_methods!(BareOf<M>, Rel::into_hint);

    fn into_hint(self) -> Hint<M, Loaded<M, BareOf<M>>> {
        Hint { scope: NodeScope::Whole, plan: Plan::default(), types: PhantomData }
    }
}

impl<M: Relation, N> Hint<M, Loaded<M, N>> {
    hint_methods!(Loaded, N, std::convert::identity);
    subset_methods!(N, std::convert::identity);
}

impl<M: Relation, N> Hint<M, Subset<M, N>> {
    hint_methods!(Subset, N, std::convert::identity);
    subset_methods!(N, std::convert::identity);
}

#[diagnostic::do_not_recommend]
impl<M: Relation> RelationHint<M::Entity> for Rel<M> {
    type Relation = M;
    type Slot = Loaded<M, BareOf<M>>;
    type MaybeSlot = Maybe<M, BareOf<M>>;

    fn into_node(self, strategy: Strategy) -> PlanNode {
        self.into_hint().into_node(strategy)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation, N: 'static> RelationHint<M::Entity> for Hint<M, Loaded<M, N>> {
    type Relation = M;
    type Slot = Loaded<M, N>;
    type MaybeSlot = Maybe<M, N>;

    fn into_node(self, strategy: Strategy) -> PlanNode {
        PlanNode { relation: M::INDEX, strategy, scope: self.scope, plan: self.plan }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation, N: 'static> RelationHint<M::Entity> for Hint<M, Subset<M, N>> {
    type Relation = M;
    type Slot = Subset<M, N>;
    // A subset that may be there: not offered, and `selectin_if` says so by having no way to merge it.
    type MaybeSlot = Subset<M, N>;

    fn into_node(self, strategy: Strategy) -> PlanNode {
        PlanNode { relation: M::INDEX, strategy, scope: self.scope, plan: self.plan }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation> Loadable<M::Entity> for Rel<M> {
    type Attribute = M;
    type Slot = Loaded<M, BareOf<M>>;

    fn into_plan(self) -> Plan {
        plan_of(self.into_node(Strategy::SelectIn))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Relation, S: 'static> Loadable<M::Entity> for Hint<M, S>
where
    Self: RelationHint<M::Entity, Relation = M, Slot = S>,
{
    type Attribute = M;
    type Slot = S;

    fn into_plan(self) -> Plan {
        plan_of(self.into_node(Strategy::SelectIn))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Attribute, T> Loadable<M::Entity> for DeferredColumn<M, T> {
    type Attribute = M;
    type Slot = Loaded<M>;

    fn into_plan(self) -> Plan {
        let mut plan = Plan::default();
        plan.undefer(<M::Entity as Entity>::DEF, M::INDEX);
        plan
    }
}

fn plan_of(node: PlanNode) -> Plan {
    Plan { nodes: vec![node], columns: Vec::new() }
}
