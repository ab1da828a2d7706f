//! The keys that a database counts up, where they do not come back with the rows.

#[cfg(feature = "mysql")]
use super::Held;
use super::{Connection, Driver};
use crate::error::Result;
#[cfg(feature = "mysql")]
use crate::{
    database::{capability::GeneratedKeys, cells::Cells, mysql, statement::Statement},
    error::{Error, ErrorKind},
};

impl Connection {
    /// The first key that the last statement generated.
    pub(crate) fn last_insert_id(&self) -> Option<u64> {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => None,
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => None,
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => Some(connection.last_insert_id()).filter(|id| *id > 0),
        }
    }

    /// Asks the server again by which step it counts keys up, and whether that is another than was known: a cluster's changes as
    /// nodes come and go. One statement.
    ///
    /// # Errors
    /// What the database refused.
    pub(crate) async fn renew_step(&mut self) -> Result<bool> {
        #[cfg(feature = "mysql")]
        if let GeneratedKeys::Consecutive { step: known } = self.capabilities.generated_keys {
            let mut step = known;
            let each = &mut |cells: &Cells<'_>| {
                step = cells.get::<u64>(0).map_err(|error| {
                    Error::new(ErrorKind::Decode, "the server's `auto_increment_increment` is no number")
                        .with_source(error)
                })?;
                Ok(())
            };
            self.fetch(&Statement::text(mysql::STEP), each).await?;
            self.capabilities.generated_keys = GeneratedKeys::Consecutive { step };
            match &mut *self.driver {
                Driver::MySql(connection) => connection.count_by(step),
                #[cfg(any(feature = "sqlite", feature = "postgres"))]
                _ => {}
            }
            // Who is lent it next knows as well.
            if let Held::Sandbox(lease) = &mut self.driver {
                lease.connection_mut().capabilities.generated_keys = self.capabilities.generated_keys;
            }
            return Ok(step != known);
        }
        Ok(false)
    }
}
