//! `tracker serve`.

mod credentials;
mod rereading;

use std::{net::SocketAddr, num::NonZeroU32, path::Path, sync::Arc};

use tracker_server::{Limits, Names, NamesFile, ServeError, Settings, ViewerKeys, serve};

use self::{
    credentials::Credentials,
    rereading::{Reread, read_at_each},
};
pub(crate) use super::options::serve::Arguments;
use super::{
    failure::{UsageError, note},
    settings::Settings as GlobalSettings,
    signals::{self, Hangups},
};

/// Serves until an interrupt (Ctrl-C) or a termination signal. A hangup signal makes it read the
/// files of credentials and labels again.
pub(crate) async fn run(arguments: Arguments, global: &GlobalSettings) -> anyhow::Result<()> {
    let listen = arguments.listen.clone().unwrap_or_default();
    let listen = listen.resolved("--listen").await?;
    let limits = limits(&arguments)?;
    let credentials = Credentials::named_in(&arguments)?;
    let store = global.open_for_requests()?;
    let hangups = Hangups::listen()?;
    let is_open = credentials.is_none();
    let (settings, files) = settings(&arguments, credentials)?;
    let described = store.describe();
    let listening = |addresses: &[SocketAddr]| {
        for (place, address) in addresses.iter().enumerate() {
            let address = opened_at(*address);
            note(&match place {
                0 => format!(
                    "serving {described}: a project's timeline is at http://{address}/projects/PROJECT"
                ),
                _ => format!("and at http://{address}/projects/PROJECT"),
            });
        }
        if addresses
            .iter()
            .any(|address| address.ip().is_unspecified())
        {
            note(
                "listening on all addresses: from other machines, open it by the name of this one",
            );
        }
        if is_open {
            note("without tokens: whoever can reach this address sees every project");
        }
    };
    let end = signals::end()?;
    let served = tokio::select! {
        served = serve(store, settings, limits, &listen, listening, end) => served,
        never = read_at_each(hangups, files) => match never {},
    };
    served.map_err(|error| match error {
        ServeError::Unprotected { listen } => UsageError::new(format!(
            "{listen} can be reached from other machines, and nothing says who may see what: listen on a loopback address, as in --listen 127.0.0.1:8080, or name a file with --tokens, --jwks or --jwt-secret-file"
        ))
        .into(),
        error => error.into(),
    })
}

/// Returns what a browser on this machine opens: no browser can open `0.0.0.0` or `[::]`, which
/// stand for all addresses.
fn opened_at(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

/// Returns the settings of the router, and the files of which they are made.
fn settings(
    arguments: &Arguments,
    credentials: Option<Credentials>,
) -> anyhow::Result<(Settings, Vec<Reread>)> {
    let mut files = Vec::new();
    let mut settings = Settings::open();
    if let Some(credentials) = credentials {
        let file = credentials.file().clone();
        let read = move |_: &Path| credentials.read();
        let (authorize, reread) = Reread::first("who may see what", file, read)?;
        settings = Settings::new(authorize);
        files.push(reread);
    }
    if let Some(file) = arguments.labels.clone() {
        let read = |file: &Path| Ok(Arc::new(NamesFile::read(file)?) as Arc<dyn Names>);
        let (names, reread) = Reread::first("the file of labels", file, read)?;
        settings = settings.names(names);
        files.push(reread);
    }
    if let Some(file) = arguments.viewer_keys.clone() {
        let read = |file: &Path| Ok(Arc::new(ViewerKeys::read(file)?));
        let (keys, reread) = Reread::first("the file of viewer keys", file, read)?;
        settings = settings.viewer_links(keys);
        files.push(reread);
    }
    settings = settings
        .pictures_from(arguments.pictures_from.clone())
        .frame_ancestors(arguments.frame_ancestors.clone())
        .allowed_origins(arguments.allow_origin.clone());
    if let Some(streams) = arguments.max_streams {
        settings = settings.streams_max(streams);
    }
    Ok((settings, files))
}

/// Returns the limits of the server.
fn limits(arguments: &Arguments) -> Result<Limits, UsageError> {
    let mut limits = Limits::default();
    if let Some(requests) = arguments.rate_limit {
        let nobody = || UsageError::new("a rate limit of 0 would answer nobody");
        limits.requests_per_second = NonZeroU32::new(requests).ok_or_else(nobody)?;
    }
    if let Some(connections) = arguments.max_connections {
        if connections == 0 {
            return Err(UsageError::new(
                "a limit of 0 connections would answer nobody",
            ));
        }
        limits.connections_max = connections;
    }
    Ok(limits)
}
