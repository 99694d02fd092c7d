//! A stream of one test, and who works with it.

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

/// Far more than anything here takes; a test that reaches it has failed.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// For one server of a test, which has 1 GB for all streams.
pub(crate) fn small() -> StreamSettings {
    StreamSettings::default()
        .replicas(1)
        .bytes_max(256 << 20)
        .dead_letter_bytes_max(64 << 20)
}

/// A stream on one server, set up.
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

    /// Without a stream.
    pub(crate) fn bare() -> Self {
        Self::on(&ClusterOptions::default())
    }

    /// Without a stream, on servers that are set up like this.
    pub(crate) fn on(options: &ClusterOptions) -> Self {
        let cluster = NatsCluster::new(options);
        let url = format!("{}?subjects=project", cluster.url());
        Self { cluster, url }
    }

    /// On a server of release 2.15, with these settings.
    pub(crate) fn on_2_15(settings: &str) -> Self {
        Self::on(&ClusterOptions {
            settings: settings.to_owned(),
            release: NatsRelease::V2_15,
            ..ClusterOptions::default()
        })
    }

    /// Asks JetStream for something, in the server's own words.
    pub(crate) async fn ask(&self, subject: &str, request: &Value) -> Value {
        let client = async_nats::connect(self.cluster.url()).await.unwrap();
        let (subject, request) = (format!("$JS.API.{subject}"), request.to_string());
        let answer = client.request(subject, request.into()).await.unwrap();
        serde_json::from_slice(&answer.payload).unwrap()
    }

    /// As [`ask`](Self::ask), and the server must not refuse.
    pub(crate) async fn told(&self, subject: &str, request: &Value) -> Value {
        let answer = self.ask(subject, request).await;
        assert!(answer.get("error").is_none(), "{subject}: {answer}");
        answer
    }

    /// The settings of the stream of activities, as the server has them.
    pub(crate) async fn stream_config(&self) -> Value {
        self.told("STREAM.INFO.ACTIVITIES", &json!({})).await["config"].take()
    }

    /// The settings of the relays' consumer, as the server has them.
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

    /// Makes the relays' consumer anew, with other settings.
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
        jetstream::new(async_nats::connect(self.cluster.url()).await.unwrap())
    }

    /// What the server says of a stream.
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

/// What all tests of this program have logged. A log of one test alone would miss what is logged on other threads, and more: what no thread
/// wanted when it was first to be logged.
fn log() -> &'static Log {
    Log::of_process(tracing::Level::INFO)
}

/// How many lines of the log have all of these words.
pub(crate) fn logged(words: &[&str]) -> usize {
    let text = log().text();
    let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
    text.lines().filter(has_all).count()
}

/// A JSON object with some values of another.
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

    /// Ends it, and waits until it has.
    pub(crate) async fn end(self) {
        drop(self.end);
        let ended = timeout(LIMIT, self.task).await.expect("it ends");
        ended.unwrap().unwrap();
    }

    /// Kills it in the middle of whatever it does.
    pub(crate) fn abort(self) {
        self.task.abort();
    }
}

/// Activities with numbers as their details, from this one on, in three projects.
pub(crate) fn activities(from: usize, count: usize) -> Vec<Activity> {
    let activity = |number: usize| {
        Activity::new(ActionType::Deployment)
            .project_id(format!("project.{}", number % 3))
            .details(number.to_string())
            .reference("deployment_id", number)
    };
    (from..from + count).map(activity).collect()
}

/// The IDs, sorted.
pub(crate) fn ids(activities: &[Activity]) -> Vec<String> {
    let mut ids: Vec<_> = activities.iter().map(|row| row.action_id.clone()).collect();
    ids.sort_unstable();
    ids
}

/// Waits until something holds.
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
