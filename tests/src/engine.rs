//! A server that speaks Postgres's protocol without being Postgres: [`OtherEngine`].
//!
//! It is a real Postgres behind a proxy. The proxy reads the messages of its clients, and replaces
//! a statement that such an engine does not know by one that Postgres refuses with the same code at
//! the same point. So everything after that is as with such an engine: the messages that are
//! skipped until the client's next Sync, and the state of the transaction.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::FutureExt;
use tokio::{
    io::{
        AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
        BufWriter, copy,
    },
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::Url;

/// The longest message of a client.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// The code of a request for TLS, in place of a protocol's version.
const TLS_REQUEST: i32 = 80_877_103;

/// Statements that Postgres refuses when it reads them: one as not supported (0A000), one as wrong
/// (42601).
const NOT_SUPPORTED: &str = "SELECT count(*) FROM pg_class FOR UPDATE";
const SYNTAX_ERROR: &str = "this is no statement";

/// A statement that Postgres ends at its time limit (57014).
const TOO_LATE: &str = "SET LOCAL statement_timeout = 1; SELECT pg_sleep(60)";

/// A feature that the engine lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// COPY is not supported.
    Copy,
    /// COPY is a syntax error.
    CopyAsAWord,
    /// There are no rows from arrays.
    ArraysAsRows,
    /// LISTEN is not supported.
    Listen,
    /// LISTEN is taken, and nothing is ever delivered.
    Delivery,
    /// There is no `pg_notify`.
    Notify,
    /// There are no functions for advisory locks.
    AdvisoryLocks,
    /// Advisory locks exist and lock nothing, as in `CockroachDB`.
    Locking,
    /// There are no BRIN indexes.
    BlockRangeIndexes,
    /// There are no GIN indexes of paths.
    PathIndexes,
    /// There are no blocks of code.
    Blocks,
    /// Tables have no replica identities.
    ReplicaIdentities,
    /// Prepared statements are gone after each transaction.
    PreparedStatements,
    /// The ways in which the server sorts can't be chosen.
    SortSettings,
    /// Choosing such a way for a session takes longer than the time limit for statements.
    TimelySortSettings,
    /// There are no hashes of texts.
    TextHashes,
    /// A hash that is computed on its own takes longer than the time limit for statements.
    TimelyTextHashes,
    /// Rows do not tell who wrote them.
    RowTransactions,
    /// Nothing tells of transactions under way.
    Snapshots,
}

impl Lack {
    /// Returns the statement in the form that the engine takes.
    fn change(self, sql: &str) -> String {
        match self {
            Self::Copy if sql.starts_with("COPY ") => NOT_SUPPORTED.to_owned(),
            Self::CopyAsAWord if sql.starts_with("COPY ") => SYNTAX_ERROR.to_owned(),
            Self::Listen if sql.starts_with("LISTEN ") => NOT_SUPPORTED.to_owned(),
            Self::TimelyTextHashes if sql.starts_with("SELECT hashtextextended(''") => {
                TOO_LATE.to_owned()
            }
            Self::TimelySortSettings if sql.contains("SET enable_sort") => TOO_LATE.to_owned(),
            Self::Delivery if sql.starts_with("LISTEN ") => "UNLISTEN *".to_owned(),
            Self::PreparedStatements if sql == "COMMIT" => "COMMIT; DEALLOCATE ALL".to_owned(),
            Self::Copy
            | Self::CopyAsAWord
            | Self::Listen
            | Self::Delivery
            | Self::TimelyTextHashes
            | Self::TimelySortSettings
            | Self::PreparedStatements => sql.to_owned(),
            Self::ArraysAsRows => sql.replace("unnest(", "no_unnest("),
            Self::Notify => sql.replace("pg_notify(", "no_notify("),
            Self::AdvisoryLocks => sql.replace("pg_try_advisory_lock(", "no_advisory_lock("),
            Self::Locking => sql
                .replace("version()", "'CockroachDB CCL v26.3.1'::text")
                .replace("pg_try_advisory_lock(", "0 <= abs("),
            Self::BlockRangeIndexes => sql.replace("USING brin", "USING no_brin"),
            Self::PathIndexes => sql.replace("jsonb_path_ops", "no_path_ops"),
            Self::SortSettings => sql.replace("enable_sort", "no_sort"),
            Self::Blocks => sql.replace("DO $$", "DOES $$"),
            Self::ReplicaIdentities => sql.replace("REPLICA IDENTITY", "REPLICA NO IDENTITY"),
            Self::TextHashes => sql.replace("hashtextextended(", "no_hash("),
            Self::RowTransactions => sql.replace("xmin::text", "no_xmin::text"),
            Self::Snapshots => sql.replace("pg_current_snapshot(", "no_snapshot("),
        }
    }
}

/// An engine, which ends with the value.
pub struct OtherEngine {
    url: Url,
    asked: Arc<Mutex<Vec<String>>>,
    _work: JoinSet<()>,
}

impl OtherEngine {
    /// Starts an engine that lacks all of these features, over the Postgres at this URL.
    ///
    /// # Panics
    ///
    /// If no port can be had, or the URL names no host.
    pub async fn without(lacks: &'static [Lack], url: &str) -> Self {
        let mut url: Url = url.parse().expect("a URL");
        let host = url.host_str().expect("a host").to_owned();
        let server = (host, url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port of 127.0.0.1");
        let address = listener.local_addr().expect("an address");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let asked = Arc::default();
        let mut work = JoinSet::new();
        work.spawn(accept(listener, server, lacks, Arc::clone(&asked)));
        Self {
            url,
            asked,
            _work: work,
        }
    }

    /// Returns the URL of the database in this engine.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Returns the number of statements that contain this text.
    #[must_use]
    pub fn asked(&self, part: &str) -> usize {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|sql| sql.contains(part)).count()
    }
}

type Asked = Arc<Mutex<Vec<String>>>;

async fn accept(
    listener: TcpListener,
    server: (String, u16),
    lacks: &'static [Lack],
    asked: Asked,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (server, asked) = (server.clone(), Arc::clone(&asked));
        connections.spawn(async move {
            let Ok(server) = TcpStream::connect(server).await else {
                return;
            };
            // Both sides see the end, whatever it is.
            let _ = connection(client, server, lacks, asked).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(
    client: TcpStream,
    server: TcpStream,
    lacks: &[Lack],
    asked: Asked,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    let mut from_client = BufReader::new(from_client);
    let mut to_server = BufWriter::new(to_server);
    let begin = loop {
        let message = message(&mut from_client).await?;
        if message.starts_with(&TLS_REQUEST.to_be_bytes()) {
            to_client.write_all(b"N").await?;
        } else {
            break message;
        }
    };
    pass_on(&mut to_server, None, &begin).await?;
    to_server.flush().await?;
    let there = statements(&mut from_client, &mut to_server, lacks, &asked);
    let back = copy(&mut from_server, &mut to_client);
    tokio::select! {
        ended = there => ended,
        ended = back => ended.map(drop),
    }
}

/// Forwards the messages of a client until it ends.
async fn statements(
    client: &mut (impl AsyncBufRead + Unpin),
    server: &mut (impl AsyncWrite + Unpin),
    lacks: &[Lack],
    asked: &Asked,
) -> io::Result<()> {
    loop {
        let kind = client.read_u8().await?;
        let body = message(client).await?;
        let body = match kind {
            b'Q' => changed(&body, 0, lacks, asked),
            // The statement's own name comes first.
            b'P' => {
                let name = body.iter().position(|byte| *byte == 0);
                changed(&body, name.map_or(0, |end| end + 1), lacks, asked)
            }
            _ => body,
        };
        pass_on(server, Some(kind), &body).await?;
        // Messages that a client sends together are forwarded together.
        if is_read_up(client) {
            server.flush().await?;
        }
    }
}

/// Returns true if no more bytes have arrived.
fn is_read_up(client: &mut (impl AsyncBufRead + Unpin)) -> bool {
    client.fill_buf().now_or_never().is_none()
}

/// The content of a message, without its kind and length.
async fn message(client: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let bytes = usize::try_from(client.read_i32().await? - 4);
    let bytes = bytes.ok().filter(|bytes| *bytes <= MESSAGE_BYTES_MAX);
    let mut body = vec![0; bytes.ok_or(io::ErrorKind::InvalidData)?];
    client.read_exact(&mut body).await?;
    Ok(body)
}

async fn pass_on(
    server: &mut (impl AsyncWrite + Unpin),
    kind: Option<u8>,
    body: &[u8],
) -> io::Result<()> {
    if let Some(kind) = kind {
        server.write_u8(kind).await?;
    }
    let length = i32::try_from(body.len() + 4).map_err(io::Error::other)?;
    server.write_i32(length).await?;
    server.write_all(body).await
}

/// Returns the message with the engine's form of its statement, which begins at `start` and ends
/// with a NUL.
fn changed(body: &[u8], start: usize, lacks: &[Lack], asked: &Asked) -> Vec<u8> {
    let rest = &body[start..];
    let end = rest.iter().position(|byte| *byte == 0);
    let (sql, after) = rest.split_at(end.unwrap_or(rest.len()));
    let sql = String::from_utf8_lossy(sql).into_owned();
    let taken = lacks
        .iter()
        .fold(sql.clone(), |sql, lack| lack.change(&sql));
    asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(sql);
    [&body[..start], taken.as_bytes(), after].concat()
}
