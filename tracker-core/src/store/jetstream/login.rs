//! The credentials that a URL names: [`Login`].
//!
//! Files are read at each attempt to log in, so a replaced file takes effect without a restart.
//! This matters because a user's JWT expires, and the server then ends the connection.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use async_nats::Auth;
use nkeys::KeyPair;
use percent_encoding::percent_decode_str;

use super::{NatsOptionsError, error::NatsError};

/// The most bytes read of a file. A JWT or a key has far fewer.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// All credentials of a URL. The server picks those that it asks for.
#[derive(Clone, Default)]
pub(super) struct Login {
    name: Option<String>,
    password: Option<Secret>,
    token: Option<Secret>,
    /// The file with a user's JWT and the seed of its key.
    credentials: Option<PathBuf>,
    /// The file with the seed of a key.
    nkey: Option<PathBuf>,
}

#[derive(Clone)]
enum Secret {
    Text(String),
    File(PathBuf),
}

/// The files of a login that the options of a URL name.
#[derive(Default)]
pub(super) struct Files {
    pub(super) credentials: Option<PathBuf>,
    pub(super) nkey: Option<PathBuf>,
    pub(super) password: Option<PathBuf>,
    pub(super) token: Option<PathBuf>,
}

impl Login {
    /// Parses the part of a URL before the `@`: a user and a password, or a token.
    pub(super) fn parse(text: &str) -> Result<Self, NatsOptionsError> {
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| NatsOptionsError::Login)
        };
        if text.is_empty() || text.contains(['@', '/', ',']) {
            return Err(NatsOptionsError::Login);
        }
        let mut login = Self::default();
        match text.split_once(':') {
            None => login.token = Some(Secret::Text(decoded(text)?)),
            Some((_, password)) if password.contains(':') => return Err(NatsOptionsError::Login),
            Some((name, password)) => {
                login.name = Some(decoded(name)?);
                login.password = Some(Secret::Text(decoded(password)?));
            }
        }
        Ok(login)
    }

    /// Adds the files that the options name.
    pub(super) fn with_files(mut self, files: Files) -> Result<Self, NatsOptionsError> {
        let wrong = |option, expected| Err(NatsOptionsError::Value { option, expected });
        if let Some(path) = files.password {
            // Without a password, the text before the `@` was parsed as a token, but it is the
            // user.
            match (self.name.is_some(), self.token.take()) {
                (false, Some(Secret::Text(name))) => self.name = Some(name),
                _ => return wrong("password_file", "given with USER@ and no password"),
            }
            self.password = Some(Secret::File(path));
        }
        if let Some(path) = files.token {
            if self.name.is_some() || self.token.is_some() {
                return wrong("token_file", "given without anything before an @");
            }
            self.token = Some(Secret::File(path));
        }
        if files.credentials.is_some() && files.nkey.is_some() {
            return wrong("nkey", "given without credentials, which have a key");
        }
        self.credentials = files.credentials;
        self.nkey = files.nkey;
        Ok(self)
    }

    /// Returns the user's name, for people and logs.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns whether the URL names no credentials.
    pub(super) fn is_none(&self) -> bool {
        self.files().next().is_none() && self.name.is_none() && self.token.is_none()
    }

    /// Returns the files that are read at each attempt.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        [
            self.credentials.as_deref(),
            self.nkey.as_deref(),
            self.password.as_ref().and_then(Secret::file),
            self.token.as_ref().and_then(Secret::file),
        ]
        .into_iter()
        .flatten()
    }

    /// Returns the answer to a server's challenge, for which it signs `nonce`. Blocks while it
    /// reads files.
    pub(super) fn answer(&self, nonce: &[u8]) -> Result<Auth, NatsError> {
        let mut auth = Auth::new();
        auth.username.clone_from(&self.name);
        auth.password = self.password.as_ref().map(Secret::read).transpose()?;
        auth.token = self.token.as_ref().map(Secret::read).transpose()?;
        if let Some(path) = &self.credentials {
            let text = read(path)?;
            let mut blocks = blocks(&text);
            let (Some(jwt), Some(seed)) = (blocks.next(), blocks.next()) else {
                return Err(malformed(
                    path,
                    "it has not a user's JWT and the seed of its key, as `nsc` writes them",
                ));
            };
            auth.jwt = Some(jwt.to_owned());
            auth.signature = Some(signed(path, seed, nonce)?.1);
        }
        if let Some(path) = &self.nkey {
            let text = read(path)?;
            let seed = blocks(&text).next().unwrap_or(text.trim());
            let (key, signature) = signed(path, seed, nonce)?;
            auth.nkey = Some(key);
            auth.signature = Some(signature);
        }
        Ok(auth)
    }
}

impl Secret {
    fn file(&self) -> Option<&Path> {
        match self {
            Self::Text(_) => None,
            Self::File(path) => Some(path),
        }
    }

    fn read(&self) -> Result<String, NatsError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            // Editors end a file with a line break.
            Self::File(path) => Ok(read(path)?.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }
}

/// Returns the public key of a seed, and its signature of `nonce`.
fn signed(path: &Path, seed: &str, nonce: &[u8]) -> Result<(String, Vec<u8>), NatsError> {
    let signed =
        KeyPair::from_seed(seed).and_then(|pair| Ok((pair.public_key(), pair.sign(nonce)?)));
    signed.map_err(|error| malformed(path, error))
}

/// Returns the first line of each block between `-----BEGIN …-----` and `------END …------`.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    std::iter::from_fn(move || {
        lines.find(|line| line.starts_with("---") && line.contains("BEGIN"))?;
        lines.next()
    })
}

pub(super) fn read(path: &Path) -> Result<String, NatsError> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(source) => Err(NatsError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

fn malformed(path: &Path, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> NatsError {
    NatsError::File {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidData, why),
    }
}
