//! The address that a server listens on: [`ListenAddress`].

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use serde::Deserialize;
use thiserror::Error;
use tokio::net::lookup_host;

use super::failure::UsageError;

/// An address or a name with a port. The name has to be resolved.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(crate) enum ListenAddress {
    Address(SocketAddr),
    Name { name: String, port: u16 },
}

/// The error for a text that is no such address.
#[derive(Debug, Error)]
#[error(
    "no address with a port, such as 127.0.0.1:8080, localhost:8080, or :8080 for all IPv4 addresses of this machine"
)]
pub(crate) struct InvalidListenAddress;

impl Default for ListenAddress {
    fn default() -> Self {
        Self::Address(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_080))
    }
}

impl FromStr for ListenAddress {
    type Err = InvalidListenAddress;

    fn from_str(text: &str) -> Result<Self, InvalidListenAddress> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let (name, port) = text.rsplit_once(':').ok_or(InvalidListenAddress)?;
        let port = port.parse().map_err(|_| InvalidListenAddress)?;
        if name.is_empty() {
            let all = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            return Ok(Self::Address(SocketAddr::new(all, port)));
        }
        let is_of_name = |letter: char| letter.is_alphanumeric() || "-._".contains(letter);
        if !name.chars().all(is_of_name) {
            return Err(InvalidListenAddress);
        }
        Ok(Self::Name {
            name: name.to_owned(),
            port,
        })
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = InvalidListenAddress;

    fn try_from(text: String) -> Result<Self, InvalidListenAddress> {
        text.parse()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name { name, port } => write!(f, "{name}:{port}"),
        }
    }
}

impl ListenAddress {
    /// Returns all addresses of the name that the option has, those of IPv4 first.
    pub(crate) async fn resolved(&self, option: &str) -> Result<Vec<SocketAddr>, UsageError> {
        let (name, port) = match self {
            Self::Address(address) => return Ok(vec![*address]),
            Self::Name { name, port } => (&**name, *port),
        };
        let found = lookup_host((name, port)).await.map_err(|error| {
            let message = format!("the name {name} of {option} has no address");
            UsageError::with_source(message, error)
        })?;
        let mut addresses: Vec<_> = found.collect();
        addresses.sort_unstable();
        addresses.dedup();
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_or_none() {
        for (text, shown) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("[::1]:80", "[::1]:80"),
            (":8080", "0.0.0.0:8080"),
            ("localhost:0", "localhost:0"),
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), shown);
        }
    }

    #[test]
    fn anything_else_is_an_error_that_tells_the_forms() {
        for text in [
            "",
            "8080",
            "localhost",
            "localhost:",
            "localhost:http",
            "localhost:80800",
            "http://localhost:80",
            "::1:80",
        ] {
            let error = text.parse::<ListenAddress>().unwrap_err();
            assert!(error.to_string().contains("localhost:8080"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_stands_for_all_of_its_addresses() {
        let address: ListenAddress = "localhost:7".parse().unwrap();
        let addresses = address.resolved("--listen").await.unwrap();
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
        assert!(!addresses.is_empty());
    }
}
