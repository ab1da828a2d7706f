//! How the names of a database are written in its definitions.

/// For which server a definition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::database) enum Spelling {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
    #[cfg(feature = "mysql")]
    MySql {
        /// The collation of new tables.
        collation: &'static str,
    },
}

impl Spelling {
    /// The most characters of a name; PostgreSQL cuts longer ones, MySQL refuses them.
    pub(super) const fn max_identifier(self) -> usize {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => usize::MAX,
            #[cfg(feature = "postgres")]
            Self::Postgres => 63,
            #[cfg(feature = "mysql")]
            Self::MySql { .. } => 64,
        }
    }

    /// An identifier in quotes.
    pub(in crate::database) fn quoted(self, name: &str) -> String {
        match self {
            #[cfg(feature = "mysql")]
            Self::MySql { .. } => format!("`{}`", name.replace('`', "``")),
            #[cfg(any(feature = "sqlite", feature = "postgres"))]
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A table's name with its schema, quoted.
    pub(super) fn qualified(self, schema: Option<&str>, name: &str) -> String {
        match schema {
            Some(schema) => format!("{}.{}", self.quoted(schema), self.quoted(name)),
            None => self.quoted(name),
        }
    }

    /// Names in a list, quoted.
    pub(super) fn list<'n>(self, names: impl IntoIterator<Item = &'n str>) -> String {
        names.into_iter().map(|name| self.quoted(name)).collect::<Vec<_>>().join(", ")
    }
}
