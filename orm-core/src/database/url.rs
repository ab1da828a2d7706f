//! Which database a URL means.

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod parameters;

#[cfg(feature = "sqlite")]
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};

/// A URL, understood.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteTarget),
    /// The whole URL, for the driver.
    #[cfg(feature = "postgres")]
    Postgres(Secret),
    /// The same.
    #[cfg(feature = "mysql")]
    MySql(Secret),
}

/// A URL that may hold a password: never printed.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

#[cfg(any(feature = "postgres", feature = "mysql"))]
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
impl Secret {
    /// Whether it has a parameter of one of these names.
    pub(crate) fn names(&self, names: &[&str]) -> bool {
        parameters::parameters(&self.0).any(|(name, _)| names.contains(&name))
    }

    /// Whether a password stands before its host.
    #[cfg(feature = "mysql")]
    pub(crate) fn has_password(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority
            .rsplit_once('@')
            .is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, password)| !password.is_empty()))
    }
}

#[cfg(feature = "sqlite")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SqliteTarget {
    Memory,
    File { path: PathBuf, mode: FileMode },
}

#[cfg(feature = "sqlite")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileMode {
    ReadOnly,
    ReadWrite,
    Create,
}

fn configuration(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

/// The schemes of this build.
fn schemes() -> String {
    let mut schemes: Vec<&str> = Vec::new();
    if cfg!(feature = "sqlite") {
        schemes.extend(["sqlite::memory:", "sqlite://<path>"]);
    }
    if cfg!(feature = "postgres") {
        schemes.extend(["postgres://<user>:<password>@<host>/<database>", "postgresql://.."]);
    }
    if cfg!(feature = "mysql") {
        schemes.extend(["mysql://<user>:<password>@<host>/<database>", "mariadb://.."]);
    }
    schemes.join(", ")
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        // Only the scheme of a URL is ever printed: what follows may be a password.
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(configuration(format!("a database URL has a scheme; this build takes {}", schemes())));
        };
        match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => parse_sqlite(rest).map(Self::Sqlite),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => {
                let _ = rest;
                parameters::check_postgres(url)?;
                Ok(Self::Postgres(Secret(url.to_owned())))
            }
            #[cfg(feature = "mysql")]
            "mysql" | "mariadb" => {
                parameters::check_mysql(url)?;
                Ok(Self::MySql(Secret(format!("mysql:{rest}"))))
            }
            known if ["sqlite", "postgres", "postgresql", "mysql", "mariadb"].contains(&known) => {
                Err(configuration(format!("support for `{known}://` is not in this build, which takes {}", schemes())))
            }
            _ => Err(configuration(format!("unknown scheme of a database URL; this build takes {}", schemes()))),
        }
    }
}

#[cfg(feature = "sqlite")]
fn parse_sqlite(rest: &str) -> Result<SqliteTarget> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut mode = FileMode::Create;
    let mut memory = path == ":memory:";
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair {
            "mode=ro" => mode = FileMode::ReadOnly,
            "mode=rw" => mode = FileMode::ReadWrite,
            "mode=rwc" => mode = FileMode::Create,
            "mode=memory" => memory = true,
            // Ours is always shared between the connections of one `Database`.
            "cache=shared" | "cache=private" => {}
            _ => {
                let name = pair.split_once('=').map_or(pair, |(name, _)| name);
                return Err(configuration(format!(
                    "`{name}` with this value is no option of an SQLite URL; there are mode=ro, mode=rw, mode=rwc (the default: create the file \
                     if it is missing) and mode=memory"
                )));
            }
        }
    }
    if memory {
        return Ok(SqliteTarget::Memory);
    }
    if path.is_empty() {
        return Err(configuration("an SQLite URL names a file (`sqlite://data.db`) or is `sqlite::memory:`"));
    }
    Ok(SqliteTarget::File { path: percent_decoded(path)?.into(), mode })
}

/// `%20` and the like, as in any URL.
#[cfg(feature = "sqlite")]
fn percent_decoded(path: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = after
            .first_chunk::<2>()
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes)
        .map_err(|_| configuration("the path of an SQLite URL is not UTF-8 after decoding its `%` escapes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        let error = Target::parse(url).expect_err(url);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    }

    #[test]
    fn a_wrong_scheme_names_the_right_ones_and_no_password() {
        for url in ["db2://root:hunter2@db/x", "oracle://root:hunter2@db/x", "root hunter2"] {
            let message = refused(url);
            assert!(message.contains("this build") && message.contains("sqlite:"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
        #[cfg(not(feature = "mysql"))]
        assert!(refused("mysql://db").contains("`mysql://` is not in this build"));
        assert!(!format!("{:?}", Target::parse("postgres://u:hunter2@db/x")).contains("hunter2"));
    }

    #[cfg(any(feature = "postgres", feature = "mysql"))]
    #[test]
    fn an_unknown_parameter_is_named_without_its_value() {
        for (url, word) in [
            #[cfg(feature = "postgres")]
            ("postgres://u@db/x?sslmode=require&sslpassword=hunter2", "`sslpassword`"),
            #[cfg(feature = "postgres")]
            ("postgres://u@db/x?statement-cache-capacity=hunter2", "DatabaseOptions::statement_cache_capacity"),
            #[cfg(feature = "postgres")]
            ("postgres://u:7?hunter2=@db/x", "what stands after"),
            #[cfg(feature = "mysql")]
            ("mysql://u@db/x?allowPublicKeyRetrieval=hunter2", "`allowPublicKeyRetrieval`"),
            #[cfg(feature = "mysql")]
            ("mariadb://u@db/x?charset=latin1", "utf8mb4"),
            #[cfg(feature = "mysql")]
            ("mysql://u@db/x?collation=latin1_bin", "utf8mb4_bin"),
            #[cfg(feature = "mysql")]
            ("mysql://u@db/x?timezone=%2B08:00", "UTC"),
        ] {
            let message = refused(url);
            assert!(message.contains(word) && !message.contains("hunter2"), "{url}: {message}");
        }
        for url in [
            #[cfg(feature = "postgres")]
            "postgres://u@db/x?sslmode=verify-full&sslrootcert=/a&application_name=b&options=-c%20a%3Db&options[a]=b&options%5Ba%5D=b",
            #[cfg(feature = "mysql")]
            "mysql://u@db/x?ssl-mode=VERIFY_CA&ssl-ca=/a&charset=utf8mb4&collation=utf8mb4_bin&socket=/a",
        ] {
            assert!(Target::parse(url).is_ok(), "{url}");
        }
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn a_password_is_found_before_the_host() {
        let has = |url: &str| Secret(url.to_owned()).has_password();
        assert!(has("mysql://u:p@db/x") && has("mysql://u@org:p@db/x"));
        assert!(!has("mysql://u@db/x") && !has("mysql://u:@db/x") && !has("mysql://db/x?a=b:c@d"));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn sqlite_urls() {
        let file = |path: &str, mode| SqliteTarget::File { path: path.into(), mode };
        for (url, expected) in [
            ("sqlite::memory:", SqliteTarget::Memory),
            ("sqlite://:memory:", SqliteTarget::Memory),
            ("sqlite:x?mode=memory&cache=shared", SqliteTarget::Memory),
            ("sqlite:data.db", file("data.db", FileMode::Create)),
            ("sqlite://dir/data.db?mode=rw", file("dir/data.db", FileMode::ReadWrite)),
            ("sqlite:///tmp/a%20b.db?mode=ro", file("/tmp/a b.db", FileMode::ReadOnly)),
            ("sqlite:100%.db", file("100%.db", FileMode::Create)),
        ] {
            match Target::parse(url).expect(url) {
                Target::Sqlite(target) => assert_eq!(target, expected, "{url}"),
                #[cfg(any(feature = "postgres", feature = "mysql"))]
                other => panic!("{url}: {other:?}"),
            }
        }
        assert!(refused("sqlite:x?mode=rx").contains("mode=rwc"));
        assert!(refused("sqlite://").contains("sqlite::memory:"));
    }
}
