//! The way to a server: whether it is encrypted, and whose certificates are trusted.

#[cfg(feature = "mysql")]
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
#[cfg(feature = "postgres")]
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::{
    options::{DatabaseOptions, Tls, Transport},
    url::Secret,
};
use crate::error::{Error, ErrorKind, Result};

/// How much is asked of the server, from nothing to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    /// Without TLS.
    Plain,
    /// With it where the server has it.
    Preferred,
    Required,
    /// And the certificate is one that is trusted.
    Certificate,
    /// And it is that of the host.
    Host,
}

/// What a mode and the options come to. `said` is the mode that the URL or the environment names.
fn mode(said: Option<Mode>, default: Mode, transport: &Transport, has_ca: bool) -> Result<Mode> {
    if said == Some(Mode::Plain) && transport.tls == Tls::Required {
        return Err(Error::new(
            ErrorKind::Configuration,
            "`require_tls` and a URL whose mode is to do without TLS contradict each other: leave one of them out",
        ));
    }
    let asked = match said {
        Some(mode) => mode,
        None if has_ca => Mode::Host,
        None => default,
    };
    let asked = if transport.tls == Tls::Required { asked.max(Mode::Required) } else { asked };
    // Who names a file wants it to be looked at.
    Ok(if has_ca && asked == Mode::Required { Mode::Certificate } else { asked })
}

/// The file is looked at here, so that its absence is no puzzle of the handshake.
fn check_ca_file(transport: &Transport) -> Result<()> {
    match transport.ca_file.as_ref().map(std::fs::File::open) {
        Some(Err(error)) => {
            let path = transport.ca_file.as_deref().unwrap_or(std::path::Path::new(""));
            Err(Error::new(
                ErrorKind::Configuration,
                format!("the certificates of `{}` cannot be read", path.display()),
            )
            .with_source(error))
        }
        _ => Ok(()),
    }
}

/// The driver's options, with the mode that the URL and ours come to.
#[cfg(feature = "postgres")]
pub(super) fn postgres(
    mut connect: PgConnectOptions,
    url: &Secret,
    options: &DatabaseOptions,
) -> Result<PgConnectOptions> {
    let transport = &options.transport;
    check_ca_file(transport)?;
    if let Some(path) = &transport.ca_file {
        connect = connect.ssl_root_cert(path);
    }
    let is_set = |variable: &str| std::env::var_os(variable).is_some();
    let named = url.names(&["sslmode", "ssl-mode"]) || is_set("PGSSLMODE");
    let has_ca = transport.ca_file.is_some()
        || url.names(&["sslrootcert", "ssl-root-cert", "ssl-ca"])
        || is_set("PGSSLROOTCERT");
    let current = match connect.get_ssl_mode() {
        // The driver knows no other `allow`.
        PgSslMode::Disable | PgSslMode::Allow => Mode::Plain,
        PgSslMode::Prefer => Mode::Preferred,
        PgSslMode::Require => Mode::Required,
        PgSslMode::VerifyCa => Mode::Certificate,
        PgSslMode::VerifyFull => Mode::Host,
    };
    let mode = mode(named.then_some(current), current, transport, has_ca)?;
    Ok(connect.ssl_mode(match mode {
        Mode::Plain => PgSslMode::Disable,
        Mode::Preferred => PgSslMode::Prefer,
        Mode::Required => PgSslMode::Require,
        Mode::Certificate => PgSslMode::VerifyCa,
        Mode::Host => PgSslMode::VerifyFull,
    }))
}

/// The driver's options, with the mode that the URL and ours come to.
///
/// A server may ask for the password in clear in the first message of a connection, and the driver hands it over without asking for leave.
/// So a password goes over TLS alone, unless the URL names a mode that does without.
#[cfg(feature = "mysql")]
pub(super) fn mysql(
    mut connect: MySqlConnectOptions,
    url: &Secret,
    options: &DatabaseOptions,
) -> Result<MySqlConnectOptions> {
    let transport = &options.transport;
    check_ca_file(transport)?;
    if let Some(path) = &transport.ca_file {
        connect = connect.ssl_ca(path);
    }
    let named = url.names(&["sslmode", "ssl-mode"]);
    let has_ca = transport.ca_file.is_some() || url.names(&["sslca", "ssl-ca"]);
    let said = match connect.get_ssl_mode() {
        MySqlSslMode::Disabled => Mode::Plain,
        MySqlSslMode::Preferred => Mode::Preferred,
        MySqlSslMode::Required => Mode::Required,
        MySqlSslMode::VerifyCa => Mode::Certificate,
        MySqlSslMode::VerifyIdentity => Mode::Host,
    };
    let is_risky = url.has_password() && connect.get_socket().is_none();
    let default = if is_risky { Mode::Required } else { Mode::Preferred };
    let mode = mode(named.then_some(said), default, transport, has_ca)?;
    Ok(connect.ssl_mode(match mode {
        Mode::Plain => MySqlSslMode::Disabled,
        Mode::Preferred => MySqlSslMode::Preferred,
        Mode::Required => MySqlSslMode::Required,
        Mode::Certificate => MySqlSslMode::VerifyCa,
        Mode::Host => MySqlSslMode::VerifyIdentity,
    }))
}

/// Our error where a connection failed for the sake of TLS.
pub(super) fn refused(error: &sqlx::Error) -> Option<Error> {
    let words = error.to_string();
    let message = match error {
        sqlx::Error::Tls(_) if words.contains("does not support TLS") => {
            "the server offers no TLS, and it is required: by `require_tls`, by the URL's mode, or on MySQL by a password, which a server can \
             ask for in clear. Turn it on at the server, or write the mode that does without (`sslmode=prefer`, MySQL: `ssl-mode=PREFERRED`)"
        }
        sqlx::Error::Tls(_) => "no TLS connection can be made with these certificates",
        sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::InvalidData && words.contains("certificate") => {
            "the server's certificate is not one to trust, or not that of this host: name the file that signed it (`ca_file`), or the host \
             by the name that the certificate has"
        }
        _ => return None,
    };
    Some(Error::new(ErrorKind::Configuration, message).with_source(Reason(words)))
}

/// What the driver says of it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Reason(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn transport(tls: Tls) -> Transport {
        Transport { tls, ca_file: None }
    }

    #[test]
    fn what_is_required_is_never_less_than_what_the_url_says() {
        let required = transport(Tls::Required);
        let asked = |said, ca| mode(said, Mode::Preferred, &required, ca).expect("no contradiction");
        assert_eq!(asked(None, false), Mode::Required);
        assert_eq!(asked(None, true), Mode::Host);
        assert_eq!(asked(Some(Mode::Preferred), false), Mode::Required);
        assert_eq!(asked(Some(Mode::Preferred), true), Mode::Certificate);
        assert_eq!(asked(Some(Mode::Host), false), Mode::Host);
        let contradiction = mode(Some(Mode::Plain), Mode::Preferred, &required, false).expect_err("a contradiction");
        assert_eq!(contradiction.kind(), ErrorKind::Configuration);
    }

    #[test]
    fn a_file_of_certificates_is_looked_at() {
        let asked =
            |said, ca| mode(said, Mode::Preferred, &transport(Tls::AsTheUrlSays), ca).expect("no contradiction");
        assert_eq!(asked(None, false), Mode::Preferred);
        assert_eq!(asked(None, true), Mode::Host);
        assert_eq!(asked(Some(Mode::Required), true), Mode::Certificate);
        assert_eq!(asked(Some(Mode::Plain), true), Mode::Plain);
    }
}
