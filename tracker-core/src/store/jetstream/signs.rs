//! The errors that servers report apart from the answers, after which no answer comes: [`Signs`].

use std::sync::Arc;

use async_nats::{ClientError, ConnectErrorKind, Event, ServerError};
use tokio::sync::watch;

use super::{
    connect::{News, no_login},
    error::NatsError,
    options::NatsOptions,
};
use crate::error_chain::ErrorChain;

/// The beginning of the server's error for an operation that the user has no permission for.
const VIOLATION: &str = "permissions violation";

/// The end of the server's error when the user or the account has expired. The server then ends the
/// connection.
const EXPIRED: &str = "authentication expired";

/// The end of the server's error for a message larger than the limit of the user or the account.
/// The server then ends the connection. The client knows only the limit of the server.
const TOO_LARGE: &str = "maximum payload violation";

/// Counts the events of a connection. A receiver that looks rarely misses states in between, but
/// sees every increment of a count.
#[derive(Clone, Debug, Default)]
pub(super) struct EventCounts {
    pub(super) disconnected: u64,
    too_large: u64,
    denied: u64,
    denial: Arc<str>,
    /// The reason why the servers refuse the login, while they do.
    pub(super) no_login: Option<Arc<str>>,
}

/// The reason why an answer will not come.
#[derive(Debug)]
pub(crate) enum Sign {
    Disconnected,
    /// The server ends the connection because a message was too large.
    TooLarge,
    /// The server has ended the connection because it no longer accepts the login.
    NoLogin(NatsError),
    /// The server denied permission. Holds its error, which names the subject.
    Denied(String),
}

/// The failure of work that waits for answers.
pub(crate) enum Unanswered<E> {
    Error(E),
    Sign(Sign),
}

/// The signs of one connection. None is missed.
pub(crate) struct Signs {
    options: Arc<NatsOptions>,
    counts: watch::Receiver<EventCounts>,
    before: EventCounts,
}

impl Signs {
    pub(super) fn from_now_on(
        options: Arc<NatsOptions>,
        mut counts: watch::Receiver<EventCounts>,
    ) -> Self {
        let before = counts.borrow_and_update().clone();
        Self {
            options,
            counts,
            before,
        }
    }

    pub(crate) async fn next(&mut self) -> Sign {
        loop {
            if self.counts.changed().await.is_err() {
                // The client is gone.
                return Sign::Disconnected;
            }
            let now = self.counts.borrow_and_update().clone();
            let before = std::mem::replace(&mut self.before, now);
            if self.before.denied > before.denied {
                return Sign::Denied(self.before.denial.to_string());
            }
            if self.before.too_large > before.too_large {
                return Sign::TooLarge;
            }
            if self.before.disconnected > before.disconnected {
                return match &self.before.no_login {
                    Some(why) => Sign::NoLogin(no_login(&self.options, why)),
                    None => Sign::Disconnected,
                };
            }
        }
    }
}

/// Returns a listener for the events of a client, and a receiver of their counts.
pub(super) fn listen(
    options: Arc<NatsOptions>,
) -> (
    impl Fn(News) + Clone + Send + Sync + 'static,
    watch::Receiver<EventCounts>,
) {
    let (sender, counts) = watch::channel(EventCounts::default());
    let sender = Arc::new(sender);
    let listener = move |news: News| hear(&sender, &options, &news);
    (listener, counts)
}

fn hear(sender: &watch::Sender<EventCounts>, options: &NatsOptions, news: &News) {
    let no_login = |why: &str| hear_no_login(sender, options, why);
    let event = match news {
        News::Event(event) => event,
        News::NoLogin(why) => return no_login(why),
    };
    match event {
        Event::Disconnected | Event::Closed => {
            tracing::debug!("the connection to NATS is lost");
            sender.send_modify(|counts| counts.disconnected += 1);
        }
        Event::ServerError(ServerError::Other(text))
            if text.to_ascii_lowercase().contains(VIOLATION) =>
        {
            sender.send_modify(|counts| {
                counts.denied += 1;
                counts.denial = (&**text).into();
            });
        }
        Event::ServerError(ServerError::Other(text))
            if text.to_ascii_lowercase().ends_with(EXPIRED) =>
        {
            no_login(text);
        }
        Event::ServerError(ServerError::Other(text))
            if text.to_ascii_lowercase().ends_with(TOO_LARGE) =>
        {
            sender.send_modify(|counts| counts.too_large += 1);
        }
        Event::ServerError(error @ ServerError::AuthorizationViolation) => {
            no_login(&error.to_string());
        }
        Event::ClientError(ClientError::Other(kind)) => hear_failed_attempt(sender, options, kind),
        Event::Connected => {
            tracing::debug!("connected to NATS");
            sender.send_modify(|counts| counts.no_login = None);
        }
        other => tracing::debug!(event = %other, "news of the connection to NATS"),
    }
}

/// Records a refused login. Logs it once until the connection is up again.
fn hear_no_login(sender: &watch::Sender<EventCounts>, options: &NatsOptions, why: &str) {
    if sender.borrow().no_login.is_none() {
        let error = no_login(options, why);
        tracing::warn!(error = %ErrorChain(&error), "the login to NATS is not taken: tried again and again");
    }
    sender.send_modify(|counts| counts.no_login = Some(why.into()));
}

/// Handles a failed attempt to reconnect, of which the client reports only the kind of error.
fn hear_failed_attempt(sender: &watch::Sender<EventCounts>, options: &NatsOptions, kind: &str) {
    tracing::debug!(kind, "no connection to NATS");
    if kind == ConnectErrorKind::AuthorizationViolation.to_string() {
        // A reason that is already known, such as an expired login, is more precise.
        if sender.borrow().no_login.is_none() {
            hear_no_login(sender, options, kind);
        }
    } else if kind != ConnectErrorKind::Authentication.to_string() {
        // The attempt failed before the login was tried.
        sender.send_modify(|counts| counts.no_login = None);
    }
}
