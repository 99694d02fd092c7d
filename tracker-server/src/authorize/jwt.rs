//! JSON Web Tokens: [`Jwts`].

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{
    Authorize, Decision, VisibleProjects,
    bearer::bearer,
    project_lists::{has_project, listed},
};

/// The shortest secret for HS256, in bytes: RFC 7518, section 3.2.
const SECRET_BYTES_MIN: usize = 32;

/// The time for which an expired token is still accepted, in seconds, because clocks differ.
const LEEWAY_S: u64 = 60;

/// The claims that a token must have, beside a signature and an expiry.
#[derive(Clone, Debug)]
pub struct JwtSettings {
    /// The expected issuer (`iss`). `None` accepts any.
    pub issuer: Option<String>,
    /// The expected audience (`aud`). `None` refuses tokens that name one.
    pub audience: Option<String>,
    /// The claim that names the projects: a list of texts or one text, in which `*` stands for all.
    /// The default is `projects`.
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

/// Bearer tokens that somebody else issues and signs, with HS256 or RS256.
///
/// A token must have an `exp`. It is accepted until a minute after that, and its streams end then.
/// A token whose header has `crit` is refused, because no extension is understood.
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
    /// Accepts tokens that are signed with HS256 and the secret in this file. The line's end in the
    /// file is no part of the secret.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, or if the secret has fewer than 32 bytes.
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

    /// Accepts tokens that are signed with RS256 and one of the keys in this file, a JSON Web Key
    /// Set. Keys whose `use`, `key_ops` or `alg` name another purpose are skipped.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, is no key set, or has no key for RS256.
    pub fn with_key_set(path: &Path, settings: JwtSettings) -> Result<Self, JwtError> {
        let error = |problem| JwtError::new(path, problem);
        let text = fs::read(path).map_err(|source| error(Problem::Read(source)))?;
        let set: JwkSet =
            serde_json::from_slice(&text).map_err(|source| error(Problem::KeySet(source)))?;
        let keys = keys(&set, &settings);
        if keys.is_empty() {
            return Err(error(Problem::NoKey));
        }
        Ok(Self {
            keys,
            projects_claim: settings.projects_claim,
        })
    }

    /// Returns the claims of a valid token.
    fn claims(&self, token: &str) -> Option<Map<String, Value>> {
        let header = decode_header(token).ok()?;
        if header.crit.is_some() {
            return None;
        }
        let id = header.kid;
        // A token that names a key is checked with that key, and one that names none with each key.
        let named = |key: &&Key| id.is_none() || key.id.is_none() || key.id == id;
        self.keys.iter().filter(named).find_map(|key| {
            let token = decode(token, &key.decoding, &key.validation);
            Some(token.ok()?.claims)
        })
    }

    fn claimed(&self, claims: &Map<String, Value>) -> Vec<String> {
        match claims.get(&self.projects_claim) {
            Some(Value::String(project)) => vec![project.clone()],
            Some(Value::Array(projects)) => {
                let texts = projects.iter().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn validation(algorithm: Algorithm, settings: &JwtSettings) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY_S;
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

/// Returns the keys of a set that check RS256.
fn keys(set: &JwkSet, settings: &JwtSettings) -> Vec<Key> {
    let keys = set.keys.iter().filter(|key| checks_signatures(key));
    let keys = keys.filter_map(|jwk| {
        Some(Key {
            id: jwk.common.key_id.clone(),
            decoding: DecodingKey::from_jwk(jwk).ok()?,
            validation: validation(Algorithm::RS256, settings),
        })
    });
    keys.collect()
}

/// Returns true if all members of the key allow it to check RS256.
fn checks_signatures(key: &Jwk) -> bool {
    let common = &key.common;
    let of_use = common.public_key_use.as_ref();
    let operations = common.key_operations.as_ref();
    matches!(key.algorithm, AlgorithmParameters::RSA(_))
        && of_use.is_none_or(|of_use| *of_use == PublicKeyUse::Signature)
        && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
        && common
            .key_algorithm
            .is_none_or(|algorithm| algorithm == KeyAlgorithm::RS256)
}

/// Returns the time from which on a token is refused, or `None` if no clock reaches that time.
fn expires(claims: &Map<String, Value>) -> Option<SystemTime> {
    // The check is in whole seconds, and accepts the last one to its end.
    let last = claims.get("exp")?.as_f64()?.round();
    let after = Duration::try_from_secs_f64(last).ok()?;
    UNIX_EPOCH.checked_add(after.checked_add(Duration::from_secs(LEEWAY_S + 1))?)
}

impl Authorize for Jwts {
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision> {
        let claims = bearer(request).and_then(|token| self.claims(token));
        let decision = match claims {
            None => Decision::Unauthenticated,
            Some(claims) if has_project(&self.claimed(&claims), project_id) => {
                expires(&claims).map_or(Decision::Allowed, Decision::AllowedUntil)
            }
            Some(_) => Decision::Denied,
        };
        Box::pin(ready(decision))
    }

    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        let claims = bearer(request).and_then(|token| self.claims(token));
        let visible = claims.map_or(VisibleProjects::Unauthenticated, |claims| {
            listed(&self.claimed(&claims))
        });
        Box::pin(ready(visible))
    }
}

impl fmt::Debug for Jwts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwts")
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// The reason why a file can't be used to check tokens.
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
    #[error("it has no RSA key to check RS256 with")]
    NoKey,
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    const SECRET: &[u8] = b"thirty-two bytes and a few more of a secret";

    fn jwts() -> Jwts {
        Jwts {
            keys: vec![Key {
                id: None,
                decoding: DecodingKey::from_secret(SECRET),
                validation: validation(Algorithm::HS256, &JwtSettings::default()),
            }],
            projects_claim: "projects".to_owned(),
        }
    }

    fn with(header: &Header, claims: &Value) -> request::Parts {
        let token = encode(header, claims, &EncodingKey::from_secret(SECRET)).unwrap();
        let request = Request::get("/").header("authorization", format!("Bearer {token}"));
        request.body(()).unwrap().into_parts().0
    }

    async fn decided(header: &Header, expires: u64) -> Decision {
        let claims = json!({ "exp": expires, "projects": "project_7" });
        jwts().decide(&with(header, &claims), "project_7").await
    }

    fn hour_from_now() -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        now.as_secs() + 3_600
    }

    #[tokio::test]
    async fn a_token_is_taken_until_it_has_expired_for_a_minute() {
        let header = Header::new(Algorithm::HS256);
        let expires = hour_from_now();
        let until = UNIX_EPOCH + Duration::from_secs(expires + 61);
        assert_eq!(
            decided(&header, expires).await,
            Decision::AllowedUntil(until)
        );
        assert_eq!(
            decided(&header, expires - 3_600 - 61 - 60).await,
            Decision::Unauthenticated
        );
        assert_eq!(decided(&header, u64::MAX).await, Decision::Allowed);
    }

    #[tokio::test]
    async fn a_token_lists_the_projects_of_its_claim_alone() {
        let these =
            |ids: &[&str]| VisibleProjects::These(ids.iter().map(|&id| id.to_owned()).collect());
        let expired = hour_from_now() - 3_600 - 61 - 60;
        for (expires, projects, expected) in [
            (hour_from_now(), json!("p"), these(&["p"])),
            (hour_from_now(), json!(["p", 7, "q"]), these(&["p", "q"])),
            (hour_from_now(), json!(["p", "*"]), VisibleProjects::All),
            (hour_from_now(), json!(null), these(&[])),
            (expired, json!("*"), VisibleProjects::Unauthenticated),
        ] {
            let claims = json!({ "exp": expires, "projects": projects });
            let request = with(&Header::new(Algorithm::HS256), &claims);
            assert_eq!(jwts().projects(&request).await, expected, "{claims}");
        }
    }

    #[tokio::test]
    async fn a_token_that_wants_more_to_be_understood_is_refused() {
        for critical in [&["b64"][..], &["exp"], &["of-our-own", "exp"], &[]] {
            let mut header = Header::new(Algorithm::HS256);
            header.crit = Some(critical.iter().map(|&name| name.to_owned()).collect());
            assert_eq!(
                decided(&header, hour_from_now()).await,
                Decision::Unauthenticated,
                "{critical:?}"
            );
        }
    }

    #[test]
    fn a_key_for_something_else_checks_no_signature() {
        for (said, is_taken) in [
            (json!({}), true),
            (json!({ "use": "sig" }), true),
            (json!({ "alg": "RS256" }), true),
            (json!({ "key_ops": ["verify"] }), true),
            (
                json!({ "key_ops": ["sign", "verify"], "use": "sig", "alg": "RS256" }),
                true,
            ),
            (json!({ "use": "enc" }), false),
            (json!({ "use": "tls" }), false),
            (json!({ "key_ops": ["encrypt", "wrapKey"] }), false),
            (json!({ "key_ops": [] }), false),
            (json!({ "key_ops": ["verify"], "use": "enc" }), false),
            (json!({ "alg": "RS512" }), false),
            (json!({ "alg": "PS256" }), false),
            (json!({ "alg": "RSA-OAEP" }), false),
            (json!({ "alg": "of-our-own" }), false),
            (json!({ "kty": "of-our-own" }), false),
        ] {
            let mut key = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" });
            key.as_object_mut()
                .unwrap()
                .extend(said.as_object().unwrap().clone());
            let set = serde_json::from_value(json!({ "keys": [key] })).unwrap();
            let taken = keys(&set, &JwtSettings::default());
            assert_eq!(taken.len(), usize::from(is_taken), "{said}");
        }
    }
}
