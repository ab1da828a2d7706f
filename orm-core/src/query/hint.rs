//! Hints: which relationships a query loads, how, and with what below them. `User::POSTS.joined(Post::AUTHOR)`.

use std::marker::PhantomData;

use super::plan::{NodeScope, Plan, PlanNode, Strategy, Wanted};
use crate::{
    entity::Entity,
    expr::{OrderBy, Predicate},
    load::{GrowsIn, Loaded, Maybe, Subset},
    relationship::{Attribute, DeferredColumn, Rel, Relation},
};

/// A relationship of `E` to load beside what `L` holds, plain (`User::POSTS`) or with more below it; `Grown` holds it as well.
///
/// What it grows to is a parameter and not an associated type: a hint that does not fit is then one error, at the hint.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship of `{E}`",
    label = "expected a relationship of `{E}`",
    note = "a deferred column is selected by `undefer`; any other column is always there"
)]
pub trait RelationHint<E: Entity, L, Grown> {
    #[doc(hidden)]
    fn into_node(self, strategy: Strategy) -> PlanNode;
}

/// A relationship of `E` to load if a program decides so: whole, with more below it or without.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded by a decision at run time",
    label = "expected a relationship of `{E}` without filter, order or limit",
    note = "put both queries behind an `if`, or take the filter away"
)]
pub trait RelationHintIf<E: Entity, L, Grown> {
    #[doc(hidden)]
    fn into_node_if(self, wanted: bool, strategy: Strategy) -> PlanNode;
}

/// What `session.load` takes: a relationship of `E`, plain or with more below it, or a deferred column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship or deferred column of `{E}`",
    label = "expected a relationship or deferred column of `{E}`",
    note = "any other column is always there"
)]
pub trait Loadable<E: Entity, L, Grown> {
    #[doc(hidden)]
    fn name(&self) -> &'static str;

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
        if !matches!(self.scope, NodeScope::Filtered { .. }) {
            self.scope = NodeScope::Filtered { filter: None, order: Vec::new(), limit: None };
        }
        if let NodeScope::Filtered { filter, order, limit } = &mut self.scope {
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

    fn with_order<T: Entity>(self, by: OrderBy<T>) -> Self {
        self.narrowed(|_, order, _| order.push(by.into_node()))
    }

    fn with_limit(self, count: u64) -> Self {
        self.narrowed(|_, _, limit| *limit = Some(count))
    }

    fn below(mut self, node: PlanNode) -> Self {
        self.plan.add(node);
        self
    }
}

type BareOf<M> = <<M as Relation>::Target as Entity>::Bare;
/// The load state `L` of `E` with the slot of `M` grown by `S`.
type Grown<E, L, M, S> = <M as GrowsIn<E, L, S>>::Output;

/// What the slot of a hint becomes when its members hold something else.
pub trait HintSlot {
    /// What the members hold.
    type Nested;

    /// The slot whose members hold `N`.
    type With<N>;
}

impl<M, N> HintSlot for Loaded<M, N> {
    type Nested = N;
    type With<N2> = Loaded<M, N2>;
}

impl<M, N> HintSlot for Subset<M, N> {
    type Nested = N;
    type With<N2> = Subset<M, N2>;
}

impl<M: Relation> Rel<M> {
    fn into_hint(self) -> Hint<M, Loaded<M, BareOf<M>>> {
        Hint { scope: NodeScope::Whole, plan: Plan::default(), types: PhantomData }
    }

    /// Loads this relationship of the members with a statement of its own. SQLAlchemy's `selectinload`.
    ///
    /// Costs one statement for the whole level.
    #[doc(alias = "selectinload")]
    pub fn selectin<N>(self, hint: impl RelationHint<M::Target, BareOf<M>, N>) -> Hint<M, Loaded<M, N>> {
        self.into_hint().selectin(hint)
    }

    /// Loads this relationship of the members in the same statement. SQLAlchemy's `joinedload`.
    #[doc(alias = "joinedload")]
    pub fn joined<N>(self, hint: impl RelationHint<M::Target, BareOf<M>, N>) -> Hint<M, Loaded<M, N>> {
        self.into_hint().joined(hint)
    }

    /// Loads this relationship of the members if `wanted`; either way the type is the same, and `try_…()` reads it.
    pub fn selectin_if<N>(
        self,
        wanted: bool,
        hint: impl RelationHintIf<M::Target, BareOf<M>, N>,
    ) -> Hint<M, Loaded<M, N>> {
        self.into_hint().selectin_if(wanted, hint)
    }

    /// Selects a deferred column of the members as well.
    pub fn undefer<D: Attribute + GrowsIn<M::Target, BareOf<M>, Loaded<D>>, T>(
        self,
        column: DeferredColumn<D, T>,
    ) -> Hint<M, Loaded<M, Grown<M::Target, BareOf<M>, D, Loaded<D>>>> {
        self.into_hint().undefer(column)
    }

    /// Only the members that match: the slot becomes a subset, read by `…_subset()`.
    pub fn filter(self, predicate: Predicate<M::Target>) -> Hint<M, Subset<M, BareOf<M>>> {
        self.into_hint().filter(predicate)
    }

    /// The members in this order: the slot becomes a subset (the object's own list has the relationship's order).
    pub fn order_by(self, order: OrderBy<M::Target>) -> Hint<M, Subset<M, BareOf<M>>> {
        self.into_hint().order_by(order)
    }

    /// At most so many members of each owner: the slot becomes a subset.
    pub fn limit(self, count: u64) -> Hint<M, Subset<M, BareOf<M>>> {
        self.into_hint().limit(count)
    }
}

impl<M: Relation, S: HintSlot> Hint<M, S> {
    /// Loads this relationship of the members with a statement of its own. SQLAlchemy's `selectinload`.
    ///
    /// Costs one statement for the whole level.
    #[doc(alias = "selectinload")]
    pub fn selectin<N>(self, hint: impl RelationHint<M::Target, S::Nested, N>) -> Hint<M, S::With<N>> {
        self.below(hint.into_node(Strategy::SelectIn)).retype()
    }

    /// Loads this relationship of the members in the same statement. SQLAlchemy's `joinedload`.
    #[doc(alias = "joinedload")]
    pub fn joined<N>(self, hint: impl RelationHint<M::Target, S::Nested, N>) -> Hint<M, S::With<N>> {
        self.below(hint.into_node(Strategy::Joined)).retype()
    }

    /// Loads this relationship of the members if `wanted`; either way the type is the same, and `try_…()` reads it.
    pub fn selectin_if<N>(
        self,
        wanted: bool,
        hint: impl RelationHintIf<M::Target, S::Nested, N>,
    ) -> Hint<M, S::With<N>> {
        self.below(hint.into_node_if(wanted, Strategy::SelectIn)).retype()
    }

    /// Selects a deferred column of the members as well.
    pub fn undefer<D: Attribute + GrowsIn<M::Target, S::Nested, Loaded<D>>, T>(
        mut self,
        _: DeferredColumn<D, T>,
    ) -> Hint<M, S::With<Grown<M::Target, S::Nested, D, Loaded<D>>>> {
        self.plan.undefer(<M::Target as Entity>::DEF, D::INDEX);
        self.retype()
    }

    /// Only the members that match: the slot becomes a subset, read by `…_subset()`.
    pub fn filter(self, predicate: Predicate<M::Target>) -> Hint<M, Subset<M, S::Nested>> {
        self.with_filter(predicate).retype()
    }

    /// The members in this order: the slot becomes a subset (the object's own list has the relationship's order).
    pub fn order_by(self, order: OrderBy<M::Target>) -> Hint<M, Subset<M, S::Nested>> {
        self.with_order(order).retype()
    }

    /// At most so many members of each owner: the slot becomes a subset.
    pub fn limit(self, count: u64) -> Hint<M, Subset<M, S::Nested>> {
        self.with_limit(count).retype()
    }
}

impl<M: Relation, S> Hint<M, S> {
    fn into_any_node(self, strategy: Strategy) -> PlanNode {
        PlanNode { relation: M::INDEX, strategy, scope: self.scope, plan: self.plan }
    }
}

fn maybe(mut node: PlanNode, wanted: bool) -> PlanNode {
    node.scope = NodeScope::Decided { wanted: if wanted { Wanted::Yes } else { Wanted::No } };
    node
}

// Not `do_not_recommend`: what speaks is the bound on the attribute, which names the relationship.
impl<E: Entity, L, M> RelationHint<E, L, Grown<E, L, M, Loaded<M, BareOf<M>>>> for Rel<M>
where
    M: Relation + GrowsIn<E, L, Loaded<M, BareOf<M>>>,
{
    fn into_node(self, strategy: Strategy) -> PlanNode {
        self.into_hint().into_any_node(strategy)
    }
}

impl<E: Entity, L, M, S> RelationHint<E, L, Grown<E, L, M, S>> for Hint<M, S>
where
    M: Relation + GrowsIn<E, L, S>,
{
    fn into_node(self, strategy: Strategy) -> PlanNode {
        self.into_any_node(strategy)
    }
}

/// Never, for a deferred column is no relationship: what it needs does not hold, and says what to write.
impl<E: Entity, L, M: Relation, T> RelationHint<E, L, L> for DeferredColumn<M, T> {
    fn into_node(self, _: Strategy) -> PlanNode {
        unreachable!("orm bug: a deferred column was loaded as a relationship")
    }
}

impl<E: Entity, L, M> RelationHintIf<E, L, Grown<E, L, M, Maybe<M, BareOf<M>>>> for Rel<M>
where
    M: Relation + GrowsIn<E, L, Maybe<M, BareOf<M>>>,
{
    fn into_node_if(self, wanted: bool, strategy: Strategy) -> PlanNode {
        maybe(self.into_hint().into_any_node(strategy), wanted)
    }
}

impl<E: Entity, L, M, N> RelationHintIf<E, L, Grown<E, L, M, Maybe<M, N>>> for Hint<M, Loaded<M, N>>
where
    M: Relation + GrowsIn<E, L, Maybe<M, N>>,
{
    fn into_node_if(self, wanted: bool, strategy: Strategy) -> PlanNode {
        maybe(self.into_any_node(strategy), wanted)
    }
}

impl<E: Entity, L, M> Loadable<E, L, Grown<E, L, M, Loaded<M, BareOf<M>>>> for Rel<M>
where
    M: Relation + GrowsIn<E, L, Loaded<M, BareOf<M>>>,
{
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn into_plan(self) -> Plan {
        plan_of(self.into_hint().into_any_node(Strategy::SelectIn))
    }
}

impl<E: Entity, L, M, S> Loadable<E, L, Grown<E, L, M, S>> for Hint<M, S>
where
    M: Relation + GrowsIn<E, L, S>,
{
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn into_plan(self) -> Plan {
        plan_of(self.into_any_node(Strategy::SelectIn))
    }
}

impl<E: Entity, L, M, T> Loadable<E, L, Grown<E, L, M, Loaded<M>>> for DeferredColumn<M, T>
where
    M: Attribute + GrowsIn<E, L, Loaded<M>>,
{
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn into_plan(self) -> Plan {
        let mut plan = Plan::default();
        plan.undefer(<M::Entity as Entity>::DEF, M::INDEX);
        plan
    }
}

fn plan_of(node: PlanNode) -> Plan {
    Plan { nodes: vec![node], columns: Vec::new() }
}
