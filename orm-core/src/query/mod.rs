//! Queries as values: what to select and what to load with it, the load state in the type.

mod bulk;
mod hint;
mod plan;
mod select;
pub(crate) mod sql;
mod upsert;

pub use bulk::{Delete, Update};
pub use hint::{Hint, Loadable, RelationHint};
pub use plan::{NodeScope, Plan, PlanNode, Strategy, Wanted};
pub use select::Select;
pub(crate) use select::SelectParts;
pub(crate) use upsert::ConflictAction;
pub use upsert::{OnConflict, on_conflict};
