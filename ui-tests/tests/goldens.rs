//! The goldens, held to the rules of the house.
