//! Types that hold together: load states, members in any form, every type of column.

mod columns;
mod load_states;
mod members;
mod twice;
