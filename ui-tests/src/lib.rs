//! The entities that the cases use; the cases are in `fail/` and `pass/`.

pub mod entities;
