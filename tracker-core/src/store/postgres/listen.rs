//! Listens for notifications on a connection of its own: [`Listening`].
//!
//! A server that accepts LISTEN may still deliver nothing: a pooler that assigns each transaction
//! another session forgets it, and some engines ignore it. To find out, a greeting is sent on
//! another connection, as a writer's notification would be. If it does not arrive within
//! [`GREETING_LIMIT`], or LISTEN is refused, as by engines without it and by standbys, the listener
//! polls: it reports possible news every [`POLL_INTERVAL`].
//!
//! The listener takes no connection that the rest of the store needs. If the server allows no more,
//! it polls for a minute before it tries to connect again. It never listens to a session that all
//! clients share.

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

/// The time limit for the greeting to arrive. It usually takes milliseconds.
pub(super) const GREETING_LIMIT: Duration = Duration::from_secs(5);

/// The interval of polling, which is also the interval at which followers look by themselves.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The number of polls before a connection is requested again that was refused because there were
/// too many.
const POLLS_WITHOUT_ROOM: usize = 60;

/// Makes connections outside the pool.
pub(super) struct Connector {
    pub(super) config: Config,
    pub(super) tls: Option<TlsConnector>,
}

/// The parts of a store that listening uses.
pub(super) struct Listening<'a> {
    pub(super) connector: &'a Connector,
    /// Sends the greeting.
    pub(super) connections: &'a Connections,
    pub(super) engine: &'a Engine,
    pub(super) schema: &'a str,
    pub(super) context: &'a ErrorContext,
    /// The time limit for the greeting's statement.
    pub(super) limit: Duration,
}

/// The reason that listening ended.
enum End {
    /// The server never delivers notifications, for this reason.
    Deaf(String),
    /// The server allows no further connection for now.
    NoRoom,
    Failed(StoreError),
}

impl Listening<'_> {
    /// Collects notifications until an error ends it, and returns that error.
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
        // The first connection recognises the server.
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

    /// Starts listening, and verifies that notifications arrive.
    async fn begin(&self, client: &Client, greeting: &Greeting, news: &News) -> Result<(), End> {
        if let Err(error) = client.batch_execute(LISTEN).await {
            return Err(self.deaf_or_failed(error.into()));
        }
        // Earlier rows were not announced to this session.
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
        let greeted = async {
            lease.reset().await?;
            lease.query_typed(NOTIFY, &parameters).await
        };
        match timeout(self.limit, greeted).await {
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
        // A standby refuses NOTIFY as a write.
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

/// A message that only its own listener recognises; listeners of any version ignore it otherwise.
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
