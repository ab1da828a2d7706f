//! What programs do with it, as they would write it: each file is one task, with its own entities, run on every database.

#![expect(unreachable_pub, reason = "written as in a program, where models are public")]

mod axum_service;
mod cache;
mod client_keys;
mod column_types;
mod composite_key;
mod listing;
mod nested_json;
mod offline_form;
mod patch;
mod repository;
mod sign_up;
mod tagging;
mod tree;
