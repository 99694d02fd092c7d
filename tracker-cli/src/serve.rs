//! `tracker serve`.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
    sync::Arc,
};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use tracker_core::Store;
use tracker_server::{Authorize, JwtSettings, Jwts, Limits, Settings, Tokens, serve};

use super::{failure::note, signals};

const EXAMPLES: &str = "\
Examples:
  tracker serve --tokens tokens.toml
  tracker serve --listen 0.0.0.0:8080 --jwks keys.json --jwt-issuer https://login.example.org --jwt-audience console
  TRACKER_STORE=postgres://reader@db.example.org/app tracker serve --tokens tokens.toml

In the configuration file the same options are in the table [serve]:

  [serve]
  listen = \"0.0.0.0:8080\"
  tokens = \"/etc/tracker/tokens.toml\"
  rate-limit = 100";

/// Serves the API and the timeline
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[command(after_long_help = EXAMPLES)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Arguments {
    /// The address and the port [default: 127.0.0.1:8080]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TRACKER_LISTEN",
        hide_env_values = true
    )]
    pub(crate) listen: Option<SocketAddr>,
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

impl Arguments {
    /// These, and what they leave open from `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            tokens: self.tokens.or(other.tokens),
            jwks: self.jwks.or(other.jwks),
            jwt_secret_file: self.jwt_secret_file.or(other.jwt_secret_file),
            jwt_issuer: self.jwt_issuer.or(other.jwt_issuer),
            jwt_audience: self.jwt_audience.or(other.jwt_audience),
            jwt_projects_claim: self.jwt_projects_claim.or(other.jwt_projects_claim),
            rate_limit: self.rate_limit.or(other.rate_limit),
            max_connections: self.max_connections.or(other.max_connections),
            max_streams: self.max_streams.or(other.max_streams),
        }
    }
}

/// Where it listens unless told otherwise.
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_080);

/// Serves until it is told to end, by an interrupt (Ctrl-C) or a termination signal.
pub(crate) async fn run(store: Arc<dyn Store>, arguments: Arguments) -> anyhow::Result<()> {
    let listen = arguments.listen.unwrap_or(LISTEN_DEFAULT);
    let authorize = authorize(&arguments)?;
    let is_open = authorize.is_none();
    let mut settings = authorize.map_or_else(Settings::open, Settings::new);
    if let Some(streams) = arguments.max_streams {
        settings = settings.streams_max(streams);
    }
    let mut limits = Limits::default();
    if let Some(requests) = arguments.rate_limit {
        limits.requests_per_second =
            NonZeroU32::new(requests).context("a rate limit of 0 would answer nobody")?;
    }
    if let Some(connections) = arguments.max_connections {
        anyhow::ensure!(
            connections > 0,
            "a limit of 0 connections would answer nobody"
        );
        limits.connections_max = connections;
    }
    let described = store.describe();
    let listening = |address| {
        note(&format!(
            "serving {described}: a project's timeline is at http://{address}/projects/PROJECT"
        ));
        if is_open {
            note("without tokens: whoever can reach this address sees every project");
        }
    };
    let end = signals::end()?;
    serve(store, settings, limits, listen, listening, end).await?;
    Ok(())
}

/// What says who may see what; `None` where nothing does.
fn authorize(arguments: &Arguments) -> anyhow::Result<Option<Arc<dyn Authorize>>> {
    let jwt = || {
        let defaults = JwtSettings::default();
        JwtSettings {
            issuer: arguments.jwt_issuer.clone(),
            audience: arguments.jwt_audience.clone(),
            projects_claim: arguments
                .jwt_projects_claim
                .clone()
                .unwrap_or(defaults.projects_claim),
        }
    };
    Ok(
        match (
            &arguments.tokens,
            &arguments.jwks,
            &arguments.jwt_secret_file,
        ) {
            (None, None, None) => {
                let is_jwt = arguments.jwt_issuer.is_some()
                    || arguments.jwt_audience.is_some()
                    || arguments.jwt_projects_claim.is_some();
                anyhow::ensure!(
                    !is_jwt,
                    "JWTs are described, and no key is named to check them with: give --jwks or --jwt-secret-file"
                );
                None
            }
            (Some(tokens), None, None) => Some(Arc::new(Tokens::read(tokens)?)),
            (None, Some(keys), None) => Some(Arc::new(Jwts::with_key_set(keys, jwt())?)),
            (None, None, Some(secret)) => Some(Arc::new(Jwts::with_secret(secret, jwt())?)),
            _ => anyhow::bail!(
                "give one of --tokens, --jwks and --jwt-secret-file: they say who may see what"
            ),
        },
    )
}
