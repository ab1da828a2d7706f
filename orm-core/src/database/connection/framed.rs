//! A statement outside of a transaction, behind a pooler that changes servers between transactions: it gets a transaction of its own.

use super::{Connection, Driver, Held};
use crate::{
    database::{cells::Cells, options::BeginMode, statement::Statement},
    error::Result,
};

impl Connection {
    /// Whether a statement needs a transaction, and none is open.
    #[inline]
    pub(super) fn needs_frame(&self) -> bool {
        match &self.driver {
            #[cfg(feature = "postgres")]
            Held::Own(Driver::Postgres(connection)) => {
                self.transaction == super::Transaction::None && connection.is_behind_a_pooler()
            }
            #[cfg(feature = "sqlite")]
            Held::Own(Driver::Sqlite(_)) => false,
            #[cfg(feature = "mysql")]
            Held::Own(Driver::MySql(_)) => false,
            Held::Sandbox(_) => false,
        }
    }

    pub(super) async fn framed_fetch(
        &mut self,
        statement: &Statement,
        each: &mut (dyn FnMut(&Cells<'_>) -> Result<()> + Send),
    ) -> Result<u64> {
        self.begin(BeginMode::Deferred, None).await?;
        let result = self.fetch_now(statement, each).await;
        self.end_frame(result).await
    }

    pub(super) async fn framed_execute(&mut self, statement: &Statement) -> Result<u64> {
        self.begin(BeginMode::Deferred, None).await?;
        let result = self.execute_now(statement).await;
        #[cfg(feature = "postgres")]
        if result.is_err()
            && statement.values.is_empty()
            && self.was_refused_a_transaction()
            && !crate::lexer::has_several_statements(self.syntax(), &statement.sql)
        {
            // VACUUM and its like: one message, which names no statement.
            self.rollback().await?;
            return self.command(&statement.sql, self.limits.of_a_statement()).await.map(|()| 0);
        }
        self.end_frame(result).await
    }

    /// Whether the last statement, which failed, runs outside of transactions alone.
    #[cfg(feature = "postgres")]
    fn was_refused_a_transaction(&mut self) -> bool {
        match &mut *self.driver {
            Driver::Postgres(connection) => {
                connection.take_refusal() == Some(crate::database::postgres::Refusal::InTransaction)
            }
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => false,
            #[cfg(feature = "mysql")]
            Driver::MySql(_) => false,
        }
    }

    async fn end_frame(&mut self, result: Result<u64>) -> Result<u64> {
        match result {
            Ok(rows) => self.commit().await.map(|()| rows),
            Err(error) => {
                // The statement's own error says more than that of a broken connection.
                let _ = self.rollback().await;
                Err(error)
            }
        }
    }
}
