//! The session: what each verb does to objects and which statements it takes.

mod add;
mod autoflush;
mod bulk;
mod commit;
mod get;
mod get_many;
mod insert_many;
mod keeping;
mod needs_rollback;
mod relationships;
mod replace;
mod rollback;
mod try_insert;
mod upsert;
