//! The keys that sign links: [`ViewerKeys`].

use std::{
    fmt, fs, io,
    iter::once,
    path::{Path, PathBuf},
    time::SystemTime,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use super::token::{self, Grant, Refusal, ViewerLink, ViewerLinkError};

/// The shortest secret, in bytes: as many as the hash has.
const SECRET_BYTES_MIN: usize = 32;

/// The longest name of a key, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// The keys that sign links for viewers. The first signs, and all verify.
///
/// The file has a key in each line, a name and a secret:
///
/// ```text
/// # openssl rand -hex 32
/// 2026-11 9d0f3b7c5d1e4a6f8b2c0d9e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a
/// 2026-08 1f2e3d4c5b6a79880716253443526170f0e1d2c3b4a5968778695a4b3c2d1e0f
/// ```
///
/// Empty lines and those that begin with `#` are passed over. To replace a key, put another above
/// it, and remove it when its links have expired. Removing a key revokes all of its links.
pub struct ViewerKeys {
    signing: Key,
    /// The keys that only verify.
    former: Vec<Key>,
}

struct Key {
    name: String,
    mac: Hmac<Sha256>,
}

impl ViewerKeys {
    /// Reads a file of keys.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, has no key, or has one with a wrong name or a
    /// short secret. The message names the line, and no secret.
    pub fn read(path: &Path) -> Result<Self, ViewerKeysError> {
        let error = |problem| ViewerKeysError {
            path: path.to_owned(),
            problem,
        };
        let text = fs::read_to_string(path).map_err(|source| error(Problem::Read(source)))?;
        Self::parse(&text).map_err(error)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let mut keys: Vec<Key> = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let key = match text.split_once(char::is_whitespace) {
                Some((name, secret)) => key(line, name, secret.trim())?,
                None => return Err(Problem::Line { line }),
            };
            if keys.iter().any(|known| known.name == key.name) {
                return Err(Problem::Twice { line });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let signing = keys.next().ok_or(Problem::Empty)?;
        let former = keys.collect();
        Ok(Self { signing, former })
    }

    /// Makes a link that shows what filters let through of a project, until a time.
    ///
    /// The filters are pairs of a name and a value, as the parameters of the list of activities
    /// are.
    ///
    /// # Errors
    ///
    /// Returns an error if a filter is unknown or wrong, or if all of them are too long for a link.
    pub fn link<N, V>(
        &self,
        project_id: &str,
        filters: impl IntoIterator<Item = (N, V)>,
        expires_at: SystemTime,
    ) -> Result<ViewerLink, ViewerLinkError>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let key = &self.signing;
        let claims = token::Claims::new(project_id, filters, expires_at)?;
        claims.signed(&key.name, |text| key.sign(text))
    }

    /// Returns what a token grants at present.
    pub(super) fn grant(&self, token: &str) -> Result<Grant, Refusal> {
        let parts = token::Parts::of(token)?;
        let key = self.all().find(|key| key.name == parts.key);
        let key = key.ok_or(Refusal::UnknownKey)?;
        // This takes as long for a wrong signature as for the right one.
        let verified = key.mac.clone().chain_update(parts.signed);
        let verified = verified.verify_slice(&parts.signature);
        verified.map_err(|_| Refusal::Malformed)?;
        parts.claims()?.grant(SystemTime::now())
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        once(&self.signing).chain(&self.former)
    }
}

impl Key {
    fn sign(&self, text: &str) -> Vec<u8> {
        let mac = self.mac.clone().chain_update(text);
        mac.finalize().into_bytes().to_vec()
    }
}

/// Makes the key of a line.
fn key(line: usize, name: &str, secret: &str) -> Result<Key, Problem> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.len() > NAME_BYTES_MAX || !name.chars().all(is_known) {
        return Err(Problem::Name { line });
    }
    if secret.len() < SECRET_BYTES_MIN {
        return Err(Problem::ShortSecret { line });
    }
    let mac = Hmac::new_from_slice(secret.as_bytes()).map_err(|_| Problem::Line { line })?;
    Ok(Key {
        name: name.to_owned(),
        mac,
    })
}

impl fmt::Debug for ViewerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.all().map(|key| &key.name);
        f.debug_list().entries(names).finish()
    }
}

/// The reason why a file of keys can't be used.
#[derive(Debug, Error)]
#[error("can't use the keys in {}", path.display())]
pub struct ViewerKeysError {
    path: PathBuf,
    #[source]
    problem: Problem,
}

#[derive(Debug, Error)]
pub(super) enum Problem {
    #[error("the file can't be read")]
    Read(#[source] io::Error),
    #[error("it has no key: write a name and a secret, as of `openssl rand -hex 32`, in a line")]
    Empty,
    #[error("line {line}: a line is a name, a space and a secret")]
    Line { line: usize },
    #[error("line {line}: a name has at most {NAME_BYTES_MAX} of a-z, A-Z, 0-9, - and _")]
    Name { line: usize },
    #[error(
        "line {line}: the secret has fewer than {SECRET_BYTES_MIN} bytes: make one with `openssl rand -hex 32`"
    )]
    ShortSecret { line: usize },
    #[error("line {line}: another key has this name: give each its own")]
    Twice { line: usize },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_with_its_line_and_without_the_secret() {
        const SECRET: &str = "0123456789abcdef0123456789abcdef";
        for (text, said) in [
            ("", "no key"),
            ("# a\n\n", "no key"),
            (&*format!("# a\n{SECRET}"), "line 2: a line is"),
            (&format!("a.b {SECRET}"), "line 1: a name has"),
            (&format!("a {}", &SECRET[1..]), "line 1: the secret has"),
            (
                &format!("a {SECRET}\nb {SECRET}\na {SECRET}"),
                "line 3: another",
            ),
        ] {
            let error = ViewerKeys::parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
            assert!(!error.contains("123456789"), "{error}");
        }
        let keys = ViewerKeys::parse(&format!("# of now\n a \t {SECRET}\r\n")).unwrap();
        assert_eq!(format!("{keys:?}"), "[\"a\"]");
    }
}
