//! Queries as values: what to select and what to load with it, the load state in the type.

mod hint;
mod plan;
mod select;
pub(crate) mod sql;

pub use hint::{Hint, HintSlot, Loadable, RelationHint, RelationHintIf};
pub use plan::{NodeScope, Plan, PlanNode, Strategy, Wanted};
pub use select::Select;
pub(crate) use select::SelectParts;
