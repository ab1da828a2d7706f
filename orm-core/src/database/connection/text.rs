//! A text that the program wrote, on its way to this connection: how its server reads it, and what it may not do here.

use super::{Connection, Driver, Held};
#[cfg(feature = "mysql")]
use crate::error::{Error, ErrorKind};
use crate::{
    database::{
        capability::Definitions,
        own_text,
        statement::{Author, Statement},
    },
    error::Result,
    lexer::Syntax,
};

impl Connection {
    /// A text that the program wrote, as it is sent; `None` for one of the library's.
    pub(super) fn read(&self, statement: &Statement) -> Result<Option<Statement>> {
        let syntax = self.syntax();
        let read = match statement.author {
            Author::Library => None,
            Author::Program(_) => own_text::read(syntax, statement)?,
        };
        self.check_definition(syntax, &statement.sql)?;
        Ok(read)
    }

    /// How the server reads a text.
    pub(super) fn syntax(&self) -> Syntax {
        match &*self.driver {
            #[cfg(feature = "sqlite")]
            Driver::Sqlite(_) => self.backend().syntax(),
            #[cfg(feature = "postgres")]
            Driver::Postgres(_) => self.backend().syntax(),
            #[cfg(feature = "mysql")]
            Driver::MySql(connection) => connection.server().syntax(),
        }
    }

    /// Refuses what would commit an open transaction behind its back.
    fn check_definition(&self, syntax: Syntax, sql: &str) -> Result<()> {
        let in_transaction = self.in_transaction() || matches!(self.driver, Held::Sandbox(_));
        if self.backend().definitions() == Definitions::Transactional || !in_transaction {
            return Ok(());
        }
        #[cfg(feature = "mysql")]
        if crate::database::mysql::MySqlConnection::commits(syntax, sql) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "MySQL commits the open transaction before such a statement; nothing was sent. Run it outside of a transaction: \
                 `db.execute(..)`",
            ));
        }
        let _ = (syntax, sql);
        Ok(())
    }
}
