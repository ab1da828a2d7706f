//! A connection as it was given out: what the program's own statements left on it is undone.

use sqlx::{Executor as _, PgConnection};

use super::source::{ConnectOptions, prepare_session};

/// What `DISCARD ALL` does, but for the statements that the driver has prepared: they cost a message each to have again. One message.
const RESTORE: &str = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); \
                       DISCARD TEMP; DISCARD SEQUENCES; \
                       DO $$ DECLARE name text; BEGIN \
                       FOR name IN SELECT s.name FROM pg_catalog.pg_prepared_statements s WHERE s.from_sql LOOP \
                       EXECUTE pg_catalog.format('DEALLOCATE %I', name); END LOOP; END $$";

/// Undoes settings, roles, cursors, subscriptions, locks, temporary tables and statements that were prepared by SQL, then does again what
/// every connection begins with.
pub(super) async fn restore(connection: &mut PgConnection, options: &ConnectOptions) -> sqlx::Result<()> {
    connection.execute(sqlx::raw_sql(RESTORE)).await?;
    prepare_session(connection, options).await
}
