//! Loading: by selectin, by joins, one relationship at a time, filtered; which statements each takes and what they publish.

mod fill;
mod identity;
mod joined;
mod lazy;
mod selectin;
mod subset;
