//! The origins of other sites, in settings and in the headers of answers: [`Origin`].

use std::{fmt, str::FromStr, time::Duration};

use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use serde::Deserialize;
use thiserror::Error;
use tower_http::cors::CorsLayer;

/// The time for which a browser remembers what it may send.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The headers that a page may send beside those that every page may.
const SENT: [HeaderName; 4] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    HeaderName::from_static("last-event-id"),
];

/// The headers that a page may read beside those that every page may.
const READ: [HeaderName; 4] = [
    header::CONTENT_DISPOSITION,
    header::ETAG,
    header::LINK,
    header::RETRY_AFTER,
];

/// The origin of a web page, as browsers send it: `https://console.example.org` or
/// `http://localhost:3000`.
///
/// It is a scheme, a host and, unless it is the scheme's own, a port, all in lower case and without
/// a `/` at the end. There are no patterns: browsers send nothing else, so anything else would
/// allow nobody.
///
/// ```
/// use tracker_server::Origin;
///
/// let console: Origin = "https://console.example.org".parse()?;
/// assert!("https://console.example.org/".parse::<Origin>().is_err());
/// assert!("*".parse::<Origin>().is_err());
/// # Ok::<_, tracker_server::OriginError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(HeaderValue);

/// The text is not an origin as browsers send it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{given:?} is not an origin: give a scheme, a host in lower case and, unless it is the scheme's own, a port, \
     without a / at the end, as in https://console.example.org or http://localhost:3000"
)]
pub struct OriginError {
    given: String,
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let error = || OriginError {
            given: text.to_owned(),
        };
        let uri: Uri = text.parse().map_err(|_| error())?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(error());
        };
        let port = match (scheme, uri.port_u16()) {
            (_, None) | ("http", Some(80)) | ("https", Some(443)) => String::new(),
            (_, Some(port)) => format!(":{port}"),
        };
        let sent = format!("{scheme}://{host}{port}").to_ascii_lowercase();
        // All other characters have a meaning of their own in a policy, or none.
        let is_known = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if host.is_empty() || !host.chars().all(is_known) || sent != text {
            return Err(error());
        }
        HeaderValue::try_from(sent).map(Self).map_err(|_| error())
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// Returns the layer by which pages of these origins may send requests and read the answers. Their
/// requests have no cookies: a page of another origin shows who it is with a token.
pub(crate) fn shared_with(origins: &[Origin]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(
            origins
                .iter()
                .map(|origin| origin.0.clone())
                .collect::<Vec<_>>(),
        )
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(SENT)
        .expose_headers(READ)
        .max_age(REMEMBERED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_never_sends_is_refused() {
        for origin in [
            "https://console.example.org",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "capacitor://localhost",
        ] {
            assert_eq!(origin.parse::<Origin>().unwrap().to_string(), origin);
        }
        for wrong in [
            "",
            "*",
            "null",
            "console.example.org",
            "//console.example.org",
            "https://",
            "https://console.example.org/",
            "https://console.example.org/page",
            "https://console.example.org?",
            "https://*.example.org",
            "https://Console.example.org",
            "HTTPS://console.example.org",
            "https://console.example.org:443",
            "http://localhost:80",
            "http://localhost:",
            "https://user@console.example.org",
            "https://bücher.example",
            "https://console.example.org;script-src",
            "https://console.example.org\r\nx: y",
        ] {
            let error = wrong.parse::<Origin>().unwrap_err();
            assert!(error.to_string().contains("as in https://"), "{wrong}");
        }
    }
}
