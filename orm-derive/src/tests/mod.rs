//! Unit tests: every refusal and every expansion.
