//! The file of tokens or keys: [`Credentials`].

use std::{path::PathBuf, sync::Arc};

use tracker_server::{Authorize, JwtSettings, Jwts, Tokens};

use crate::{failure::UsageError, options::serve::Arguments};

/// The file that says who may see what.
pub(super) enum Credentials {
    Tokens(PathBuf),
    KeySet(PathBuf, JwtSettings),
    Secret(PathBuf, JwtSettings),
}

impl Credentials {
    /// Returns the file that the arguments name, or `None` if they name none.
    pub(super) fn named_in(arguments: &Arguments) -> Result<Option<Self>, UsageError> {
        let defaults = JwtSettings::default();
        let jwt = JwtSettings {
            issuer: arguments.jwt_issuer.clone(),
            audience: arguments.jwt_audience.clone(),
            projects_claim: arguments
                .jwt_projects_claim
                .clone()
                .unwrap_or(defaults.projects_claim),
        };
        let is_jwt = arguments.jwt_issuer.is_some()
            || arguments.jwt_audience.is_some()
            || arguments.jwt_projects_claim.is_some();
        let files = (
            arguments.tokens.clone(),
            arguments.jwks.clone(),
            arguments.jwt_secret_file.clone(),
        );
        match files {
            (None, None, None) if is_jwt => Err(UsageError::new(
                "JWTs are described, and no key is named to check them with: give --jwks or --jwt-secret-file",
            )),
            (None, None, None) => Ok(None),
            (Some(tokens), None, None) => Ok(Some(Self::Tokens(tokens))),
            (None, Some(keys), None) => Ok(Some(Self::KeySet(keys, jwt))),
            (None, None, Some(secret)) => Ok(Some(Self::Secret(secret, jwt))),
            _ => Err(UsageError::new(
                "give one of --tokens, --jwks and --jwt-secret-file: they say who may see what",
            )),
        }
    }

    /// Reads the file.
    pub(super) fn read(&self) -> anyhow::Result<Arc<dyn Authorize>> {
        Ok(match self {
            Self::Tokens(file) => Arc::new(Tokens::read(file)?),
            Self::KeySet(file, jwt) => Arc::new(Jwts::with_key_set(file, jwt.clone())?),
            Self::Secret(file, jwt) => Arc::new(Jwts::with_secret(file, jwt.clone())?),
        })
    }

    pub(super) fn file(&self) -> &PathBuf {
        match self {
            Self::Tokens(file) | Self::KeySet(file, _) | Self::Secret(file, _) => file,
        }
    }
}
