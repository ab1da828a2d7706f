//! The derive in hostile company: shadowed names, lints at their strictest, raw identifiers, odd places; and what prints.

mod identifiers;
mod lints;
mod names;
mod places;
mod prints;
