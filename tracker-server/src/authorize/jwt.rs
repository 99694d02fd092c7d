//! JSON Web Tokens: [`Jwts`].

use std::{fmt, fs, io, path::Path, path::PathBuf};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, Jwk, JwkSet},
};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{
    Authorize, Decision,
    bearer::{bearer, decision, has_project},
};

/// The shortest secret for HS256, in bytes: RFC 7518, section 3.2.
const SECRET_BYTES_MIN: usize = 32;

/// What a token must say beside being signed and not expired.
#[derive(Clone, Debug)]
pub struct JwtSettings {
    /// The issuer (`iss`), where one is expected.
    pub issuer: Option<String>,
    /// The audience (`aud`); a token that names one is refused where none is expected.
    pub audience: Option<String>,
    /// The claim with the projects, a list of texts or one text, in which `*` stands for all. Default `projects`.
    pub projects_claim: String,
}

impl Default for JwtSettings {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: None,
            projects_claim: "projects".to_owned(),
        }
    }
}

/// Bearer tokens that somebody else issues and signs, by HS256 or RS256.
pub struct Jwts {
    keys: Vec<Key>,
    projects_claim: String,
}

struct Key {
    id: Option<String>,
    decoding: DecodingKey,
    validation: Validation,
}

impl Jwts {
    /// Tokens signed by HS256 with the secret in this file, without the line's end.
    ///
    /// # Errors
    ///
    /// When the file can't be read, or the secret has fewer than 32 bytes.
    pub fn with_secret(path: &Path, settings: JwtSettings) -> Result<Self, JwtError> {
        let error = |problem| JwtError::new(path, problem);
        let secret = fs::read(path).map_err(|source| error(Problem::Read(source)))?;
        let secret = secret.trim_ascii_end();
        if secret.len() < SECRET_BYTES_MIN {
            return Err(error(Problem::ShortSecret));
        }
        let key = Key {
            id: None,
            decoding: DecodingKey::from_secret(secret),
            validation: validation(Algorithm::HS256, &settings),
        };
        Ok(Self {
            keys: vec![key],
            projects_claim: settings.projects_claim,
        })
    }

    /// Tokens signed by RS256 with one of the keys in this file, a JSON Web Key Set.
    ///
    /// # Errors
    ///
    /// When the file can't be read, is no key set, or has no RSA key to check signatures with.
    pub fn with_key_set(path: &Path, settings: JwtSettings) -> Result<Self, JwtError> {
        let error = |problem| JwtError::new(path, problem);
        let text = fs::read(path).map_err(|source| error(Problem::Read(source)))?;
        let set: JwkSet =
            serde_json::from_slice(&text).map_err(|source| error(Problem::KeySet(source)))?;
        let rsa = set.keys.iter().filter(|key| is_rsa(key));
        let keys: Vec<_> = rsa
            .filter_map(|jwk| {
                Some(Key {
                    id: jwk.common.key_id.clone(),
                    decoding: DecodingKey::from_jwk(jwk).ok()?,
                    validation: validation(Algorithm::RS256, &settings),
                })
            })
            .collect();
        if keys.is_empty() {
            return Err(error(Problem::NoKey));
        }
        Ok(Self {
            keys,
            projects_claim: settings.projects_claim,
        })
    }

    /// The projects of a token that is valid.
    fn projects(&self, token: &str) -> Option<Vec<String>> {
        let id = decode_header(token).ok()?.kid;
        // A token that names a key is checked with that one; one that names none with each.
        let named = |key: &&Key| id.is_none() || key.id.is_none() || key.id == id;
        let claims = self.keys.iter().filter(named).find_map(|key| {
            let token = decode::<Map<String, Value>>(token, &key.decoding, &key.validation);
            Some(token.ok()?.claims)
        })?;
        let texts = match claims.get(&self.projects_claim) {
            Some(Value::String(project)) => vec![project.clone()],
            Some(Value::Array(projects)) => {
                let texts = projects.iter().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        Some(texts)
    }
}

fn validation(algorithm: Algorithm, settings: &JwtSettings) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.validate_nbf = true;
    if let Some(issuer) = &settings.issuer {
        validation.set_issuer(&[issuer]);
        validation.required_spec_claims.insert("iss".to_owned());
    }
    if let Some(audience) = &settings.audience {
        validation.set_audience(&[audience]);
        validation.required_spec_claims.insert("aud".to_owned());
    }
    validation
}

fn is_rsa(key: &Jwk) -> bool {
    matches!(key.algorithm, AlgorithmParameters::RSA(_))
}

impl Authorize for Jwts {
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision> {
        let projects = bearer(request).and_then(|token| self.projects(token));
        let decision = projects.map_or(Decision::Unauthenticated, |projects| {
            decision(has_project(&projects, project_id))
        });
        Box::pin(ready(decision))
    }
}

impl fmt::Debug for Jwts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwts")
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// Why tokens can't be checked with a file.
#[derive(Debug, Error)]
#[error("can't check tokens with {}", path.display())]
pub struct JwtError {
    path: PathBuf,
    #[source]
    problem: Problem,
}

impl JwtError {
    fn new(path: &Path, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            problem,
        }
    }
}

#[derive(Debug, Error)]
enum Problem {
    #[error("the file can't be read")]
    Read(#[source] io::Error),
    #[error("the secret has fewer than 32 bytes, which is too few for HS256: make another one")]
    ShortSecret,
    #[error("it is no JSON Web Key Set")]
    KeySet(#[source] serde_json::Error),
    #[error("it has no RSA key")]
    NoKey,
}
