//! How much one statement can carry, said before it is sent: a server that is sent more closes the connection.

use crate::error::{Error, ErrorKind, Result};

/// Refuses a statement of more values than the database takes in one.
pub(super) fn check_count(database: &str, values: usize, most: usize, instead: &str) -> Result<()> {
    if values <= most {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Value,
        format!("the statement has {values} values and {database} takes {most} in one; nothing was sent. {instead}"),
    ))
}

/// Refuses a statement whose text or values are more bytes than the server takes in one packet.
#[cfg(feature = "mysql")]
pub(super) fn check_packet(text: usize, values: usize, most: usize) -> Result<()> {
    let (what, bytes) = if text > values { ("text", text) } else { ("values", values) };
    if bytes < most {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Value,
        format!(
            "the {what} of the statement are {bytes} bytes and the server takes {most} in one packet (`max_allowed_packet`); nothing was \
             sent. Send fewer rows at once, or raise the limit of the server"
        ),
    ))
}
