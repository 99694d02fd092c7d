//! A port that stays a test's own.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use tokio::net::TcpSocket;

/// A loopback port that stays this process's own while the server is down.
///
/// Bound but never listened on: a server may listen there (both sides set `SO_REUSEADDR`, as servers do), connections
/// are refused while none does, and the system hands the port to nobody else, neither for listening nor for connecting.
pub(crate) struct ReservedPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl ReservedPort {
    pub(crate) fn new() -> anyhow::Result<Self> {
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

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}
