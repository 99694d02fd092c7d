//! TLS over a connection of the driver's, and the channel binding of the login.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{self, ChannelBinding, MakeTlsConnect, TlsConnect};
use tokio_rustls::client;

use super::{certificate::Certificate, error::Untrusted};

/// Upgrades connections to TLS.
#[derive(Clone)]
pub(in super::super) struct TlsConnector {
    config: Arc<ClientConfig>,
    binding_required: bool,
}

impl TlsConnector {
    pub(super) fn new(config: ClientConfig, binding_required: bool) -> Self {
        Self {
            config: Arc::new(config),
            binding_required,
        }
    }

    async fn connect<S>(self, host: String, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let stream = tokio_rustls::TlsConnector::from(self.config)
            .connect(name, stream)
            .await
            .map_err(Untrusted::explained)?;
        let (_, session) = stream.get_ref();
        let end_point = session
            .peer_certificates()
            .and_then(|certificates| certificates.first())
            .and_then(|der| Certificate::parse(der).ok()?.end_point(der));
        if self.binding_required && end_point.is_none() {
            return Err(io::Error::other(
                "channel_binding=require can't be fulfilled: the server's certificate is signed by an algorithm that \
                 has no hash function to bind with, such as Ed25519; use channel_binding=prefer, or a certificate \
                 signed with RSA or ECDSA",
            ));
        }
        Ok(TlsStream { stream, end_point })
    }
}

impl<S> MakeTlsConnect<S> for TlsConnector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = TlsStream<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        Ok(Handshake {
            connector: self.clone(),
            host: host.to_owned(),
        })
    }
}

pub(in super::super) struct Handshake {
    connector: TlsConnector,
    host: String,
}

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = TlsStream<S>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<TlsStream<S>>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(self.connector.connect(self.host, stream))
    }
}

/// A TLS connection, and the hash of the server's certificate that the login is bound to.
pub(in super::super) struct TlsStream<S> {
    stream: client::TlsStream<S>,
    end_point: Option<Vec<u8>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> tls::TlsStream for TlsStream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.end_point {
            Some(hash) => ChannelBinding::tls_server_end_point(hash.clone()),
            None => ChannelBinding::none(),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
