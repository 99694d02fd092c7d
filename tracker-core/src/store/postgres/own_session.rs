//! Finds out if a connection has a session of its own: [`is_own`].
//!
//! Behind a pooler it may have another at any time, and leaves behind what it keeps in one. The
//! process tells: for cancelling statements, a server names the process that serves the session,
//! and a pooler names another one.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Client,
    tls::{ChannelBinding, TlsConnect, TlsStream},
};

/// The code of a request to cancel, in the protocol. The process and its key follow.
const CANCEL: i32 = 80_877_102;

/// Returns whether this process, which has answered a statement, is the one that the server named
/// to this client.
pub(super) async fn is_own(client: &Client, process: i32) -> bool {
    cancelled_process(client).await == Some(process)
}

/// Returns the process that a request to cancel would name. The driver tells it in such a request
/// alone, so one is written, and not sent.
async fn cancelled_process(client: &Client) -> Option<i32> {
    let request = Unsent::default();
    let written = client.cancel_token();
    let written = written.cancel_query_raw(request.clone(), request.clone());
    written.await.ok()?;
    let bytes = request.0.lock().unwrap_or_else(PoisonError::into_inner);
    let [code, process, _key] = bytes.last_chunk::<12>()?.as_chunks::<4>().0 else {
        return None;
    };
    (i32::from_be_bytes(*code) == CANCEL).then(|| i32::from_be_bytes(*process))
}

/// A connection that sends nothing and keeps what it was given. It needs no TLS, and pretends to
/// have it.
#[derive(Clone, Default)]
struct Unsent(Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Unsent {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // A server answers so that takes TLS.
        buffer.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Unsent {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Unsent {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl TlsConnect<Self> for Unsent {
    type Stream = Self;
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn connect(self, stream: Self) -> Self::Future {
        ready(Ok(stream))
    }
}
