//! A client that reads a proxy's response as it arrives: [`Stream`], and [`get`] for a complete one.

use std::net::SocketAddr;

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use futures_util::StreamExt;
use tokio::time::timeout;
use tracker_tests::http::{Answer, LIMIT, open, send};

/// Returns a request for a path, with these headers.
fn request(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// Gets a path.
pub(crate) async fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(request(address, path, headers)).await
}

/// The response body of an endless stream.
pub(crate) struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    /// Opens a stream, whose head must arrive at once.
    pub(crate) async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = open(request(address, path, headers)).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self {
            body: response.into_body().into_data_stream(),
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
