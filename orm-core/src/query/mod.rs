//! Queries as values: what to select and what to load with it, the load state in the type.

mod hint;
mod plan;
mod select;

pub use hint::{Hint, Loadable, RelationHint};
pub use plan::{NodeScope, Plan, PlanNode, Strategy};
pub use select::Select;
