//! A MySQL server that takes few prepared statements: a proxy that answers as the server does at its limit.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Mutex,
};

use crate::Outcome;

/// A proxy between the driver and a MySQL server, with a limit for the prepared statements of all connections together.
#[derive(Debug)]
pub struct PreparedLimit {
    url: String,
    held: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

const PREPARE: u8 = 0x16;
const CLOSE: u8 = 0x19;

impl PreparedLimit {
    /// Listens on a port of its own and forwards to the server of this URL.
    ///
    /// # Errors
    /// When it cannot listen.
    ///
    /// # Panics
    /// When the URL names no host.
    pub async fn to(url: &str, limit: usize) -> Outcome<Self> {
        let (before, rest) = url.split_once('@').expect("mysql://user@host/..");
        let (server, after) = rest.split_once('/').expect("mysql://user@host/database");
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:3306") };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let separator = if after.contains('?') { '&' } else { '?' };
        let url = format!("{before}@{}/{after}{separator}ssl-mode=DISABLED", listener.local_addr()?);
        let (held, refused): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let counts = (Arc::clone(&held), Arc::clone(&refused));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(upstream) = TcpStream::connect(&server).await else { return };
                let (held, refused) = (Arc::clone(&counts.0), Arc::clone(&counts.1));
                let (from_client, to_client) = client.into_split();
                let (mut from_server, to_server) = upstream.into_split();
                let to_client = Arc::new(Mutex::new(to_client));
                let answers = Arc::clone(&to_client);
                tokio::spawn(async move {
                    // Whoever answers holds the way to the client for one read alone.
                    let mut buffer = vec![0; 1 << 16];
                    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
                        if answers.lock().await.write_all(&buffer[..length]).await.is_err() {
                            return;
                        }
                    }
                });
                tokio::spawn(async move {
                    let mut own = 0;
                    let _ = forward(from_client, to_server, &to_client, (&held, &refused, limit), &mut own).await;
                    held.fetch_sub(own, Ordering::Relaxed);
                });
            }
        });
        Ok(Self { url, held, refused })
    }

    /// The URL of the same database through the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many prepared statements all connections hold now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How often the limit was reached.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }
}

async fn forward(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    to_client: &Mutex<OwnedWriteHalf>,
    (held, refused, limit): (&AtomicUsize, &AtomicUsize, usize),
    own: &mut usize,
) -> std::io::Result<()> {
    loop {
        let mut header = [0; 4];
        client.read_exact(&mut header).await?;
        let [low, middle, high, sequence] = header;
        let length = u32::from_le_bytes([low, middle, high, 0]);
        let mut payload = vec![0; length as usize];
        client.read_exact(&mut payload).await?;
        match payload.first() {
            Some(&PREPARE) if sequence == 0 && held.load(Ordering::Relaxed) >= limit => {
                refused.fetch_add(1, Ordering::Relaxed);
                let mut answer =
                    b"\xff\xb5\x05#42000Can't create more than max_prepared_stmt_count statements".to_vec();
                let [low, middle, high, _] = u32::try_from(answer.len()).unwrap_or_default().to_le_bytes();
                answer.splice(0..0, [low, middle, high, 1]);
                to_client.lock().await.write_all(&answer).await?;
                continue;
            }
            Some(&PREPARE) if sequence == 0 => {
                *own += 1;
                held.fetch_add(1, Ordering::Relaxed);
            }
            Some(&CLOSE) if sequence == 0 => {
                *own -= 1;
                held.fetch_sub(1, Ordering::Relaxed);
            }
            _ => {}
        }
        server.write_all(&header).await?;
        server.write_all(&payload).await?;
    }
}
