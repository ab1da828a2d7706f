//! Pinned texts.
