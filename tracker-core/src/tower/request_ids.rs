//! The IDs of requests: [`RequestIds`].

use http::{HeaderMap, HeaderName, Request};
use uuid::Uuid;

/// The maximum length of an ID from a header, in characters, which are bytes here. A UUID has 36, a
/// trace parent 55.
pub const REQUEST_ID_CHARS_MAX: usize = 128;

/// Assigns an ID to each HTTP request: a new one, or that of a trusted header.
///
/// The sender of a request chooses its headers. An ID from a header would let a stranger file
/// activities under somebody else's request. So it is read only from a header that a proxy of your
/// own sets, after removing the client's.
///
/// ```
/// use http::{HeaderName, Request};
/// use tracker_core::tower::RequestIds;
///
/// let request = Request::get("/").header("x-request-id", "req_9f2").body(())?;
/// assert_ne!(RequestIds::generated().of(&request), "req_9f2");
///
/// let behind_our_proxy = RequestIds::trusting(HeaderName::from_static("x-request-id"));
/// assert_eq!(behind_our_proxy.of(&request), "req_9f2");
/// # Ok::<_, http::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RequestIds {
    trusted: Option<HeaderName>,
}

impl RequestIds {
    /// Generates a new UUIDv7 for each request, whatever its headers are.
    #[must_use]
    pub const fn generated() -> Self {
        Self { trusted: None }
    }

    /// Takes the ID from this header, which must come from a trusted sender.
    ///
    /// The value is taken unchanged or not at all. The header must be there exactly once, and
    /// consist of 1 to [`REQUEST_ID_CHARS_MAX`] ASCII letters, digits and characters out of
    /// `-_.:+/=@`. Any other request gets a new UUIDv7.
    #[must_use]
    pub const fn trusting(header: HeaderName) -> Self {
        Self {
            trusted: Some(header),
        }
    }

    /// Returns the ID of this request. Without a trusted ID, each call returns a new one.
    #[must_use]
    pub fn of<B>(&self, request: &Request<B>) -> String {
        self.trusted
            .as_ref()
            .and_then(|name| trusted_id(request.headers(), name))
            .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
    }
}

fn trusted_id<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let id = values.next()?.to_str().ok()?;
    // A second value may be the client's own, which the proxy forgot to remove.
    let alone = values.next().is_none();
    let fits = (1..=REQUEST_ID_CHARS_MAX).contains(&id.len());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(&byte);
    (alone && fits && id.bytes().all(plain)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    fn id_of(request_ids: &RequestIds, values: &[&[u8]]) -> String {
        let mut request = Request::get("/");
        for value in values {
            request = request.header(HEADER, *value);
        }
        request_ids.of(&request.body(()).unwrap())
    }

    fn is_generated(id: &str) -> bool {
        Uuid::parse_str(id).is_ok_and(|id| id.get_version_num() == 7)
    }

    #[test]
    fn an_inbound_id_is_ignored_unless_it_is_trusted() {
        let generated = RequestIds::generated();
        let ids = [(); 2].map(|()| id_of(&generated, &[b"req_1"]));
        assert!(ids.iter().all(|id| is_generated(id)), "{ids:?}");
        assert_ne!(ids[0], ids[1]);
        assert_eq!(id_of(&RequestIds::trusting(HEADER), &[b"req_1"]), "req_1");
    }

    #[test]
    fn a_trusted_id_is_taken_whole_or_not_at_all() {
        let trusting = RequestIds::trusting(HEADER);
        for id in [
            "1",
            "Root=1-67891233-abcdef012345678912345678",
            "a@b/c+d:e.f_g",
            &"x".repeat(REQUEST_ID_CHARS_MAX),
        ] {
            assert_eq!(id_of(&trusting, &[id.as_bytes()]), id);
        }
        let too_long = "x".repeat(REQUEST_ID_CHARS_MAX + 1);
        let refused: [&[&[u8]]; 7] = [
            &[],
            &[b""],
            &[b"req 1"],
            &[b"<script>"],
            &["réq".as_bytes()],
            &[too_long.as_bytes()],
            &[b"req_1", b"req_2"],
        ];
        for values in refused {
            let id = id_of(&trusting, values);
            assert!(is_generated(&id), "{id}");
        }
    }
}
