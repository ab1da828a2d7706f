//! What programs do with it, as they would write it: each file is one task, with its own entities, run on every database.

#![expect(unreachable_pub, reason = "written as in a program, where models are public")]

mod axum_service;
mod client_keys;
mod column_types;
mod composite_key;
mod document;
mod importing;
mod invitations;
mod listing;
mod nested_json;
mod repository;
mod shared_tags;
mod sign_up;
mod tagging;
mod tree;
