//! What is wrong from outside: each a typed error that names entity, column and key where they are known; nothing panics or hangs.

mod connecting;
mod depth;
mod foreign_handles;
mod graphs;
mod missing_targets;
mod rows;
mod values;
