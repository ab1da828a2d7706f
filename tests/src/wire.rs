//! What really goes over the wire: a proxy between the driver and PostgreSQL that reads the client's messages.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::Outcome;

/// A proxy, and the texts of the statements that the server was told to run through it, in order.
#[derive(Debug)]
pub struct Wire {
    url: String,
    executed: Arc<Mutex<Vec<String>>>,
    lost: Lost,
}

/// The text whose answer is to be lost, once.
type Lost = Arc<Mutex<Option<String>>>;

/// How long the server may take for the statement whose answer is lost.
const ANSWER: Duration = Duration::from_millis(300);

impl Wire {
    /// Listens on a port of its own and forwards to the server of this URL.
    ///
    /// # Errors
    /// When it cannot listen.
    ///
    /// # Panics
    /// When the URL names no host.
    pub async fn to(url: &str) -> Outcome<Self> {
        let (before, rest) = url.split_once('@').expect("postgres://user@host/..");
        let (server, after) = rest.split_once('/').expect("postgres://user@host/database");
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let separator = if after.contains('?') { '&' } else { '?' };
        // Encrypted messages could not be read.
        let url = format!("{before}@{}/{after}{separator}sslmode=disable", listener.local_addr()?);
        let executed: Arc<Mutex<Vec<String>>> = Arc::default();
        let lost = Lost::default();
        tokio::spawn(forward_all(listener, server, Arc::clone(&executed), Arc::clone(&lost)));
        Ok(Self { url, executed, lost })
    }

    /// Cuts the connection of the next statement whose text holds this: the server runs it, and its answer does not arrive.
    pub fn lose_answer_of(&self, text: &str) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }

    /// The URL of the same database through the proxy.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the server was told to run since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.executed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn forward_all(listener: TcpListener, server: String, executed: Arc<Mutex<Vec<String>>>, lost: Lost) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(upstream) = TcpStream::connect(&server).await else { return };
        let (from_client, mut to_client) = client.into_split();
        let (mut from_server, to_server) = upstream.into_split();
        let frontend = Frontend::new(Arc::clone(&executed), Arc::clone(&lost));
        let losing = Arc::clone(&frontend.losing);
        let answers = tokio::spawn(async move { answer(&mut from_server, &mut to_client, &losing).await });
        tokio::spawn(async move {
            let result = frontend.forward(from_client, to_server).await;
            // Ends the client's connection.
            answers.abort();
            result
        });
    }
}

/// Hands the server's answers on, until one is to be lost.
async fn answer(server: &mut OwnedReadHalf, client: &mut OwnedWriteHalf, losing: &AtomicBool) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 << 10];
    loop {
        let length = server.read(&mut bytes).await?;
        if length == 0 {
            return Ok(());
        }
        if !losing.load(Ordering::SeqCst) {
            client.write_all(&bytes[..length]).await?;
        }
    }
}

/// The client's side of one connection: <https://www.postgresql.org/docs/current/protocol-message-formats.html>.
struct Frontend {
    executed: Arc<Mutex<Vec<String>>>,
    lost: Lost,
    losing: Arc<AtomicBool>,
    statements: HashMap<String, String>,
    portals: HashMap<String, String>,
}

impl Frontend {
    fn new(executed: Arc<Mutex<Vec<String>>>, lost: Lost) -> Self {
        Self { executed, lost, losing: Arc::default(), statements: HashMap::new(), portals: HashMap::new() }
    }

    async fn forward(mut self, mut client: OwnedReadHalf, mut server: OwnedWriteHalf) -> std::io::Result<()> {
        // The startup message has no type.
        let length = client.read_u32().await?;
        let startup = body(&mut client, length).await?;
        server.write_u32(length).await?;
        server.write_all(&startup).await?;
        loop {
            let kind = client.read_u8().await?;
            let length = client.read_u32().await?;
            let body = body(&mut client, length).await?;
            self.take_in(kind, &body);
            let mut message = Vec::with_capacity(body.len() + 5);
            message.push(kind);
            message.extend(length.to_be_bytes());
            message.extend(&body);
            server.write_all(&message).await?;
            if self.losing.load(Ordering::SeqCst) && matches!(kind, b'Q' | b'S') {
                tokio::time::sleep(ANSWER).await;
                return Ok(());
            }
        }
    }

    fn take_in(&mut self, kind: u8, body: &[u8]) {
        let mut texts = body.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
        let mut text = || texts.next().unwrap_or_default();
        match kind {
            b'Q' => self.note(text()),
            b'P' => {
                let (name, sql) = (text(), text());
                self.statements.insert(name, sql);
            }
            b'B' => {
                let (portal, statement) = (text(), text());
                let sql = self.statements.get(&statement).cloned().unwrap_or_default();
                self.portals.insert(portal, sql);
            }
            b'E' => {
                let sql = self.portals.get(&text()).cloned().unwrap_or_default();
                self.note(sql);
            }
            _ => {}
        }
    }

    fn note(&mut self, sql: String) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if lost.as_ref().is_some_and(|text| sql.contains(text.as_str())) {
            *lost = None;
            self.losing.store(true, Ordering::SeqCst);
        }
        drop(lost);
        self.executed.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
    }
}

/// The length counts itself.
async fn body(client: &mut OwnedReadHalf, length: u32) -> std::io::Result<Vec<u8>> {
    let mut body = vec![0; length.saturating_sub(4) as usize];
    client.read_exact(&mut body).await?;
    Ok(body)
}
