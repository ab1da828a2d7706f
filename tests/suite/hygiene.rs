//! The derive in hostile company: shadowed names, lints at their strictest, raw identifiers, odd places.

mod lints;
mod names;
mod places;
