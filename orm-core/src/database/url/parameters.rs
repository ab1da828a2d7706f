//! What may stand after the `?` of a server's URL. What a driver does not know it ignores, or prints with its value; here it is refused by
//! its name alone.

use super::configuration;
use crate::error::Result;

/// A parameter as it is written: escapes are the driver's to read.
pub(super) fn parameters(url: &str) -> impl Iterator<Item = (&str, &str)> {
    let (_, query) = url.split_once('?').unwrap_or_default();
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Refuses what does not belong to a URL of PostgreSQL.
#[cfg(feature = "postgres")]
pub(super) fn check_postgres(url: &str) -> Result<()> {
    const KNOWN: &str = "sslmode, sslrootcert, sslcert, sslkey, host, hostaddr, port, dbname, user, password, application_name, transaction_pooler, options, \
                         options[..]";
    for (name, _) in parameters(url) {
        match name {
            "sslmode" | "ssl-mode" | "sslrootcert" | "ssl-root-cert" | "ssl-ca" | "sslcert" | "ssl-cert" | "sslkey"
            | "ssl-key" | "host" | "hostaddr" | "port" | "dbname" | "user" | "password" | "application_name"
            | "options" | "transaction_pooler" => {}
            _ if is_option(name) => {}
            _ => return Err(unknown(url, name, "PostgreSQL", KNOWN)),
        }
    }
    Ok(())
}

/// `options[search_path]`, with its brackets escaped or not.
#[cfg(feature = "postgres")]
fn is_option(name: &str) -> bool {
    let decoded = name.replace("%5B", "[").replace("%5b", "[").replace("%5D", "]").replace("%5d", "]");
    decoded.starts_with("options[") && decoded.ends_with(']')
}

/// Refuses what does not belong to a URL of MySQL, and what would make text or moments other ones than were sent.
#[cfg(feature = "mysql")]
pub(super) fn check_mysql(url: &str) -> Result<()> {
    const KNOWN: &str = "ssl-mode, ssl-ca, ssl-cert, ssl-key, charset=utf8mb4, collation, socket";
    for (name, value) in parameters(url) {
        match name {
            "sslmode" | "ssl-mode" | "sslca" | "ssl-ca" | "sslcert" | "ssl-cert" | "sslkey" | "ssl-key" | "socket" => {}
            "charset" if value.eq_ignore_ascii_case("utf8mb4") => {}
            "charset" => {
                return Err(configuration(
                    "text is sent and read as `charset=utf8mb4`, which is the default: another one would change it in silence. Columns may \
                     have any character set, the server converts",
                ));
            }
            "collation" if is_collation(value) => {}
            "collation" => {
                return Err(configuration(
                    "a `collation` of a connection is one of utf8mb4: `utf8mb4_bin`, for instance",
                ));
            }
            "timezone" | "time-zone" => {
                return Err(configuration(
                    "moments are sent and read in UTC: leave `timezone` out, and convert what is shown",
                ));
            }
            _ => return Err(unknown(url, name, "MySQL", KNOWN)),
        }
    }
    Ok(())
}

#[cfg(feature = "mysql")]
fn is_collation(value: &str) -> bool {
    value.starts_with("utf8mb4_")
        && value.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cold]
fn unknown(url: &str, name: &str, database: &str, known: &str) -> crate::error::Error {
    let instead = match name {
        "connect_timeout" | "connect-timeout" => "; the time to wait is `DatabaseOptions::acquire_timeout`",
        "statement-cache-capacity" => "; it is `DatabaseOptions::statement_cache_capacity`",
        _ => "",
    };
    // A password with a `?` that is not escaped would end up here.
    let authority = url.split_once('?').map_or(url, |(before, _)| before);
    let is_name = name.len() <= 40
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-.[]".contains(character))
        && (authority.contains('@') || !url.contains('@'));
    let named = if is_name {
        format!("`{name}` is no parameter")
    } else {
        "what stands after the `?` is no parameter".to_owned()
    };
    configuration(format!("{named} of a {database} URL; there are {known}{instead}"))
}
