//! A port that is reserved for a test.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use tokio::net::TcpSocket;
use url::Url;

/// A loopback port that stays reserved while the server is down.
///
/// It is bound but never listened on. A server may listen there, because both sides set
/// `SO_REUSEADDR`. Connections are refused while none does, and the system gives the port to nobody
/// else, neither for listening nor for connecting.
pub struct ReservedPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl ReservedPort {
    /// Reserves a port.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has none to give.
    pub fn new() -> anyhow::Result<Self> {
        Self::bind().context("can't reserve a port on 127.0.0.1")
    }

    fn bind() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self {
            address: socket.local_addr()?,
            _socket: socket,
        })
    }

    /// Returns the address of the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a server's URL with this address in place of the server's.
    ///
    /// # Panics
    ///
    /// If the text is not a URL.
    pub(crate) fn stand_in(&self, server_url: &str) -> String {
        let mut url: Url = server_url.parse().expect("a URL");
        let host = self.address.ip().to_string();
        url.set_host(Some(&host)).expect("a URL with a host");
        url.set_port(Some(self.address.port()))
            .expect("a URL with a port");
        url.into()
    }
}
