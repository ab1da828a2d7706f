//! What really goes to the database, by its own account.

mod own_count;
