//! Queries as values: what to select and what to load with it, the load state in the type.

mod bulk;
mod hint;
mod plan;
mod raw;
mod select;
pub(crate) mod sql;

pub use bulk::{Delete, Update};
pub use hint::{Hint, HintSlot, Loadable, RelationHint, RelationHintIf};
pub use plan::{NodeScope, Plan, PlanNode, Strategy, Wanted};
pub use raw::{Bind, FromRow};
pub use select::Select;
pub(crate) use select::{Existing, SelectParts};
