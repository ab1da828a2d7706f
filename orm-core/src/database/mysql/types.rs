//! The types for dates, moments and decimals that values are sent as.
//!
//! The driver has names for them only with features that draw its SQLite half into every user's lock file, where that stands in
//! the way of ours. So they are taken from the first result that has columns of these types; they are part of the protocol and the
//! same on every server.

use std::sync::OnceLock;

use sqlx::{
    Column as _, MySql, Row as _, Type,
    mysql::{MySqlRow, MySqlTypeInfo},
};

#[allow(dead_code, reason = "asked for by the column types of features")]
struct Types {
    date: MySqlTypeInfo,
    moment: MySqlTypeInfo,
    decimal: MySqlTypeInfo,
}

static TYPES: OnceLock<Types> = OnceLock::new();

/// Takes the types from three columns, in this order: DATE, DATETIME, DECIMAL.
pub(super) fn learn(row: &MySqlRow, first: usize) {
    let column = |index: usize| row.columns().get(first + index).map(|column| column.type_info().clone());
    if let (Some(date), Some(moment), Some(decimal)) = (column(0), column(1), column(2)) {
        // Whoever was first has the same.
        let _ = TYPES.set(Types { date, moment, decimal });
    }
}

#[allow(dead_code, reason = "asked for by the column types of features")]
fn of(choose: impl FnOnce(&Types) -> &MySqlTypeInfo) -> MySqlTypeInfo {
    // Before the first connection nothing is sent. Text is what all of them can be read from.
    TYPES.get().map_or_else(<str as Type<MySql>>::type_info, |types| choose(types).clone())
}

/// DATE.
#[cfg(any(feature = "chrono", feature = "time"))]
pub(super) fn date() -> MySqlTypeInfo {
    of(|types| &types.date)
}

/// DATETIME.
#[cfg(any(feature = "chrono", feature = "time"))]
pub(super) fn moment() -> MySqlTypeInfo {
    of(|types| &types.moment)
}

/// DECIMAL.
#[cfg(feature = "rust_decimal")]
pub(super) fn decimal() -> MySqlTypeInfo {
    of(|types| &types.decimal)
}
