//! What a node tells of itself over HTTP, to whoever asks: no user of NATS is needed for it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

/// How long a node may take to answer; a held one does not answer at all.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Whether the node takes part in its cluster: it is up to date with the leader of JetStream, and so is what it holds
/// of streams and consumers.
pub(super) fn is_healthy(address: SocketAddr) -> bool {
    get(address, "/healthz").is_ok_and(|(status, _)| status == 200)
}

/// Whether the node listens.
pub(super) fn is_up(address: SocketAddr) -> bool {
    get(address, "/varz").is_ok_and(|(status, _)| status == 200)
}

/// Who leads the stream, as this node sees it: the name of a node. `None` while nobody does, or when this node does not
/// hold the stream. A stream of the name in any account counts.
pub(super) fn leader_of(address: SocketAddr, stream: &str) -> anyhow::Result<Option<String>> {
    let (status, body) = get(address, "/jsz?accounts=1&streams=1")?;
    anyhow::ensure!(status == 200, "the node answers {status}: {body}");
    let told: Value = serde_json::from_str(&body).context("the node's answer is not JSON")?;
    let accounts = told["account_details"].as_array();
    let details = accounts
        .into_iter()
        .flatten()
        .filter_map(|account| account["stream_detail"].as_array())
        .flatten()
        .find(|detail| detail["name"] == stream);
    let leader = details.and_then(|detail| detail["cluster"]["leader"].as_str());
    Ok(leader
        .filter(|leader| !leader.is_empty())
        .map(str::to_owned))
}

/// Asks in HTTP 1.0, whose answers end with the connection.
fn get(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer has no end of its headers")?;
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("the answer has no status")?;
    Ok((status, body.to_owned()))
}
