//! A client of a service on loopback: [`Service`].

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::time::timeout;
use tracker_tests::running::Running;

use super::LIMIT;

/// A limit far beyond the size of any response.
const BYTES_MAX: usize = 16 << 20;

/// The end of the line in which a service tells its address.
pub(crate) const LISTENING: &str = "listening on http://";

/// A service that tells where it listens.
pub(crate) struct Service {
    origin: String,
    client: Client<HttpConnector, Body>,
}

/// A response with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Service {
    pub(crate) fn of(program: &Running) -> Self {
        let output = program.output();
        let (_, address) = output.split_once(LISTENING).expect("the line");
        let (address, _) = address.split_once('/').expect("an address");
        Self {
            origin: format!("http://{address}"),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Returns a request to a path, to be completed.
    pub(crate) fn to(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let uri = format!("{}{path}", self.origin);
        Request::builder().method(method).uri(uri)
    }

    /// Sends a request, and returns the response once its head has arrived.
    pub(crate) async fn open(&self, request: Request<Body>) -> axum::http::Response<Body> {
        let response = timeout(LIMIT, self.client.request(request)).await;
        response.expect("a head in time").unwrap().map(Body::new)
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.open(request).await.into_parts();
        let body = timeout(LIMIT, to_bytes(body, BYTES_MAX)).await;
        let body = body.expect("a body in time").unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(body.into()).unwrap(),
        }
    }

    /// Sends a request without a body.
    pub(crate) async fn ask(&self, method: &str, path: &str) -> Answer {
        let request = self.to(method, path).body(Body::empty());
        self.send(request.unwrap()).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.to("POST", path);
        let request = request.header("content-type", "application/json");
        self.send(request.body(body.to_string().into()).unwrap())
            .await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }
}
