//! A fresh database for one test.

use std::{ops::Deref, sync::Arc, time::Duration};

use orm_core::{
    database::{Backend, Database, DatabaseOptions, Without},
    schema::EntityDef,
};
use tempfile::TempDir;

use crate::{Failure, Outcome};

/// A database that nobody else uses: it derefs to a [`Database`], and is gone after the test.
#[derive(Clone, Debug)]
pub struct TestDb {
    database: Database,
    url: String,
    returns_new_rows: bool,
    is_mariadb: bool,
    /// Removed with the last clone.
    _directory: Option<Arc<TempDir>>,
}

impl Deref for TestDb {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl TestDb {
    /// An SQLite database in memory.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn sqlite_memory() -> Self {
        Self::open("sqlite::memory:".to_owned(), None).await
    }

    /// An SQLite database in a file, where sessions read while another writes.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn sqlite_file() -> Self {
        let directory = TempDir::new().expect("a directory for the database");
        let url = format!("sqlite://{}", directory.path().join("test.db").display());
        Self::open(url, Some(Arc::new(directory))).await
    }

    /// A schema of its own in the database at this URL.
    ///
    /// # Panics
    /// When the server does not answer or refuses.
    pub async fn postgres(url: &str, schema: &str) -> Self {
        let admin = Database::options(url).max_connections(1).connect().await;
        let admin = admin.unwrap_or_else(|error| panic!("ORM_POSTGRES_URL does not lead to a database: {error:?}"));
        admin.execute(format!("CREATE SCHEMA {schema}"), vec![]).await.expect("a schema for the test");
        let separator = if url.contains('?') { '&' } else { '?' };
        Self::open(format!("{url}{separator}options=-c%20search_path%3D{schema}"), None).await
    }

    /// Drops the schema of a test.
    ///
    /// # Errors
    /// When a connection still holds a lock on one of its tables.
    pub async fn drop_postgres_schema(url: &str, schema: &str) -> Outcome {
        let admin = Database::options(url).max_connections(1).lock_timeout(Duration::from_secs(5)).connect().await?;
        admin.execute(format!("DROP SCHEMA {schema} CASCADE"), vec![]).await?;
        Ok(())
    }

    /// A database of its own on the server of the first URL, reached through the pooler of the second.
    ///
    /// # Panics
    /// When the server or the pooler does not answer or refuses.
    pub async fn pgbouncer(server: &str, pooler: &str, name: &str) -> Self {
        let admin = Database::options(server).max_connections(1).connect().await;
        let admin = admin.unwrap_or_else(|error| panic!("ORM_POSTGRES_URL does not lead to a database: {error:?}"));
        admin.execute(format!("CREATE DATABASE {name}"), vec![]).await.expect("a database for the test");
        let (pooler, _) = pooler.rsplit_once('/').expect("postgres://user@host/database");
        Self::open(format!("{pooler}/{name}?transaction_pooler=true"), None).await
    }

    /// Drops the database of a test, which a pooler may still hold open.
    ///
    /// # Errors
    /// What the server refused.
    pub async fn drop_postgres_database(server: &str, name: &str) -> Outcome {
        let admin = Database::options(server).max_connections(1).connect().await?;
        admin.execute(format!("DROP DATABASE {name} WITH (FORCE)"), vec![]).await?;
        Ok(())
    }

    /// A database of its own on the server of this URL.
    ///
    /// # Panics
    /// When the server does not answer or refuses.
    pub async fn mysql(url: &str, name: &str) -> Self {
        let admin = Database::options(url).max_connections(1).connect().await;
        let admin = admin.unwrap_or_else(|error| panic!("{url} does not lead to a database: {error:?}"));
        admin.execute(format!("CREATE DATABASE {name}"), vec![]).await.expect("a database for the test");
        Self::open(Self::mysql_url(url, name), None).await
    }

    /// The same database on another node of a cluster, as soon as it is there.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn other_node(url: &str, name: &str) -> Self {
        let url = Self::mysql_url(url, name);
        for _ in 0..50 {
            if Database::connect(&*url).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self::open(url, None).await
    }

    fn mysql_url(url: &str, name: &str) -> String {
        let (server, rest) = url.rsplit_once('/').expect("mysql://user@host/database");
        let options = rest.split_once('?').map_or_else(String::new, |(_, options)| format!("?{options}"));
        format!("{server}/{name}{options}")
    }

    /// Drops the database of a test.
    ///
    /// # Errors
    /// When a connection still holds a lock on one of its tables.
    pub async fn drop_mysql_database(url: &str, name: &str) -> Outcome {
        let admin = Database::options(url).max_connections(1).after_connect("SET SESSION lock_wait_timeout = 5");
        let admin = admin.connect().await?;
        admin.execute(format!("DROP DATABASE {name}"), vec![]).await?;
        Ok(())
    }

    async fn open(url: String, directory: Option<Arc<TempDir>>) -> Self {
        let database = Database::connect(&*url).await;
        let database = database.unwrap_or_else(|error| panic!("no database for the test: {error:?}"));
        let lacks = database.lacks(Without::Returning).await.unwrap_or_else(|error| panic!("{error:?}"));
        Self { database, url, returns_new_rows: !lacks, is_mariadb: false, _directory: directory }
    }

    /// The same, on the server of `ORM_MARIADB_URL`.
    #[must_use]
    pub fn of_mariadb(self) -> Self {
        Self { is_mariadb: true, ..self }
    }

    /// The same database by another pool, with other options. An SQLite database in memory belongs to one pool: take a file.
    pub fn options(&self) -> DatabaseOptions {
        assert_ne!(self.url, "sqlite::memory:", "a database in memory belongs to one pool");
        Database::options(&*self.url)
    }

    /// The URL that it was opened with.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same database with the tables of these entities.
    ///
    /// # Errors
    /// What the database refused.
    #[track_caller]
    pub fn with(self, entities: &'static [&'static EntityDef]) -> impl Future<Output = Outcome<Self>> + Send {
        let place = std::panic::Location::caller();
        async move {
            match self.database.create_all(entities).await {
                Ok(()) => Ok(self),
                Err(error) => panic!("create_all at {place}: {error:?}"),
            }
        }
    }

    /// Runs statements of our own, one by one.
    ///
    /// # Errors
    /// What the database refused.
    pub async fn run(&self, statements: &[&str]) -> Outcome {
        for statement in statements {
            self.database.execute(*statement, vec![]).await.map_err(Failure::from)?;
        }
        Ok(())
    }

    /// Whether it is PostgreSQL, for what the databases do not do alike.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.database.backend() == Backend::Postgres
    }

    /// Whether it is SQLite, whose columns hold values of any type and whose locks are of the whole database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.database.backend() == Backend::Sqlite
    }

    /// What is expected of the databases, and of MySQL and MariaDB where these must do it otherwise: without RETURNING from UPDATE, for
    /// instance.
    pub fn or_mysql<T>(&self, usual: T, mysql: T) -> T {
        if self.is_mysql() { mysql } else { usual }
    }

    /// Whether it is MySQL or MariaDB.
    #[must_use]
    pub fn is_mysql(&self) -> bool {
        self.database.backend() == Backend::MySql
    }

    /// Whether it is the server of `ORM_MARIADB_URL`, for tests that must not meet those of the server of `ORM_MYSQL_URL`.
    #[must_use]
    pub fn is_mariadb(&self) -> bool {
        self.is_mariadb
    }

    /// What is expected of the databases, and of a server where neither INSERT nor DELETE gives rows back: MySQL, not MariaDB.
    pub fn or_without_returning<T>(&self, usual: T, without: T) -> T {
        if self.returns_new_rows { usual } else { without }
    }

    /// Whether INSERT and DELETE give rows back.
    #[must_use]
    pub fn returns_new_rows(&self) -> bool {
        self.returns_new_rows
    }
}
