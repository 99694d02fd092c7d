//! Connects to the servers by the options of a URL, and reconnects.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_nats::{AuthError, Client, ConnectError, ConnectErrorKind, ConnectOptions, Event};
use tokio::task::spawn_blocking;

use super::{error::NatsError, login, options::NatsOptions};
use crate::error_chain::ErrorChain;

/// The interval between pings of the server. The connection counts as lost after two pings without
/// an answer.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// The longest pause between two attempts to reconnect. The first pause is 100 ms, and each further
/// one is twice as long.
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(2);

/// An event of a connection.
#[derive(Debug)]
pub(super) enum News {
    Event(Event),
    /// The login can't be made because a file can't be read. Holds the reason.
    NoLogin(String),
}

/// Connects to the first server that accepts. The client reconnects whenever the connection breaks,
/// until it is dropped. The files that the options name are read at each attempt.
pub(super) async fn connect(
    to: &NatsOptions,
    limit: Duration,
    heard: impl Fn(News) + Clone + Send + Sync + 'static,
) -> Result<Client, NatsError> {
    try_files(to).await?;
    let hear_event = heard.clone();
    let mut options = logging_in(to, heard)
        .name(&to.name)
        .connection_timeout(limit)
        .ping_interval(PING_INTERVAL)
        .require_tls(to.is_encrypted)
        .reconnect_delay_callback(reconnect_pause)
        .event_callback(move |event| {
            hear_event(News::Event(event));
            std::future::ready(())
        });
    if to.is_tls_first {
        options = options.tls_first();
    }
    if let Some(path) = &to.tls_ca {
        options = options.add_root_certificates(path.clone());
    }
    if let Some((cert, key)) = &to.tls_own {
        options = options.add_client_certificate(cert.clone(), key.clone());
    }
    let connected = options.connect(&to.servers[..]).await;
    connected.map_err(|error| refused(to, error))
}

fn refused(options: &NatsOptions, error: ConnectError) -> NatsError {
    match error.kind() {
        kind @ ConnectErrorKind::AuthorizationViolation => no_login(options, &kind.to_string()),
        ConnectErrorKind::Authentication => no_login(options, &error.to_string()),
        _ => NatsError::Unreachable {
            place: options.describe(),
            source: Box::new(error),
        },
    }
}

/// Returns the error of a login that the servers refuse, with the reason `why`.
pub(super) fn no_login(options: &NatsOptions, why: &str) -> NatsError {
    let why = match options.login_files() {
        Some(files) => {
            format!("{why}; {files} is read again at each attempt: replace what is in it")
        }
        None => why.to_owned(),
    };
    NatsError::Denied {
        place: options.describe(),
        source: why.into(),
    }
}

/// Makes connect options that compute the login at each attempt. Without the callback, the client
/// would keep the first login.
fn logging_in(
    to: &NatsOptions,
    heard: impl Fn(News) + Clone + Send + Sync + 'static,
) -> ConnectOptions {
    if to.login.is_none() {
        return ConnectOptions::new();
    }
    let login = Arc::new(to.login.clone());
    ConnectOptions::with_auth_callback(move |nonce| {
        let (login, heard) = (Arc::clone(&login), heard.clone());
        async move {
            let answer = spawn_blocking(move || login.answer(&nonce)).await;
            let failed = match answer {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => ErrorChain(&error).to_string(),
                Err(ended) => ended.to_string(),
            };
            heard(News::NoLogin(failed.clone()));
            Err(AuthError::new(failed))
        }
    })
}

/// Returns an error if a file can't be read, before any server is contacted.
async fn try_files(to: &NatsOptions) -> Result<(), NatsError> {
    let login = to.login.clone();
    let own = to.tls_own.iter().flat_map(|(cert, key)| [cert, key]);
    let tls: Vec<PathBuf> = to.tls_ca.iter().chain(own).cloned().collect();
    let tried = spawn_blocking(move || {
        login.answer(b"")?;
        tls.iter().try_for_each(|path| login::read(path).map(drop))
    });
    // If no thread can be started for it, connecting reports the same error.
    tried.await.unwrap_or(Ok(()))
}

fn reconnect_pause(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let pause = Duration::from_millis(100).saturating_mul(2_u32.saturating_pow(doublings));
    pause.min(RECONNECT_PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<_> = [0, 1, 2, 3, 10, usize::MAX]
            .map(|attempts| reconnect_pause(attempts).as_millis())
            .into();
        assert_eq!(pauses, [100, 100, 200, 400, 2_000, 2_000]);
    }
}
