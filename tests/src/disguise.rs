//! A server that says it is another: a proxy that puts one text in the place of another in whatever the server sends.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::Outcome;

/// The URL of the same MySQL or MariaDB database through a proxy of which every text `is` that the server sends comes as `as_if`.
///
/// # Errors
/// When it cannot listen.
///
/// # Panics
/// When the texts are not of one length, without which no packet would be whole; when the URL names no host and port.
pub async fn disguised(url: &str, is: &str, as_if: &str) -> Outcome<String> {
    assert_eq!(is.len(), as_if.len(), "a text of the same length");
    let (before, rest) = url.split_once('@').expect("mysql://user@host:port/..");
    let (server, database) = rest.split_once('/').expect("mysql://user@host:port/database");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // What is encrypted could not be read.
    let url = format!("{before}@{}/{database}?ssl-mode=disabled", listener.local_addr()?);
    let (server, is, as_if) = (server.to_owned(), is.to_owned(), as_if.to_owned());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(upstream) = TcpStream::connect(&server).await else { return };
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = upstream.into_split();
            let (is, as_if) = (is.clone(), as_if.clone());
            tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
            tokio::spawn(async move { forward(from_server, to_client, is.as_bytes(), as_if.as_bytes()).await });
        }
    });
    Ok(url)
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is: &[u8], as_if: &[u8]) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        let sent = &mut buffer[..length];
        for start in 0..(length + 1).saturating_sub(is.len()) {
            if sent[start..].starts_with(is) {
                sent[start..start + is.len()].copy_from_slice(as_if);
            }
        }
        to.write_all(sent).await?;
    }
}
