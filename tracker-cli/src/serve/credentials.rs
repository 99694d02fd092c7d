//! The file of tokens or keys, and its rereading: [`Credentials`].

use std::{convert::Infallible, path::PathBuf, sync::Arc};

use tracker_server::{Authorize, JwtSettings, Jwts, Replaceable, Tokens};

use crate::{
    failure::{self, UsageError},
    options::serve::Arguments,
    signals::Hangups,
};

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

    fn file(&self) -> &PathBuf {
        match self {
            Self::Tokens(file) | Self::KeySet(file, _) | Self::Secret(file, _) => file,
        }
    }
}

/// Reads the file again at each hangup. A file that can't be used changes nothing, and is logged.
pub(super) async fn read_at_each(
    mut hangups: Hangups,
    credentials: Option<(Credentials, Arc<Replaceable>)>,
) -> Infallible {
    loop {
        hangups.next().await;
        let Some((credentials, authorize)) = &credentials else {
            tracing::info!("there is no file of tokens or keys to be read again");
            continue;
        };
        let file = credentials.file().display();
        match credentials.read() {
            Ok(read) => {
                authorize.replace(read);
                tracing::info!(%file, "who may see what was read again");
            }
            Err(error) => tracing::error!(
                error = failure::line(&*error),
                "who may see what can't be read again, and stays as it was: mend the file and send SIGHUP once more"
            ),
        }
    }
}
