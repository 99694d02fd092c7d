//! News by LISTEN and NOTIFY.
//!
//! Who has written a batch tells the earliest time of its rows, once they are committed: inside the transaction, NOTIFY would have the commits of all
//! writers wait for each other. Rows of other programs, and those on a caller's own client, come without news.

use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::try_join;
use tokio::sync::Notify;
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls,
    tls::MakeTlsConnect,
    types::{ToSql, Type},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::PostgresError;
use crate::{Activity, store::StoreError};

/// The channel; each message is the schema and a time.
const LISTEN: &str = "LISTEN project_actions";
const NOTIFY: &str = "SELECT pg_notify('project_actions', $1)";

/// Tells those who listen that these rows are in the table. That they are not told is no error of writing.
pub(super) async fn tell(client: &Client, schema: &str, activities: &[Activity]) {
    let earliest = activities.iter().filter_map(|row| row.created_at).min();
    let message = format!("{} {schema}", earliest.unwrap_or(i64::MAX));
    let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&message, Type::TEXT)];
    if let Err(error) = client.query_typed(NOTIFY, &parameters).await {
        tracing::debug!(%error, "those who watch the table are not told of new rows");
    }
}

/// What makes a connection outside the pool.
pub(super) struct Connector {
    pub(super) config: Config,
    pub(super) tls: Option<MakeRustlsConnect>,
}

impl Connector {
    /// Listens until the connection ends.
    pub(super) async fn listen(&self, schema: &str, news: &News) -> Result<(), PostgresError> {
        match &self.tls {
            None => listen(&self.config, NoTls, schema, news).await?,
            Some(tls) => listen(&self.config, tls.clone(), schema, news).await?,
        }
        Ok(())
    }
}

async fn listen<T: MakeTlsConnect<tokio_postgres::Socket>>(
    config: &Config,
    tls: T,
    schema: &str,
    news: &News,
) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = config.connect(tls).await?;
    let listening = async {
        client.batch_execute(LISTEN).await?;
        // What came before has no other news.
        news.add(i64::MAX);
        Ok(())
    };
    try_join(listening, hear(connection, schema, news)).await?;
    Ok(())
}

async fn hear<S, T>(
    mut connection: Connection<S, T>,
    schema: &str,
    news: &News,
) -> Result<(), tokio_postgres::Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        if let AsyncMessage::Notification(message) = message?
            && let Some((earliest, of)) = message.payload().split_once(' ')
            && of == schema
            && let Ok(earliest) = earliest.parse()
        {
            news.add(earliest);
        }
    }
    Ok(())
}

/// What was heard and not asked for yet.
#[derive(Default)]
pub(super) struct News {
    state: Mutex<State>,
    notify: Notify,
}

#[derive(Default)]
enum State {
    #[default]
    None,
    /// The earliest time of what came.
    Some(i64),
    Ended(StoreError),
}

impl News {
    fn add(&self, earliest: i64) {
        self.change(|state| match state {
            State::None => *state = State::Some(earliest),
            State::Some(before) => *before = earliest.min(*before),
            State::Ended(_) => {}
        });
    }

    pub(super) fn end(&self, error: StoreError) {
        self.change(|state| *state = State::Ended(error));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.notify.notify_one();
    }

    pub(super) async fn next(&self) -> Result<Option<i64>, StoreError> {
        loop {
            let state = mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
            match state {
                State::None => self.notify.notified().await,
                State::Some(earliest) => return Ok((earliest != i64::MAX).then_some(earliest)),
                State::Ended(error) => return Err(error),
            }
        }
    }
}

/// A listening connection, which ends with this.
pub(super) struct Listener {
    pub(super) news: Arc<News>,
    pub(super) _work: crate::background::AbortOnDrop<()>,
}

impl crate::store::Watch for Listener {
    fn changed(&mut self) -> crate::store::BoxFuture<'_, Result<Option<i64>, StoreError>> {
        Box::pin(self.news.next())
    }
}
