//! The stream of one test, and the programs that use it.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{self, stream::Info};
use serde_json::{Value, json};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tracker_core::{
    ActionType, Activity, JetStreamStore, Store,
    nats::{NatsError, NatsOptions, Relay, RelayBuilder, StreamSettings},
};
use tracker_tests::log::Log;
use tracker_tests::nats::{NatsCluster, NatsOptions as ClusterOptions, NatsRelease};

/// A time limit far beyond the need of any test. A test that reaches it fails.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// Returns stream settings for one server of a test, which has 1 GB for all streams.
pub(crate) fn small() -> StreamSettings {
    StreamSettings::default()
        .replicas(1)
        .bytes_max(256 << 20)
        .dead_letter_bytes_max(64 << 20)
}

/// A server or cluster, with a stream set up.
pub(crate) struct Place {
    pub(crate) cluster: NatsCluster,
    pub(crate) url: String,
}

impl Place {
    pub(crate) async fn new() -> Self {
        Self::with(small()).await
    }

    pub(crate) async fn with(settings: StreamSettings) -> Self {
        let place = Self::bare();
        let made = place.store().set_up(&settings).await;
        made.unwrap();
        place
    }

    /// Creates a server without a stream.
    pub(crate) fn bare() -> Self {
        Self::on(&ClusterOptions::default())
    }

    /// Creates servers with these options, without a stream.
    pub(crate) fn on(options: &ClusterOptions) -> Self {
        let cluster = NatsCluster::new(options);
        let url = format!("{}?subjects=project", cluster.url());
        Self { cluster, url }
    }

    /// Creates a server of release 2.15 with these settings, without a stream.
    pub(crate) fn on_2_15(settings: &str) -> Self {
        Self::on(&ClusterOptions {
            settings: settings.to_owned(),
            release: NatsRelease::V2_15,
            ..ClusterOptions::default()
        })
    }

    /// Sends a request to JetStream's API and returns the server's JSON response.
    pub(crate) async fn ask(&self, subject: &str, request: &Value) -> Value {
        let client = async_nats::connect(self.cluster.urls()).await.unwrap();
        let (subject, request) = (format!("$JS.API.{subject}"), request.to_string());
        let answer = client.request(subject, request.into()).await.unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    /// Like [`ask`](Self::ask), and asserts that the server does not refuse.
    pub(crate) async fn told(&self, subject: &str, request: &Value) -> Value {
        let answer = self.ask(subject, request).await;
        assert!(answer.get("error").is_none(), "{subject}: {answer}");
        answer
    }

    /// Returns the settings of the stream of activities, as the server has them.
    pub(crate) async fn stream_config(&self) -> Value {
        self.told("STREAM.INFO.ACTIVITIES", &json!({})).await["config"].take()
    }

    /// Returns the settings of the relays' consumer, as the server has them.
    pub(crate) async fn consumer_config(&self) -> Value {
        let subject = "CONSUMER.INFO.ACTIVITIES.relay";
        self.told(subject, &json!({})).await["config"].take()
    }

    /// Changes settings of the relays' consumer.
    pub(crate) async fn change_consumer(&self, changes: Value) {
        let config = merged(self.consumer_config().await, changes);
        let request = json!({ "stream_name": "ACTIVITIES", "config": config });
        let subject = "CONSUMER.DURABLE.CREATE.ACTIVITIES.relay";
        self.told(subject, &request).await;
    }

    /// Deletes the relays' consumer and makes it again with changed settings.
    pub(crate) async fn remake_consumer(&self, changes: Value) {
        let config = merged(self.consumer_config().await, changes);
        let subject = "CONSUMER.DELETE.ACTIVITIES.relay";
        self.told(subject, &json!({})).await;
        let request = json!({ "stream_name": "ACTIVITIES", "config": config });
        let subject = "CONSUMER.DURABLE.CREATE.ACTIVITIES.relay";
        self.told(subject, &request).await;
    }

    /// Changes settings of the stream of activities.
    pub(crate) async fn change_stream(&self, changes: Value) {
        let config = merged(self.stream_config().await, changes);
        self.told("STREAM.UPDATE.ACTIVITIES", &config).await;
    }

    pub(crate) fn options(&self) -> NatsOptions {
        NatsOptions::parse(&self.url).unwrap()
    }

    pub(crate) fn store(&self) -> JetStreamStore {
        let builder = JetStreamStore::builder(&self.url).unwrap();
        builder
            .answer_timeout(Duration::from_secs(2))
            .build()
            .unwrap()
    }

    pub(crate) fn relay(&self, store: impl Store) -> RelayBuilder {
        Relay::builder(self.options(), store)
    }

    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.cluster.urls()).await.unwrap())
    }

    /// Returns the server's info on a stream.
    pub(crate) async fn info(&self, stream: &str) -> Info {
        let jetstream = self.jetstream().await;
        let stream = jetstream.get_stream(stream).await.unwrap();
        stream.cached_info().clone()
    }

    pub(crate) async fn messages(&self, stream: &str) -> u64 {
        self.info(stream).await.state.messages
    }

    /// Waits until the stream of activities is empty.
    pub(crate) async fn emptied(&self) {
        let jetstream = self.jetstream().await;
        let mut stream = jetstream.get_stream("ACTIVITIES").await.unwrap();
        let emptying = async {
            while stream.info().await.unwrap().state.messages > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(LIMIT, emptying).await.expect("it is emptied");
    }
}

/// Returns the log of all tests of this program. A log of one test alone would miss lines of other
/// threads. It would even miss lines of its own if no thread was interested when their call site
/// was first reached.
fn log() -> &'static Log {
    Log::of_process(tracing::Level::INFO)
}

/// Returns the number of log lines that contain all of these words.
pub(crate) fn logged(words: &[&str]) -> usize {
    let text = log().text();
    let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
    text.lines().filter(has_all).count()
}

/// Returns a JSON object in which some values are replaced by those of another.
pub(crate) fn merged(mut object: Value, changes: Value) -> Value {
    let Value::Object(changes) = changes else {
        panic!("{changes} is no object");
    };
    for (name, value) in changes {
        object[name] = value;
    }
    object
}

/// A relay that runs on a task of its own.
pub(crate) struct Running {
    pub(crate) relay: Arc<Relay>,
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<(), NatsError>>,
}

impl Running {
    pub(crate) fn start(builder: RelayBuilder) -> Self {
        log();
        let relay = Arc::new(builder.build());
        let (end, ended) = oneshot::channel::<()>();
        let running = Arc::clone(&relay);
        let task = tokio::spawn(async move { running.run(async { drop(ended.await) }).await });
        Self { relay, end, task }
    }

    /// Ends the relay gracefully and waits for its end.
    pub(crate) async fn end(self) {
        drop(self.end);
        let ended = timeout(LIMIT, self.task).await.expect("it ends");
        ended.unwrap().unwrap();
    }

    /// Kills the relay at whatever it is doing.
    pub(crate) fn abort(self) {
        self.task.abort();
    }
}

/// Returns activities in three projects, with ascending numbers from `from` on as their details.
pub(crate) fn activities(from: usize, count: usize) -> Vec<Activity> {
    let activity = |number: usize| {
        Activity::new(ActionType::Deployment)
            .project_id(format!("project.{}", number % 3))
            .details(number.to_string())
            .reference("deployment_id", number)
    };
    (from..from + count).map(activity).collect()
}

/// Returns the sorted IDs.
pub(crate) fn ids(activities: &[Activity]) -> Vec<String> {
    let mut ids: Vec<_> = activities.iter().map(|row| row.action_id.clone()).collect();
    ids.sort_unstable();
    ids
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        timeout(LIMIT, waiting).await.is_ok(),
        "did not happen: {what}"
    );
}
