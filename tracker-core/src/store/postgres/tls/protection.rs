//! The protection of a connection, as `sslmode` and related options determine it together.

use std::path::{Path, PathBuf};

use tokio_postgres::config::SslMode;

use super::super::connection_string::{ConnectionStringError, Environment, Parameters};

/// The file in which libpq looks for root certificates that no option names.
const ROOT_FILE: &str = "root.crt";

/// The protection of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Protection {
    /// `disable`: plaintext.
    Plaintext,
    /// `prefer`: TLS with any server, and plaintext if the server has no TLS.
    Opportunistic,
    /// `require`: TLS with any server.
    Unverified,
    /// `verify-ca`: TLS with a server whose certificate leads to one of the roots, for any host
    /// name.
    Chain(PathBuf),
    /// `verify-full`: like `verify-ca`, and the certificate must be for the requested host.
    ChainAndName(Roots),
}

/// The trusted certificate authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// The operating system's certificate authorities.
    System,
    /// The certificates in a file.
    File(PathBuf),
}

/// A borrowed [`Roots`], of a [`Protection`].
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
        // libpq does the same: with every public authority trusted, a certificate for any domain
        // would do unless the name is checked.
        let sslmode = sslmode.unwrap_or(if system { "verify-full" } else { "prefer" });
        if system && matches!(sslmode, "allow" | "prefer" | "require" | "verify-ca") {
            return Err(ConnectionStringError::ConflictingTls {
                advice: "with sslrootcert=system use sslmode=verify-full",
            });
        }
        let file = || sslrootcert.map(PathBuf::from).or_else(default_root);
        Ok(match sslmode {
            "disable" => Self::Plaintext,
            // For `allow`, libpq tries plaintext first, and TLS only if the server requires it.
            // Here TLS comes first.
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

    /// Returns the `sslmode` that asks for this protection.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Plaintext => "disable",
            Self::Opportunistic => "prefer",
            Self::Unverified => "require",
            Self::Chain(_) => "verify-ca",
            Self::ChainAndName(_) => "verify-full",
        }
    }

    /// Returns the part that the driver decides: whether to speak TLS at all.
    pub(super) fn ssl_mode(&self) -> SslMode {
        match self {
            Self::Plaintext => SslMode::Disable,
            Self::Opportunistic => SslMode::Prefer,
            Self::Unverified | Self::Chain(_) | Self::ChainAndName(_) => SslMode::Require,
        }
    }

    /// Returns the trusted roots, or `None` if the certificate is not checked.
    pub(super) fn roots(&self) -> Option<RootsOf<'_>> {
        match self {
            Self::Plaintext | Self::Opportunistic | Self::Unverified => None,
            Self::Chain(path) | Self::ChainAndName(Roots::File(path)) => Some(RootsOf::File(path)),
            Self::ChainAndName(Roots::System) => Some(RootsOf::System),
        }
    }
}

/// Resolves the `sslmode`, also from options of other clients: `ssl` applies if `sslmode` is not
/// given, and `sslaccept` determines whether `require` checks the certificate.
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
