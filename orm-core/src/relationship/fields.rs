//! The field types that declare a relationship. They hold nothing: what is loaded is kept by the session, beside the row.

use std::{fmt, marker::PhantomData};

macro_rules! relationship_field {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<T>(PhantomData<fn() -> T>);

        impl<T> $name<T> {
            #[doc(hidden)]
            #[must_use]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("<", stringify!($name), ">"))
            }
        }
    };
}

relationship_field! {
    /// Many-to-one: the foreign key is on this side.
    BelongsTo
}
relationship_field! {
    /// One-to-many: the foreign key is on the other side.
    HasMany
}
relationship_field! {
    /// One-to-one: the foreign key is on the other side, and unique: `create_all` makes the constraint, unless the relationship is
    /// `unenforced` or `viewonly`. Setting another one, from either side, lets the one that was there go first: its foreign key becomes NULL,
    /// or it is deleted with `cascade = "all, delete-orphan"`. Where it is not loaded, the flush reads it: one SELECT.
    HasOne
}
relationship_field! {
    /// Many-to-many: the foreign keys are in a table between, the secondary.
    ManyToMany
}
