//! The behaviour of orm-core, scenario by scenario, against real databases.

mod raw_sql;
