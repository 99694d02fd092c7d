//! A TCP proxy on loopback that a test can break: [`Proxy`].

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
    time::sleep,
};

/// The fate of the bytes of every connection, open ones included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// They arrive.
    Fair,
    /// They arrive with this delay.
    Slow(Duration),
    /// They wait, and arrive when the weather changes.
    Held,
    /// They are swallowed silently; connections are still accepted.
    BlackHole,
    /// The server's bytes end with the end of the stream, and the client's are swallowed.
    HalfClosed,
    /// Connections are closed at once.
    Closed,
}

/// A proxy before a server. It ends with the value.
pub struct Proxy {
    address: SocketAddr,
    server: watch::Sender<SocketAddr>,
    weather: watch::Sender<Weather>,
    _work: JoinSet<()>,
}

impl Proxy {
    /// Starts a proxy before the server at this address, on a port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// If no port can be had.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port of 127.0.0.1");
        let address = listener.local_addr().expect("an address");
        let (weather, seen) = watch::channel(Weather::Fair);
        let (server, behind) = watch::channel(server);
        let mut work = JoinSet::new();
        work.spawn(accept(listener, behind, seen));
        Self {
            address,
            server,
            weather,
            _work: work,
        }
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends new connections to another server.
    pub fn lead_to(&self, server: SocketAddr) {
        self.server.send_replace(server);
    }

    /// Changes the weather.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn accept(
    listener: TcpListener,
    server: watch::Receiver<SocketAddr>,
    weather: watch::Receiver<Weather>,
) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let server = *server.borrow();
        connections.spawn(connection(client, server, weather.clone()));
    }
}

async fn connection(client: TcpStream, server: SocketAddr, mut weather: watch::Receiver<Weather>) {
    if *weather.borrow() == Weather::Closed {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = copy(from_client, to_server, weather.clone(), false);
    let back = copy(from_server, to_client, weather.clone(), true);
    let closed = weather.wait_for(|weather| *weather == Weather::Closed);
    // Both directions end with the one that ends first, as with a broken connection.
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = closed => {}
    }
}

/// Copies bytes until either side ends.
async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    is_answer: bool,
) {
    let mut buffer = vec![0; 16 << 10];
    let mut is_closed = false;
    loop {
        let Ok(bytes @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        let now = weather.wait_for(|weather| *weather != Weather::Held).await;
        let Ok(now) = now.map(|now| *now) else {
            return;
        };
        match now {
            Weather::Fair | Weather::Held => {}
            Weather::Slow(delay) => sleep(delay).await,
            Weather::BlackHole => continue,
            Weather::HalfClosed => {
                if is_answer && !is_closed && to.shutdown().await.is_err() {
                    return;
                }
                is_closed = true;
                continue;
            }
            Weather::Closed => return,
        }
        if is_closed || to.write_all(&buffer[..bytes]).await.is_err() {
            return;
        }
    }
}
