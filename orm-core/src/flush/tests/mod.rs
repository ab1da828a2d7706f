//! Flushes, planned and sent.
