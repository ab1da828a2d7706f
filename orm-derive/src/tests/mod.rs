//! Unit tests: every refusal with its message and caret, and every expansion.

mod expanded_entities;
mod expanded_types;
mod random_items;
mod refused_attributes;
mod refused_columns;
mod refused_items;
mod refused_keys;
mod refused_names;
mod refused_relations;
mod refused_types;
mod render;
