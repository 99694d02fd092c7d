//! A program that serves HTTP: [`Service`].
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

use axum::{
    body::Body,
    http::{Request, request::Builder},
};
use serde_json::Value;

use crate::{
    http::{Answer, send},
    running::Running,
};

/// The end of the line in which a service tells its address.
pub const LISTENING: &str = "listening on http://";

/// A service that tells where it listens.
pub struct Service {
    origin: String,
}

impl Service {
    /// Returns the service of a program that has [told](LISTENING) its address.
    #[must_use]
    pub fn of(program: &Running) -> Self {
        let output = program.output();
        let (_, address) = output.split_once(LISTENING).expect("the line");
        let (address, _) = address.split_once(['/', '\n']).expect("an address");
        Self {
            origin: format!("http://{address}"),
        }
    }

    /// Returns a request to a path, to be completed.
    #[must_use]
    pub fn to(&self, method: &str, path: &str) -> Builder {
        let uri = format!("{}{path}", self.origin);
        Request::builder().method(method).uri(uri)
    }

    /// Sends a request without a body.
    pub async fn ask(&self, method: &str, path: &str) -> Answer {
        let request = self.to(method, path).body(Body::empty());
        send(request.expect("a request")).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.to("POST", path);
        let request = request.header("content-type", "application/json");
        send(request.body(body.to_string().into()).expect("a request")).await
    }
}
