//! The typed front builds the tree that it says.
