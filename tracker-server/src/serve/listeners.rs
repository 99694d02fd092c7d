//! The sockets that a server listens on: [`Listeners`].

use std::{future::poll_fn, io, net::SocketAddr, task::Poll};

use tokio::net::{TcpListener, TcpStream};

/// Sockets, at least one, that have one port if they were asked for one.
pub(super) struct Listeners(Vec<TcpListener>);

impl Listeners {
    /// Listens on all addresses. An address that this machine does not have is left out if there
    /// is another one: a name may have one of IPv6 where there is none. If the port is 0, all have
    /// that of the first.
    ///
    /// An error is that of an address, or none if there is no address.
    pub(super) async fn bind(
        addresses: &[SocketAddr],
    ) -> Result<Self, Option<(SocketAddr, io::Error)>> {
        let mut listeners = Vec::new();
        let mut port = None;
        let mut missing = None;
        for address in addresses {
            let mut listen = *address;
            if listen.port() == 0 {
                listen.set_port(port.unwrap_or(0));
            }
            let error = |source| (listen, source);
            match TcpListener::bind(listen).await {
                Ok(listener) => {
                    let bound = listener.local_addr().map_err(error).map_err(Some)?;
                    port = Some(bound.port());
                    listeners.push(listener);
                }
                Err(source) if source.kind() == io::ErrorKind::AddrNotAvailable => {
                    missing.get_or_insert(error(source));
                }
                Err(source) => return Err(Some(error(source))),
            }
        }
        if listeners.is_empty() {
            return Err(missing);
        }
        Ok(Self(listeners))
    }

    /// Returns the addresses, with the ports that were chosen.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = self.0.iter().map(TcpListener::local_addr);
        addresses.filter_map(Result::ok).collect()
    }

    /// Returns the next connection to any of them.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|context| {
            for listener in &self.0 {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(accepted);
                }
            }
            Poll::Pending
        })
        .await
    }
}
