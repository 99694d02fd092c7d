//! The options of `tracker serve`, on the command line and in the configuration file.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use tracker_server::Origin;

use crate::listen::ListenAddress;

const EXAMPLES: &str = "\
Examples:
  tracker serve --tokens tokens.toml
  tracker serve --listen 0.0.0.0:8080 --jwks keys.json --jwt-issuer https://login.example.org --jwt-audience console
  TRACKER_STORE=postgres://reader@db.example.org/app tracker serve --tokens tokens.toml

In the configuration file the same options are in the table [serve]:

  [serve]
  listen = \"0.0.0.0:8080\"
  tokens = \"/etc/tracker/tokens.toml\"
  allow-origin = [\"https://console.example.org\"]
  rate-limit = 100

SIGHUP has it read the files of tokens, keys and labels again; connections and streams go on. A file that can't be used changes nothing, and the log says so.";

/// Serves the API and the timeline
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[command(after_long_help = EXAMPLES)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Arguments {
    /// The address or the name, and the port; all addresses of a name, and :PORT is all of IPv4
    /// [default: 127.0.0.1:8080]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TRACKER_LISTEN",
        hide_env_values = true
    )]
    pub(crate) listen: Option<ListenAddress>,
    /// The file with the tokens that clients may have
    #[arg(
        long,
        value_name = "FILE",
        env = "TRACKER_TOKENS",
        hide_env_values = true
    )]
    pub(crate) tokens: Option<PathBuf>,
    /// The file with the public keys of whoever signs JWTs, as a JSON Web Key Set
    #[arg(
        long,
        value_name = "FILE",
        env = "TRACKER_JWKS",
        hide_env_values = true
    )]
    pub(crate) jwks: Option<PathBuf>,
    /// The file with the secret with which JWTs are signed (HS256)
    #[arg(
        long,
        value_name = "FILE",
        env = "TRACKER_JWT_SECRET_FILE",
        hide_env_values = true
    )]
    pub(crate) jwt_secret_file: Option<PathBuf>,
    /// Who must have issued a JWT
    #[arg(
        long,
        value_name = "ISSUER",
        env = "TRACKER_JWT_ISSUER",
        hide_env_values = true
    )]
    pub(crate) jwt_issuer: Option<String>,
    /// For whom a JWT must have been issued
    #[arg(
        long,
        value_name = "AUDIENCE",
        env = "TRACKER_JWT_AUDIENCE",
        hide_env_values = true
    )]
    pub(crate) jwt_audience: Option<String>,
    /// The claim of a JWT that names the projects [default: projects]
    #[arg(
        long,
        value_name = "CLAIM",
        env = "TRACKER_JWT_PROJECTS_CLAIM",
        hide_env_values = true
    )]
    pub(crate) jwt_projects_claim: Option<String>,
    /// The origins (scheme, host and port) whose pages may use the API; several may be given
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "TRACKER_ALLOW_ORIGIN",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(crate) allow_origin: Vec<Origin>,
    /// The file with the labels, pictures and links of users, projects and references, as TOML
    #[arg(
        long,
        value_name = "FILE",
        env = "TRACKER_LABELS",
        hide_env_values = true
    )]
    pub(crate) labels: Option<PathBuf>,
    /// The file with the keys that sign links for viewers: a name and a secret in each line, of
    /// which the first signs and all verify
    #[arg(
        long,
        value_name = "FILE",
        env = "TRACKER_VIEWER_KEYS",
        hide_env_values = true
    )]
    pub(crate) viewer_keys: Option<PathBuf>,
    /// The origins that pictures of labels are loaded from; several may be given
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "TRACKER_PICTURES_FROM",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(crate) pictures_from: Vec<Origin>,
    /// The origins whose pages may have the timeline in a frame; several may be given
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "TRACKER_FRAME_ANCESTORS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(crate) frame_ancestors: Vec<Origin>,
    /// How many requests a client may make in a second [default: 50]
    #[arg(
        long,
        value_name = "REQUESTS",
        env = "TRACKER_RATE_LIMIT",
        hide_env_values = true
    )]
    pub(crate) rate_limit: Option<u32>,
    /// How many connections there may be at once [default: 2048]
    #[arg(
        long,
        value_name = "CONNECTIONS",
        env = "TRACKER_MAX_CONNECTIONS",
        hide_env_values = true
    )]
    pub(crate) max_connections: Option<usize>,
    /// How many clients may follow a timeline at once [default: 1024]
    #[arg(
        long,
        value_name = "STREAMS",
        env = "TRACKER_MAX_STREAMS",
        hide_env_values = true
    )]
    pub(crate) max_streams: Option<usize>,
}

/// Returns the first list that has something.
fn first(own: Vec<Origin>, other: Vec<Origin>) -> Vec<Origin> {
    if own.is_empty() { other } else { own }
}

impl Arguments {
    /// Returns these arguments, with the values that they leave open taken from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            tokens: self.tokens.or(other.tokens),
            jwks: self.jwks.or(other.jwks),
            jwt_secret_file: self.jwt_secret_file.or(other.jwt_secret_file),
            jwt_issuer: self.jwt_issuer.or(other.jwt_issuer),
            jwt_audience: self.jwt_audience.or(other.jwt_audience),
            jwt_projects_claim: self.jwt_projects_claim.or(other.jwt_projects_claim),
            allow_origin: first(self.allow_origin, other.allow_origin),
            labels: self.labels.or(other.labels),
            viewer_keys: self.viewer_keys.or(other.viewer_keys),
            pictures_from: first(self.pictures_from, other.pictures_from),
            frame_ancestors: first(self.frame_ancestors, other.frame_ancestors),
            rate_limit: self.rate_limit.or(other.rate_limit),
            max_connections: self.max_connections.or(other.max_connections),
            max_streams: self.max_streams.or(other.max_streams),
        }
    }
}
