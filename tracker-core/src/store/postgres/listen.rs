//! Waiting for news on a connection of its own: [`Listening`].
//!
//! That a server takes LISTEN does not mean that it delivers: a pooler that gives out another session for each transaction takes it and
//! forgets it, and some engines ignore it. So a greeting is sent on another connection, as a writer's news would be. Where it is not heard within [`GREETING_LIMIT`], and
//! where LISTEN is refused, as by engines without it and by standbys, there may be news every [`POLL_INTERVAL`].
//!
//! It takes no connection that the rest of the store needs: where the server allows no more, there may be news as often, until that is tried again. To a
//! session that all clients share it never listens.

use std::{convert::Infallible, future::poll_fn, time::Duration};

use futures_util::future::try_join;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, NoTls, Socket,
    error::SqlState,
    tls::MakeTlsConnect,
    types::{ToSql, Type},
};
use uuid::Uuid;

use super::{
    class::Class,
    connections::{Connections, Purpose},
    engine::{self, Engine, Feature},
    error::PostgresError,
    error_context::ErrorContext,
    tls::TlsConnector,
    watch::{NOTIFY, News},
};
use crate::store::StoreError;

const LISTEN: &str = "LISTEN project_actions";

/// How long the greeting may take from one connection to another. It takes milliseconds.
pub(super) const GREETING_LIMIT: Duration = Duration::from_secs(5);

/// How often there may be news where nothing is delivered: as often as those who follow look by themselves.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How often that is before a connection is asked for again that was refused because there were too many.
const POLLS_WITHOUT_ROOM: usize = 60;

/// What makes a connection outside the pool.
pub(super) struct Connector {
    pub(super) config: Config,
    pub(super) tls: Option<TlsConnector>,
}

/// What listening needs of a store.
pub(super) struct Listening<'a> {
    pub(super) connector: &'a Connector,
    /// For the greeting.
    pub(super) connections: &'a Connections,
    pub(super) engine: &'a Engine,
    pub(super) schema: &'a str,
    pub(super) context: &'a ErrorContext,
    /// How long the greeting's statement and the connection may take.
    pub(super) limit: Duration,
}

/// Why nothing is heard any more.
enum End {
    /// Nothing is ever delivered here, for this reason.
    Deaf(String),
    /// The server allows no connection for this now.
    NoRoom,
    Failed(StoreError),
}

impl Listening<'_> {
    /// Collects news for ever. Returns only with the error that ended it.
    pub(super) async fn collect(&self, news: &News) -> StoreError {
        loop {
            let polls = match self.attempt(news).await {
                End::Failed(error) => return error,
                End::Deaf(because) => {
                    self.engine.found_lacking(Feature::Listen, &because);
                    usize::MAX
                }
                End::NoRoom => POLLS_WITHOUT_ROOM,
            };
            for _ in 0..polls {
                news.may_have_come();
                sleep(POLL_INTERVAL).await;
            }
        }
    }

    async fn attempt(&self, news: &News) -> End {
        // The first connection tells which server it is.
        match self.connections.lease(Purpose::Read, self.context).await {
            Ok(lease) => lease.give_back(),
            Err(error) => return End::Failed(error),
        }
        if self.engine.lacks(Feature::OwnSessions) {
            return End::Deaf("all clients share one session".to_owned());
        }
        match &self.connector.tls {
            None => self.listen(NoTls, news).await,
            Some(tls) => self.listen(tls.clone(), news).await,
        }
    }

    async fn listen<T>(&self, tls: T, news: &News) -> End
    where
        T: MakeTlsConnect<Socket>,
    {
        let (client, connection) = match self.connector.config.connect(tls).await {
            Ok(connected) => connected,
            Err(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => {
                return End::NoRoom;
            }
            Err(error) => return self.failed(error.into()),
        };
        let greeting = Greeting::new();
        let begun = self.begin(&client, &greeting, news);
        let heard = async {
            let ended = hear(connection, self.schema, &greeting, news).await;
            let error = ended.err().map_or_else(
                || PostgresError::foreseen("the connection that listens was closed".to_owned()),
                PostgresError::from,
            );
            Err::<Infallible, _>(self.failed(error))
        };
        match try_join(begun, heard).await {
            Ok(((), never)) => match never {},
            Err(end) => end,
        }
    }

    /// Listens, and makes sure that it is heard.
    async fn begin(&self, client: &Client, greeting: &Greeting, news: &News) -> Result<(), End> {
        if let Err(error) = client.batch_execute(LISTEN).await {
            return Err(self.deaf_or_failed(error.into()));
        }
        // What came before has no other news.
        news.may_have_come();
        self.greet(greeting).await?;
        match timeout(GREETING_LIMIT, greeting.heard.notified()).await {
            Ok(()) => {
                news.started_listening();
                Ok(())
            }
            Err(_) => Err(End::Deaf(format!(
                "it takes LISTEN, and a message from another connection was not delivered within {GREETING_LIMIT:?}"
            ))),
        }
    }

    async fn greet(&self, greeting: &Greeting) -> Result<(), End> {
        let lease = self.connections.another(self.context).await;
        let lease = lease.map_err(End::Failed)?.ok_or(End::NoRoom)?;
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&greeting.text, Type::TEXT)];
        match timeout(self.limit, lease.query_typed(NOTIFY, &parameters)).await {
            Ok(Ok(_)) => {
                lease.give_back();
                Ok(())
            }
            Ok(Err(error)) => Err(self.deaf_or_failed(error.into())),
            Err(_) => Err(End::Failed(StoreError::Timeout {
                operation: "listening",
                after: self.limit,
            })),
        }
    }

    fn deaf_or_failed(&self, error: PostgresError) -> End {
        // A standby refuses it as a write.
        if engine::is_lack(&error) || error.class() == Class::ReadOnly {
            End::Deaf(error.to_string())
        } else {
            self.failed(error)
        }
    }

    fn failed(&self, error: PostgresError) -> End {
        End::Failed(self.context.connect_error(self.limit, error))
    }
}

/// A message that only the listener that expects it understands: it is no news to others, of any version.
struct Greeting {
    text: String,
    heard: Notify,
}

impl Greeting {
    fn new() -> Self {
        Self {
            text: format!("greeting-{}", Uuid::now_v7()),
            heard: Notify::new(),
        }
    }
}

async fn hear<S, T>(
    mut connection: Connection<S, T>,
    schema: &str,
    greeting: &Greeting,
    news: &News,
) -> Result<(), tokio_postgres::Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        let AsyncMessage::Notification(message) = message? else {
            continue;
        };
        if message.payload() == greeting.text {
            greeting.heard.notify_one();
        } else {
            news.hear(message.payload(), schema);
        }
    }
    Ok(())
}
