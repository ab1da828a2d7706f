//! A cable to a server that can go dead: a proxy for any protocol that falls silent, or is cut when the client sends a text.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::Outcome;

/// A proxy to the server of a URL.
#[derive(Debug)]
pub struct Cable {
    url: String,
    state: Arc<State>,
    /// Dropped, the connections that it still holds are closed.
    _plugged: watch::Sender<()>,
}

/// When a cable is cut at a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees the text.
    Before,
    /// The server sees and answers it, and the answer is lost.
    After,
}

#[derive(Debug, Default)]
struct State {
    silent: AtomicBool,
    cut: Mutex<Option<(Cut, String)>>,
    cuts: AtomicU32,
    connections: AtomicU32,
}

impl Cable {
    /// Listens on a port of its own and forwards to the server of this URL, without encryption.
    ///
    /// # Errors
    /// When it cannot listen.
    ///
    /// # Panics
    /// When the URL names no host.
    pub async fn to(url: &str) -> Outcome<Self> {
        let (before, rest) = url.split_once('@').expect("scheme://user@host/..");
        let (server, after) = rest.split_once('/').expect("scheme://user@host/database");
        let (port, plain) =
            if url.starts_with("mysql") { (3306, "ssl-mode=DISABLED") } else { (5432, "sslmode=disable") };
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:{port}") };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let separator = if after.contains('?') { '&' } else { '?' };
        let url = format!("{before}@{}/{after}{separator}{plain}", listener.local_addr()?);
        let state: Arc<State> = Arc::default();
        let (plugged, unplugged) = watch::channel(());
        tokio::spawn(accept(listener, server, Arc::clone(&state), unplugged));
        Ok(Self { url, state, _plugged: plugged })
    }

    /// The URL of the same database through the cable.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on nothing comes through, in either direction, and nobody is told; connections are accepted and not answered.
    pub fn fall_silent(&self) {
        self.state.silent.store(true, Ordering::SeqCst);
    }

    /// New connections work again. Those that met the silence stay silent.
    pub fn recover(&self) {
        self.state.silent.store(false, Ordering::SeqCst);
    }

    /// Cuts the connection of the next client that sends this text.
    pub fn cut_at(&self, cut: Cut, text: &str) {
        *self.state.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some((cut, text.to_owned()));
    }

    /// How many connections it cut.
    #[must_use]
    pub fn cuts(&self) -> u32 {
        self.state.cuts.load(Ordering::SeqCst)
    }

    /// How many connections were opened.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl State {
    fn is_silent(&self) -> bool {
        self.silent.load(Ordering::SeqCst)
    }

    /// Whether the cable is cut at what the client sent.
    fn take_cut(&self, sent: &[u8]) -> Option<Cut> {
        let mut cut = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, text) = cut.as_ref()?;
        if !sent.windows(text.len()).any(|window| window == text.as_bytes()) {
            return None;
        }
        self.cuts.fetch_add(1, Ordering::SeqCst);
        cut.take().map(|(cut, _)| cut)
    }
}

async fn accept(listener: TcpListener, server: String, state: Arc<State>, unplugged: watch::Receiver<()>) {
    while let Ok((client, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        let (server, state, mut unplugged) = (server.clone(), Arc::clone(&state), unplugged.clone());
        tokio::spawn(async move {
            tokio::select! {
                _ = carry(client, server, state) => {}
                _ = unplugged.changed() => {}
            }
        });
    }
}

/// Carries the bytes of one connection.
async fn carry(mut client: TcpStream, server: String, state: Arc<State>) -> std::io::Result<()> {
    if state.is_silent() {
        std::future::pending::<()>().await;
    }
    let mut server = TcpStream::connect(server).await?;
    let (mut sent, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let (is_sent, length) = tokio::select! {
            length = client.read(&mut sent) => (true, length?),
            length = server.read(&mut answer) => (false, length?),
        };
        if state.is_silent() {
            std::future::pending::<()>().await;
        }
        if length == 0 {
            return Ok(());
        }
        if !is_sent {
            client.write_all(&answer[..length]).await?;
            continue;
        }
        let cut = state.take_cut(&sent[..length]);
        if cut == Some(Cut::Before) {
            return Ok(());
        }
        server.write_all(&sent[..length]).await?;
        if cut == Some(Cut::After) {
            // However much of it comes at once: it is lost.
            let _lost = server.read(&mut answer).await?;
            return Ok(());
        }
    }
}
