//! A node's monitoring over HTTP, which needs no user of NATS.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

/// The longest time until a node answers; a stopped process does not answer at all.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Returns true if the node takes part in its cluster: it and its streams and consumers are up to
/// date with the leader of JetStream.
pub(super) fn is_healthy(address: SocketAddr) -> bool {
    get(address, "/healthz").is_ok_and(|(status, _)| status == 200)
}

/// Returns true if the node listens.
pub(super) fn is_up(address: SocketAddr) -> bool {
    get(address, "/varz").is_ok_and(|(status, _)| status == 200)
}

/// Returns the name of the node that leads the stream, as this node sees it. `None` if no node
/// leads, or if this node does not hold the stream. A stream of the name in any account counts.
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

/// Sends a request in HTTP 1.0, whose response ends with the connection.
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
