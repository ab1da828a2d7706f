//! Servers that only begin to talk: what a client sends to one that cannot be trusted.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::Outcome;

/// A server that sends a few bytes and notes all that comes.
#[derive(Debug)]
pub struct FakeServer {
    address: std::net::SocketAddr,
    received: Arc<Mutex<Vec<u8>>>,
}

impl FakeServer {
    /// A PostgreSQL server that says to everybody who asks that it has no TLS.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn postgres_without_tls() -> Outcome<Self> {
        Self::listen(Vec::new(), b"N".to_vec()).await
    }

    /// A MySQL server without TLS whose first message names `mysql_clear_password`: the password as it is.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn mysql_that_asks_for_the_password() -> Outcome<Self> {
        // <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html>
        let mut greeting = b"\x0a8.0.36\0".to_vec();
        greeting.extend(7_u32.to_le_bytes());
        greeting.extend(b"abcdefgh\0");
        // PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH, CONNECT_WITH_DB; no SSL.
        let capabilities: u32 = 0x0200 | 0x2000 | 0x8000 | 0x0008_0000 | 0x0008;
        let [first, second, third, fourth] = capabilities.to_le_bytes();
        greeting.extend([first, second, 45, 2, 0, third, fourth, 21]);
        greeting.extend([0; 10]);
        greeting.extend(b"ijklmnopqrst\0mysql_clear_password\0");
        let [low, high, ..] = u32::try_from(greeting.len())?.to_le_bytes();
        let packet = [vec![low, high, 0, 0], greeting].concat();
        Self::listen(packet, Vec::new()).await
    }

    async fn listen(greeting: Vec<u8>, answer: Vec<u8>) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let received: Arc<Mutex<Vec<u8>>> = Arc::default();
        let noted = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(talk(client, greeting.clone(), answer.clone(), Arc::clone(&noted)));
            }
        });
        Ok(Self { address, received })
    }

    /// `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// All that clients sent until now.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether these bytes were among it.
    #[must_use]
    pub fn has_received(&self, bytes: &[u8]) -> bool {
        self.received().windows(bytes.len()).any(|window| window == bytes)
    }
}

async fn talk(mut client: TcpStream, greeting: Vec<u8>, answer: Vec<u8>, received: Arc<Mutex<Vec<u8>>>) {
    if client.write_all(&greeting).await.is_err() {
        return;
    }
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        received.lock().unwrap_or_else(PoisonError::into_inner).extend(&buffer[..length]);
        if client.write_all(&answer).await.is_err() {
            return;
        }
    }
}
