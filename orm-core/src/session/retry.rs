//! `transaction`: a whole transaction as a closure, tried again when the database asks for that.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use super::{Session, SessionFactory};
use crate::{database::Database, error::Error};

/// How often a transaction is tried in all, unless [`SessionFactory::attempts`] says otherwise.
pub(super) const ATTEMPTS: u32 = 5;

/// The longest pause before the second try; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl SessionFactory {
    /// Runs a transaction: a new session for `work`, a commit when it succeeds, a rollback when it fails.
    ///
    /// Where the database could not serialise it with others, or chose it as the victim of a deadlock, or a version was not the one that
    /// was read, or its tables were changed meanwhile ([`ErrorKind::Serialization`](crate::error::ErrorKind::Serialization),
    /// [`ErrorKind::Deadlock`](crate::error::ErrorKind::Deadlock), [`ErrorKind::StaleData`](crate::error::ErrorKind::StaleData),
    /// [`ErrorKind::SchemaChanged`](crate::error::ErrorKind::SchemaChanged)), all of it is done again with a new session, after a pause of random length: five times in all
    /// ([`attempts`](Self::attempts)). So what `work` does beside the database must be harmless to do twice. What it captures is
    /// cloned for each attempt: capture references and `Arc`s; a `&mut` does not compile. SQLAlchemy leaves this to the program.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "accounts")] struct Account { #[orm(primary_key)] id: i64, balance: i64 }
    /// # async fn example(db: &Database, amount: i64) -> Result<(), Error> {
    /// let left = db
    ///     .transaction(async |session: &mut Session| {
    ///         let account = session.get_one::<Account>(1).for_update().await?;
    ///         account.set_balance(account.balance() - amount);
    ///         Ok::<_, Error>(account.balance())
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The statements of `work`, BEGIN and COMMIT, for each attempt.
    ///
    /// # Errors
    /// What `work` gives back; what the commit refuses; of the last attempt. A commit whose outcome is unknown
    /// ([`ErrorKind::CommitUnknown`](crate::error::ErrorKind::CommitUnknown)) is the last attempt.
    pub async fn transaction<R, Er, F>(&self, work: F) -> Result<R, Er>
    where
        F: AsyncFnOnce(&mut Session) -> Result<R, Er> + Clone,
        Er: From<Error>,
    {
        let attempts = self.most_attempts();
        let mut attempt = 1;
        loop {
            let mut session = self.session();
            let mut result = work.clone()(&mut session).await;
            if result.is_ok()
                && let Err(error) = session.commit().await
            {
                result = Err(error.into());
            }
            let Err(error) = result else { return result };
            let again = session.is_worth_retrying() && attempt < attempts;
            // What a broken connection says to ROLLBACK is not what went wrong.
            let _ = session.rollback().await;
            drop(session);
            if !again {
                return Err(error);
            }
            tracing::debug!(target: "orm::session", attempt, "the transaction is tried again");
            tokio::time::sleep(pause(attempt)).await;
            attempt += 1;
        }
    }
}

impl Database {
    /// Runs a transaction with the default options: [`SessionFactory::transaction`].
    ///
    /// # Errors
    /// As there.
    pub async fn transaction<R, Er, F>(&self, work: F) -> Result<R, Er>
    where
        F: AsyncFnOnce(&mut Session) -> Result<R, Er> + Clone,
        Er: From<Error>,
    {
        self.session_factory().transaction(work).await
    }
}

/// Between nothing and a limit that doubles: those that met once are not to meet again.
fn pause(attempt: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10).saturating_sub(1)).min(LONGEST_PAUSE);
    let random = RandomState::new().hash_one(attempt) as u32;
    longest.mul_f64(f64::from(random) / f64::from(u32::MAX))
}
