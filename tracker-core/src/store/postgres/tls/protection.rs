//! How a connection is protected: what `sslmode` and its relatives ask for together.

use std::path::{Path, PathBuf};

use tokio_postgres::config::SslMode;

use super::super::connection_string::{ConnectionStringError, Environment, Parameters};

/// Where libpq looks for root certificates that no option names.
const ROOT_FILE: &str = "root.crt";

/// How a connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Protection {
    /// `disable`: plaintext.
    Plaintext,
    /// `prefer`: TLS with whoever answers, and plaintext if the server has none.
    Opportunistic,
    /// `require`: TLS with whoever answers.
    Unverified,
    /// `verify-ca`: TLS with a server whose certificate one of the roots vouches for, whatever name it is for.
    Chain(PathBuf),
    /// `verify-full`: the same, and the certificate is for the host that was asked for.
    ChainAndName(Roots),
}

/// Whose word on a certificate is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// The operating system's certificate authorities.
    System,
    /// Those in a file.
    File(PathBuf),
}

/// The same as what a [`Protection`] refers to.
#[derive(Debug, Clone, Copy)]
pub(super) enum RootsOf<'a> {
    System,
    File(&'a Path),
}

impl Protection {
    pub(super) fn take(
        parameters: &mut Parameters,
        environment: &Environment,
    ) -> Result<Self, ConnectionStringError> {
        let root = parameters.remove("sslrootcert");
        let mode = mode(
            parameters.remove("sslmode"),
            parameters.remove("ssl").as_deref(),
            parameters.remove("sslaccept").as_deref(),
        )?;
        let default_root = || environment.certificate_file(ROOT_FILE);
        Self::parse(mode.as_deref(), root.as_deref(), default_root)
    }

    fn parse(
        sslmode: Option<&str>,
        sslrootcert: Option<&str>,
        default_root: impl FnOnce() -> Option<PathBuf>,
    ) -> Result<Self, ConnectionStringError> {
        let system = sslrootcert == Some("system");
        // As libpq does: whoever trusts every public authority must check the name, or trusts everyone with a domain.
        let sslmode = sslmode.unwrap_or(if system { "verify-full" } else { "prefer" });
        if system && matches!(sslmode, "allow" | "prefer" | "require" | "verify-ca") {
            return Err(ConnectionStringError::ConflictingTls {
                advice: "with sslrootcert=system use sslmode=verify-full",
            });
        }
        let file = || sslrootcert.map(PathBuf::from).or_else(default_root);
        Ok(match sslmode {
            "disable" => Self::Plaintext,
            // libpq asks for plaintext first, and ends with TLS where the server wants it. Here it is the other way.
            "allow" | "prefer" => Self::Opportunistic,
            "no-verify" => Self::Unverified,
            "require" => file().map_or(Self::Unverified, Self::Chain),
            "verify-ca" => Self::Chain(file().ok_or(ConnectionStringError::ConflictingTls {
                advice: "with sslmode=verify-ca name a file of root certificates in `sslrootcert`, or use verify-full",
            })?),
            "verify-full" if system => Self::ChainAndName(Roots::System),
            "verify-full" => {
                Self::ChainAndName(file().map_or(Roots::System, Roots::File))
            }
            _ => {
                return Err(ConnectionStringError::InvalidValue {
                    option: "sslmode",
                    expected: "disable, allow, prefer, require, verify-ca, verify-full or no-verify",
                });
            }
        })
    }

    /// The `sslmode` that asks for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Plaintext => "disable",
            Self::Opportunistic => "prefer",
            Self::Unverified => "require",
            Self::Chain(_) => "verify-ca",
            Self::ChainAndName(_) => "verify-full",
        }
    }

    /// The part of it that the driver decides: whether to speak TLS at all.
    pub(super) fn ssl_mode(&self) -> SslMode {
        match self {
            Self::Plaintext => SslMode::Disable,
            Self::Opportunistic => SslMode::Prefer,
            Self::Unverified | Self::Chain(_) | Self::ChainAndName(_) => SslMode::Require,
        }
    }

    /// Whose word is taken; `None` where nobody's is asked.
    pub(super) fn roots(&self) -> Option<RootsOf<'_>> {
        match self {
            Self::Plaintext | Self::Opportunistic | Self::Unverified => None,
            Self::Chain(path) | Self::ChainAndName(Roots::File(path)) => Some(RootsOf::File(path)),
            Self::ChainAndName(Roots::System) => Some(RootsOf::System),
        }
    }
}

/// The `sslmode`, which other clients give by other options: `ssl` where nothing else is given, and `sslaccept` to say
/// whether `require` checks the certificate.
fn mode(
    sslmode: Option<String>,
    ssl: Option<&str>,
    sslaccept: Option<&str>,
) -> Result<Option<String>, ConnectionStringError> {
    let by_ssl = match ssl {
        None => None,
        Some("true" | "1") => Some("require"),
        Some("false" | "0") => Some("disable"),
        Some(_) => {
            return Err(ConnectionStringError::InvalidValue {
                option: "ssl",
                expected: "true or false; for more there is `sslmode`",
            });
        }
    };
    let mode = sslmode.or_else(|| by_ssl.map(str::to_owned));
    match (sslaccept, mode.as_deref()) {
        (Some("strict"), None | Some("allow" | "prefer" | "require")) => {
            Ok(Some("verify-full".to_owned()))
        }
        (Some("accept_invalid_certs"), Some("require")) => Ok(Some("no-verify".to_owned())),
        (None | Some("strict" | "accept_invalid_certs"), _) => Ok(mode),
        (Some(_), _) => Err(ConnectionStringError::InvalidValue {
            option: "sslaccept",
            expected: "strict or accept_invalid_certs",
        }),
    }
}

#[cfg(test)]
mod tests;
