//! One HTTP request, to see that a server answers.
//!
//! A health check of a server on this machine needs no HTTP client: one GET over a connection that
//! the server closes.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest time of the whole exchange.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of an answer that are read. A page of rows is far smaller.
const MAX_ANSWER: u64 = 1024 * 1024;

/// Why a server is not taken to be healthy.
#[derive(Debug, Error)]
pub enum HealthError {
    #[error("it can't be reached")]
    Unreachable(#[from] io::Error),
    #[error("it gave no answer within {TIMEOUT:?}")]
    TimedOut,
    #[error("it answered `{0}` instead of `HTTP/1.1 200 OK`")]
    Status(String),
    #[error("its answer is no list of rows")]
    Body(#[from] serde_json::Error),
}

/// Asks for a list and returns its rows.
pub async fn get_rows(
    address: SocketAddr,
    path: &str,
) -> Result<Vec<serde_json::Value>, HealthError> {
    let answer = timeout(TIMEOUT, get(address, path))
        .await
        .map_err(|_| HealthError::TimedOut)??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    if status != "HTTP/1.1 200 OK" {
        return Err(HealthError::Status(status.to_owned()));
    }
    Ok(serde_json::from_str(body)?)
}

async fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer).await?;
    Ok(answer)
}
