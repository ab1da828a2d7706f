//! The session: what each verb does to objects and which statements it takes.

mod commit;
