//! A client that reads a proxy's response as it arrives: [`open`], and [`get`] for a complete one.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::{Body, BodyDataStream, to_bytes},
    http::{Request, StatusCode, response},
};
use futures_util::StreamExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::timeout;

/// A time limit far beyond the need of any test, and shorter than the time for which a proxy
/// buffers a stream.
const LIMIT: Duration = Duration::from_mins(1);

/// A limit far beyond the size of any response.
const BYTES_MAX: usize = 16 << 20;

/// Sends a request with these headers, and returns the response once its head has arrived.
pub(crate) async fn open(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> (response::Parts, Body) {
    let mut request = Request::get(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request.body(Body::empty()).unwrap());
    let answer = timeout(LIMIT, answer).await.expect("a head in time");
    let (head, body) = answer.expect("an answer").into_parts();
    (head, Body::new(body))
}

/// A complete response.
pub(crate) struct Answer {
    head: response::Parts,
    /// The body as it was sent, which may be compressed.
    body: Vec<u8>,
}

/// Gets a path.
pub(crate) async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    let (head, body) = open(address, path, headers).await;
    let body = timeout(LIMIT, to_bytes(body, BYTES_MAX)).await;
    let body = body.expect("a body in time").expect("a whole body");
    let body = body.into();
    Answer { head, body }
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns a header, or `None` if there is none.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("a text")
    }
}

/// The response body of an endless stream.
pub(crate) struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    /// Opens a stream, whose head must arrive at once.
    pub(crate) async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let (head, body) = open(address, path, headers).await;
        assert_eq!(head.status, StatusCode::OK);
        Self {
            body: body.into_data_stream(),
            text: String::new(),
        }
    }

    /// Reads until a text has arrived.
    pub(crate) async fn until(&mut self, text: &str) {
        while !self.text.contains(text) {
            let data = timeout(LIMIT, self.body.next()).await;
            let data = data.unwrap_or_else(|_| panic!("no {text:?} in {LIMIT:?}"));
            let data = data.expect("it goes on").unwrap();
            self.text += str::from_utf8(&data).unwrap();
        }
    }
}
