//! What to load with an object, level by level: the untyped form of a query's hints.

use std::sync::Arc;

use crate::{
    expr::{Node, OrderNode},
    load::Shape,
    schema::EntityDef,
};

/// How a relationship is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// A second statement, `WHERE key IN (..)`: SQLAlchemy's `selectinload`.
    SelectIn,
    /// In the statement that loads the owner, by a JOIN: SQLAlchemy's `joinedload`.
    Joined,
}

/// Which members a hint asks for.
#[derive(Clone, Debug)]
pub enum NodeScope {
    /// All of them: the slot becomes loaded.
    Whole,
    /// Those that match, at most so many of each owner: the slot becomes a subset.
    Filtered {
        /// The condition on the target.
        filter: Option<Node>,
        /// The order within one owner's list.
        order: Vec<OrderNode>,
        /// How many of one owner.
        limit: Option<u64>,
    },
    /// All of them, if the program said so at run time.
    Decided {
        /// What it said.
        wanted: Wanted,
    },
}

/// What a program decided at run time about a `_if` hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Load it.
    Yes,
    /// Leave it.
    No,
}

/// One relationship to load.
#[derive(Clone, Debug)]
pub struct PlanNode {
    pub(crate) relation: usize,
    pub(crate) strategy: Strategy,
    pub(crate) scope: NodeScope,
    pub(crate) plan: Plan,
}

/// What to load with an object.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One node for each relationship.
    pub(crate) nodes: Vec<PlanNode>,
    /// Deferred columns, by position; sorted.
    pub(crate) columns: Vec<usize>,
}

impl Plan {
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.columns.is_empty()
    }

    /// Adds a node; one of the same relationship is merged with it, as their types are.
    pub(crate) fn add(&mut self, node: PlanNode) {
        match self.nodes.iter_mut().find(|known| known.relation == node.relation) {
            Some(known) => known.merge(node),
            None => self.nodes.push(node),
        }
    }

    pub(crate) fn add_column(&mut self, column: usize) {
        if let Err(at) = self.columns.binary_search(&column) {
            self.columns.insert(at, column);
        }
    }

    /// Adds a deferred column, and those of its group: they are loaded together.
    pub(crate) fn undefer(&mut self, def: &'static EntityDef, column: usize) {
        self.add_column(column);
        let Some(group) = def.columns[column].deferred_group else { return };
        for (at, other) in def.columns.iter().enumerate() {
            if other.deferred_group == Some(group) {
                self.add_column(at);
            }
        }
    }

    /// Whether it asks for whole relationships only, so that what is loaded can answer it.
    pub(crate) fn is_whole(&self) -> bool {
        self.nodes.iter().all(|node| matches!(node.scope, NodeScope::Whole) && node.plan.is_whole())
    }

    /// The plan that makes a promise true.
    pub(crate) fn of_shape(def: &'static EntityDef, shape: &Shape) -> Self {
        let mut plan = Self { nodes: Vec::new(), columns: shape.columns.clone() };
        for (relation, members) in &shape.relations {
            let below = Self::of_shape((def.relations[*relation].target)(), members);
            plan.add(PlanNode {
                relation: *relation,
                strategy: Strategy::SelectIn,
                scope: NodeScope::Whole,
                plan: below,
            });
        }
        for (relation, members) in &shape.members {
            let below = Self::of_shape((def.relations[*relation].target)(), members);
            let scope = NodeScope::Decided { wanted: Wanted::No };
            plan.add(PlanNode { relation: *relation, strategy: Strategy::SelectIn, scope, plan: below });
        }
        plan
    }

    /// The plan that makes a type true: as [`of_shape`](Self::of_shape), and where something is loaded that need not be, its members
    /// hold what the type says.
    pub(crate) fn of_type(def: &'static EntityDef, shape: &Shape) -> Self {
        let mut plan = Self { nodes: Vec::new(), columns: shape.columns.clone() };
        let whole = shape.relations.iter().map(|members| (members, NodeScope::Whole));
        let decided = shape.members.iter().map(|members| (members, NodeScope::Decided { wanted: Wanted::No }));
        for ((relation, members), scope) in whole.chain(decided) {
            let below = Self::of_type((def.relations[*relation].target)(), members);
            plan.add(PlanNode { relation: *relation, strategy: Strategy::SelectIn, scope, plan: below });
        }
        plan
    }

    /// Adds what another plan asks for.
    pub(crate) fn merge(&mut self, other: Plan) {
        for node in other.nodes {
            self.add(node);
        }
        for column in other.columns {
            self.add_column(column);
        }
    }

    /// What the handles of this plan are promised.
    pub(crate) fn shape(&self) -> Arc<Shape> {
        Arc::new(self.to_shape())
    }

    fn to_shape(&self) -> Shape {
        let mut shape = Shape::default();
        for node in &self.nodes {
            match node.scope {
                NodeScope::Whole => shape.add_relation(node.relation, node.plan.to_shape()),
                NodeScope::Filtered { .. } | NodeScope::Decided { .. } => {
                    shape.add_members(node.relation, node.plan.to_shape())
                }
            }
        }
        for column in &self.columns {
            shape.add_column(*column);
        }
        shape
    }
}

impl PlanNode {
    /// Whether the whole relationship is to be loaded.
    pub(crate) fn is_wanted(&self) -> bool {
        matches!(self.scope, NodeScope::Whole | NodeScope::Decided { wanted: Wanted::Yes })
    }

    fn merge(&mut self, other: PlanNode) {
        use NodeScope::{Decided, Whole};
        self.scope = match (std::mem::replace(&mut self.scope, Whole), other.scope) {
            (Decided { wanted: Wanted::No }, Decided { wanted: Wanted::No }) => Decided { wanted: Wanted::No },
            (Decided { .. }, Decided { .. }) => Decided { wanted: Wanted::Yes },
            (Whole | Decided { .. }, Whole | Decided { .. }) => Whole,
            (subset, _) => subset,
        };
        self.plan.merge(other.plan);
    }
}
