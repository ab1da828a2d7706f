//! What programs do with it, as they would write it: each file is one task, with its own entities, run on every database.

#![expect(unreachable_pub, reason = "written as in a program, where models are public")]

mod after_commit;
mod audit_log;
mod axum_service;
mod cache;
mod client_keys;
mod column_types;
mod composite_key;
mod document;
mod fresh_price;
mod importing;
mod invitations;
mod job_queue;
mod listing;
mod nested_json;
mod offline_form;
mod patch;
mod repository;
mod row_level_security;
mod shared_tags;
mod sign_up;
mod tagging;
mod tested_in_a_sandbox;
mod transfer;
mod tree;
