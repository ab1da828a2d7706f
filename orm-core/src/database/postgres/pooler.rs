//! What is done otherwise behind a pooler that gives each transaction another server connection: PgBouncer in transaction mode.
//!
//! A prepared statement belongs to a server connection, so that none is named: each is parsed anew, by its transaction. Nothing is set
//! for longer than a transaction, and the connection is opened without parameters that poolers refuse.

use sqlx::postgres::PgConnectOptions;

use crate::{
    database::options::{Between, DatabaseOptions},
    error::{Error, ErrorKind, Result},
};

/// The parameter of a URL.
const PARAMETER: &str = "transaction_pooler";

/// A pooler between us and the server.
#[derive(Debug)]
pub(super) struct Pooler {
    /// What each transaction begins with.
    pub(super) settings: Option<String>,
}

/// The URL for the driver, and who stands between.
pub(super) fn read(url: &str, options: &DatabaseOptions) -> Result<(String, Between)> {
    let Some((address, query)) = url.split_once('?') else { return Ok((url.to_owned(), options.between)) };
    let mut between = options.between;
    let mut others = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=').unwrap_or((pair, "")) {
            (PARAMETER, "true") => between = Between::TransactionPooler,
            (PARAMETER, "false") => between = Between::Nobody,
            (PARAMETER, _) => {
                return Err(Error::new(
                    ErrorKind::Configuration,
                    "the parameter `transaction_pooler` of the URL is `true` or `false`",
                ));
            }
            _ => others.push(pair),
        }
    }
    let separator = if others.is_empty() { "" } else { "?" };
    Ok((format!("{address}{separator}{}", others.join("&")), between))
}

impl Pooler {
    /// The pooler, and options for the driver to connect with through it.
    pub(super) fn new(driver: PgConnectOptions, settings: &[(&str, String)]) -> Result<(PgConnectOptions, Self)> {
        if driver.get_options().is_some() {
            return Err(Error::new(
                ErrorKind::Configuration,
                "a pooler refuses the parameter `options` of the URL (and the variable PGOPTIONS): set what is in it on the server, by \
                 `ALTER ROLE .. SET` or `ALTER DATABASE .. SET`",
            ));
        }
        let settings: Vec<String> =
            settings.iter().map(|(name, value)| format!("SET LOCAL {name} = {value}")).collect();
        let settings = (!settings.is_empty()).then(|| settings.join("; "));
        // Of no use: values travel in binary.
        Ok((driver.extra_float_digits(None), Self { settings }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_is_ours() {
        let options = DatabaseOptions::new("");
        let read = |url: &str| read(url, &options).map(|(url, between)| (url, between == Between::TransactionPooler));
        for (url, driver, pooled) in [
            ("postgres://u@h/d", "postgres://u@h/d", false),
            ("postgres://u@h/d?transaction_pooler=true", "postgres://u@h/d", true),
            ("postgres://u@h/d?a=b&transaction_pooler=true&c=d", "postgres://u@h/d?a=b&c=d", true),
            ("postgres://u@h/d?transaction_pooler=false", "postgres://u@h/d", false),
        ] {
            assert_eq!(read(url).expect(url), (driver.to_owned(), pooled));
        }
        let error = read("postgres://u:hunter2@h/d?transaction_pooler=yes").expect_err("neither");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!error.to_string().contains("hunter2"));
    }
}
