//! The way to a server: encrypted where that is asked for, and no password for who asks for it in clear.

use std::io::Write as _;

use orm_core::{
    database::{Database, DatabaseOptions},
    error::ErrorKind,
};
use orm_tests::{FakeServer, Outcome, TestDb, each_backend, refused};

each_backend!(
    only_sqlite: a_server_without_tls_is_refused_where_tls_is_required,
    a_password_is_not_given_to_a_server_that_asks_for_it_in_clear,
    an_unknown_parameter_of_a_url_is_refused_by_its_name,
    what_is_required_and_what_the_url_says_do_not_contradict_each_other,
    a_server_whose_certificate_is_signed_by_a_named_file_is_trusted,
);

each_backend!(only_postgres: a_connection_to_a_server_with_tls_is_encrypted);

/// A password of which nothing may be sent or shown.
const PASSWORD: &str = "hunter2";

async fn a_server_without_tls_is_refused_where_tls_is_required(_: TestDb) -> Outcome {
    let server = FakeServer::postgres_without_tls().await?;
    let url = format!("postgres://user:{PASSWORD}@{}/x", server.address());
    let attempts: [DatabaseOptions; 3] = [
        Database::options(&*url).require_tls(),
        Database::options(format!("{url}?sslmode=require")),
        Database::options(format!("{url}?sslmode=verify-full")),
    ];
    for options in attempts {
        let error = refused(options.connect().await, ErrorKind::Configuration);
        assert!(error.to_string().contains("offers no TLS"), "{error}");
        assert!(!format!("{error:?} {error}").contains(PASSWORD), "{error:?}");
    }
    assert_eq!(server.received().len(), 3 * 8, "the question for TLS, and nothing after it");

    let server = FakeServer::mysql_that_asks_for_the_password().await?;
    let url = format!("mysql://user@{}/x", server.address());
    for options in [Database::options(&*url).require_tls(), Database::options(format!("{url}?ssl-mode=REQUIRED"))] {
        let error = refused(options.connect().await, ErrorKind::Configuration);
        assert!(error.to_string().contains("offers no TLS"), "{error}");
    }
    assert_eq!(server.received(), b"");
    Ok(())
}

async fn a_password_is_not_given_to_a_server_that_asks_for_it_in_clear(_: TestDb) -> Outcome {
    let server = FakeServer::mysql_that_asks_for_the_password().await?;
    for url in [
        format!("mysql://user:{PASSWORD}@{}/x", server.address()),
        format!("mariadb://user:{PASSWORD}@{}/x?charset=utf8mb4", server.address()),
    ] {
        let error = refused(Database::connect(url).await, ErrorKind::Configuration);
        assert!(error.to_string().contains("in clear"), "{error}");
        assert!(!format!("{error:?} {error}").contains(PASSWORD), "{error:?}");
    }
    assert!(!server.has_received(PASSWORD.as_bytes()), "{:?}", server.received());
    assert_eq!(server.received(), b"", "nothing at all");
    Ok(())
}

async fn an_unknown_parameter_of_a_url_is_refused_by_its_name(_: TestDb) -> Outcome {
    let server = FakeServer::postgres_without_tls().await?;
    for (url, name) in [
        (format!("postgres://user@{}/x?sslpassword={PASSWORD}", server.address()), "`sslpassword`"),
        (format!("mysql://user@{}/x?sslpassword={PASSWORD}", server.address()), "`sslpassword`"),
        (format!("mysql://user@{}/x?charset=latin1", server.address()), "charset=utf8mb4"),
        (format!("sqlite:x.db?key={PASSWORD}"), "`key`"),
    ] {
        let error = refused(Database::connect(url).await, ErrorKind::Configuration);
        assert!(error.to_string().contains(name), "{error}");
        assert!(!format!("{error:?} {error}").contains(PASSWORD), "{error:?}");
    }
    assert_eq!(server.received(), b"", "refused before anything is sent");
    Ok(())
}

async fn what_is_required_and_what_the_url_says_do_not_contradict_each_other(_: TestDb) -> Outcome {
    for url in ["postgres://user@localhost/x?sslmode=disable", "mysql://user@localhost/x?ssl-mode=DISABLED"] {
        let error = refused(Database::options(url).require_tls().connect().await, ErrorKind::Configuration);
        assert!(error.to_string().contains("contradict"), "{error}");
    }
    for url in ["postgres://user@localhost/x", "mysql://user@localhost/x"] {
        let absent = Database::options(url).ca_file("/no/such/file.pem").connect().await;
        let error = refused(absent, ErrorKind::Configuration);
        assert!(error.to_string().contains("/no/such/file.pem"), "{error}");
    }
    Ok(())
}

async fn a_connection_to_a_server_with_tls_is_encrypted(db: TestDb) -> Outcome {
    if db.sql("SHOW ssl").one::<String>().await? != "on" {
        writeln!(std::io::stderr(), "skipped: TLS to the server of ORM_POSTGRES_URL, which has `ssl = off`").ok();
        return Ok(());
    }
    let encrypted = db.options().require_tls().connect().await?;
    let ssl = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert!(encrypted.sql(ssl).one::<bool>().await?);
    // Whoever signed it: this is no file of its certificates.
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ca.pem");
    std::fs::write(&path, OTHER_CA)?;
    let error = refused(db.options().ca_file(path).connect().await, ErrorKind::Configuration);
    assert!(error.to_string().contains("certificate"), "{error}");
    Ok(())
}

/// With servers of which it is known who signed their certificates: `ORM_TLS_URLS`, separated by blanks, and `ORM_TLS_CA`.
async fn a_server_whose_certificate_is_signed_by_a_named_file_is_trusted(_: TestDb) -> Outcome {
    let (Ok(urls), Ok(ca)) = (std::env::var("ORM_TLS_URLS"), std::env::var("ORM_TLS_CA")) else {
        writeln!(
            std::io::stderr(),
            "skipped: certificates that are trusted, because ORM_TLS_URLS and ORM_TLS_CA are not set"
        )
        .ok();
        return Ok(());
    };
    for url in urls.split_whitespace() {
        let db = Database::options(url).ca_file(&*ca).require_tls().connect().await?;
        assert_eq!(db.sql("SELECT 1").one::<i64>().await?, 1);
        // The same server by a name that its certificate has not.
        let other = url.replace("localhost", "127.0.0.1");
        let error = refused(Database::options(&*other).ca_file(&*ca).connect().await, ErrorKind::Configuration);
        assert!(error.to_string().contains("certificate"), "{error}");
        let mode = if url.starts_with("mysql") { "ssl-mode=VERIFY_CA" } else { "sslmode=verify-ca" };
        let separator = if other.contains('?') { '&' } else { '?' };
        let any_name = Database::options(format!("{other}{separator}{mode}")).ca_file(&*ca).connect().await?;
        assert_eq!(any_name.sql("SELECT 1").one::<i64>().await?, 1);
    }
    Ok(())
}

/// A certificate that has signed nothing; its key is gone.
const OTHER_CA: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBnjCCAUOgAwIBAgIUZ0VnAmsJ2MNEtNZf77hnvRVo5QUwCgYIKoZIzj0EAwIw\n\
IzEhMB8GA1UEAwwYb3JtIHRlc3RzLCBzaWducyBub3RoaW5nMCAXDTI2MTEyODEz\n\
MTUzNVoYDzIxMjYxMTA0MTMxNTM1WjAjMSEwHwYDVQQDDBhvcm0gdGVzdHMsIHNp\n\
Z25zIG5vdGhpbmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARidLknXwPqrcVZ\n\
FI4t6EDX1i+H25n53YYCBwR11IWQWJxGnw+rGws9KXSdRvs9GArySkpjDCruksdr\n\
+WRJ/BUoo1MwUTAdBgNVHQ4EFgQU5OvbHFCGURkD6HF+gtGuKKSk8TswHwYDVR0j\n\
BBgwFoAU5OvbHFCGURkD6HF+gtGuKKSk8TswDwYDVR0TAQH/BAUwAwEB/zAKBggq\n\
hkjOPQQDAgNJADBGAiEA7+J2zJysTE/hHUDGQyiicHmfgeMaBvsZJh66Eax/OggC\n\
IQC15HuKen0m/mLcWbyBYPBV5lsiSHBL8etuJCkjQ4hqnA==\n\
-----END CERTIFICATE-----\n\
";
