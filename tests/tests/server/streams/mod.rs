//! Streams of events. None is missing and none is repeated, however late a row arrives and however
//! often the connection is lost. A client that follows a store which is replaced by another one is
//! told to begin anew.

mod late_news;
mod permission;
mod places;

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::timeout;
use tracker_core::{
    ActionType, Activity, MemoryStore, PostgresStore, SqliteStore, Store, timeline::Query,
};
use tracker_tests::{
    api::Api,
    arrivals::all_settled,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
    proxy::Proxy,
};
use url::Url;

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(2);

const PATH: &str = "/api/projects/project_7/activities/stream";

/// The number of writes of the random test.
const WRITES: usize = 60;

fn row(id: &str, age_ms: i64) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id("project_7");
    id.clone_into(&mut row.action_id);
    row.created_at = row.created_at.map(|now| now - age_ms);
    row
}

/// A stream that is being read.
struct Events {
    body: BodyDataStream,
    text: String,
    last_id: String,
}

#[derive(Debug)]
struct Event {
    kind: String,
    id: String,
    data: String,
}

impl Events {
    async fn open(api: &Api, path: &str, last_id: Option<&str>) -> Self {
        let opened = Self::try_open(api, path, last_id).await;
        opened.expect("a place that is known")
    }

    /// Opens a stream after the event `last_id`. Returns `None` if its place is unknown.
    async fn try_open(api: &Api, path: &str, last_id: Option<&str>) -> Option<Self> {
        let mut request = Request::get(path);
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let response = api.send(request.body(Body::empty()).unwrap()).await;
        if last_id.is_some() && response.status() == StatusCode::BAD_REQUEST {
            return None;
        }
        assert_eq!(response.status(), StatusCode::OK);
        let mut events = Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
            last_id: String::new(),
        };
        let ready = events.next().await.expect("it begins");
        assert_eq!(ready.kind, "ready");
        Some(events)
    }

    /// Returns the next event, or `None` if the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        let next = timeout(LIMIT, self.read()).await;
        next.expect("an event in time")
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let event = event(&block);
                if let Some(event) = event {
                    self.last_id.clone_from(&event.id);
                    return Some(event);
                }
                continue;
            }
            let data = timeout(LIMIT, self.body.next())
                .await
                .expect("an event in time")?;
            self.text += str::from_utf8(&data.ok()?).unwrap();
        }
    }

    /// Returns the ID of the next activity, or `None` if the stream has ended.
    async fn activity(&mut self) -> Option<String> {
        let event = self.next().await?;
        assert_eq!(event.kind, "activity");
        let data: Value = serde_json::from_str(&event.data).unwrap();
        Some(data["action_id"].as_str().unwrap().to_owned())
    }
}

/// Parses an event. Returns `None` for a comment.
fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let lines = block.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(field, _)| *field == name);
        found.next().map(|(_, value)| value.to_owned())
    };
    Some(Event {
        kind: field("event")?,
        id: field("id")?,
        data: field("data")?,
    })
}

async fn write(store: &dyn Store, rows: Vec<Activity>) {
    store.write(rows.into()).await.unwrap();
}

/// Writes rows that are new, hours old, of other projects and in large batches. Clients come back
/// again and again with the last ID, and see each row once.
async fn each_is_told_once(store: Arc<dyn Store>) {
    store.migrate().await.unwrap();
    let api = Api::open(Arc::clone(&store));
    write(&*store, vec![row("before", 0)]).await;
    all_settled(&*store).await;
    let mut events = Events::open(&api, PATH, None).await;
    let mut expected = HashSet::new();
    let mut told = HashSet::new();
    let mut random = fastrand::Rng::new();
    for number in 0..WRITES {
        let age_ms = random.i64(0..10_000_000);
        let mut rows = vec![row(&format!("row-{number:03}"), age_ms)];
        let mut other = row(&format!("other-{number:03}"), 0);
        other.project_id = Some("project_8".to_owned());
        rows.push(other);
        if number % 20 == 7 {
            // These are more rows than a stream may lag behind.
            let many = (0..3_000).map(|n| row(&format!("many-{number:03}-{n:04}"), age_ms));
            rows.extend(many);
        }
        let own = rows
            .iter()
            .filter(|row| row.project_id.as_deref() == Some("project_7"));
        expected.extend(own.map(|row| row.action_id.clone()));
        write(&*store, rows).await;
        match random.u8(0..3) {
            0 => {
                while told.len() < expected.len() {
                    let id = events.activity().await.expect("the stream goes on");
                    assert!(told.insert(id.clone()), "{id} is told twice");
                }
            }
            1 => {
                let last_id = events.last_id.clone();
                events = Events::open(&api, PATH, Some(&last_id)).await;
            }
            _ => {}
        }
    }
    while told.len() < expected.len() {
        let id = events.activity().await.expect("the stream goes on");
        assert!(told.insert(id.clone()), "{id} is told twice");
    }
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_activity_is_told_once_from_postgres() {
    let database = TestDatabase::create().await;
    each_is_told_once(Arc::new(PostgresStore::new(database.url()).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_activity_is_told_once_from_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
    each_is_told_once(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_activity_is_told_once_from_memory() {
    each_is_told_once(Arc::new(MemoryStore::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_is_told_within_a_second() {
    // The server is the test's own, because a transaction of another test would hold the row up.
    let server = tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    let api = Api::open(store.clone());
    let mut events = Events::open(&api, PATH, None).await;
    write(&store, vec![row("warm", 0)]).await;
    events.activity().await.unwrap();
    let mut times = Vec::new();
    for number in 0..9 {
        let began = Instant::now();
        write(&store, vec![row(&format!("{number}"), 0)]).await;
        assert_eq!(events.activity().await, Some(format!("{number}")));
        times.push(began.elapsed());
    }
    times.sort_unstable();
    assert!(times[times.len() / 2] < Duration::from_secs(1), "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_parameter_is_as_the_header_which_counts_where_both_are_there() {
    let store = MemoryStore::new();
    let api = Api::open(store.clone());
    let mut events = Events::open(&api, PATH, None).await;
    let mut ids = Vec::new();
    for id in ["a", "b", "c"] {
        write(&store, vec![row(id, 0)]).await;
        assert_eq!(events.activity().await.as_deref(), Some(id));
        ids.push(events.last_id.clone());
    }
    let path = format!("{PATH}?lastEventId={}", ids[0]);
    let mut resumed = Events::open(&api, &path, None).await;
    assert_eq!(resumed.activity().await.as_deref(), Some("b"));
    let mut resumed = Events::open(&api, &path, Some(&ids[1])).await;
    assert_eq!(resumed.activity().await.as_deref(), Some("c"));
    // A client that has seen nothing sends an empty ID.
    let mut fresh = Events::open(&api, &format!("{PATH}?lastEventId="), None).await;
    write(&store, vec![row("d", 0)]).await;
    assert_eq!(fresh.activity().await.as_deref(), Some("d"));
    let wrong = api.get(&format!("{PATH}?lastEventId=x")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json()["parameter"], "lastEventId");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_commits_late_is_told_though_others_were_told_before() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let api = Api::open(store.clone());
    let mut events = Events::open(&api, PATH, None).await;
    let mut client = database.connect().await;
    let insert = "INSERT INTO turbobackend.project_actions (action_id, project_id, created_at)
        VALUES ($1, 'project_7', (extract(epoch FROM now()) * 1000)::bigint)";
    let late = client.transaction().await.unwrap();
    late.execute("SAVEPOINT own", &[]).await.unwrap();
    late.execute(insert, &[&"late"]).await.unwrap();
    late.execute("RELEASE SAVEPOINT own", &[]).await.unwrap();
    // The late row has the older transaction number, and this one is committed first.
    write(&store, vec![row("early", 0)]).await;
    late.commit().await.unwrap();
    let told = [
        events.activity().await.unwrap(),
        events.activity().await.unwrap(),
    ];
    assert_eq!(told, ["late", "early"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_lets_through_what_its_filter_does_and_goes_on_when_the_store_is_back() {
    let mut server = tokio::task::block_in_place(|| {
        ExclusiveServer::new(&ServerOptions {
            // What no commit waits for comes to the disk late.
            settings: vec!["wal_writer_delay=10s".to_owned()],
            ..ServerOptions::default()
        })
    });
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    let api = Api::open(store.clone());
    let path = format!("{PATH}?status=failure");
    let mut events = Events::open(&api, &path, None).await;
    let failed = |id: &str| row(id, 0).status(tracker_core::Status::Failure);
    write(&store, vec![row("success", 0), failed("a")]).await;
    assert_eq!(events.activity().await.as_deref(), Some("a"));

    // The announcement is a transaction that is not on the disk yet. In the crash Postgres forgets
    // it, and gives its number to the next row.
    let is_past_announcement = async {
        loop {
            let begun = Events::open(&api, &path, None).await;
            let settled = store.watermarks().await.unwrap().settled;
            if begun.last_id.starts_with(&format!("{settled}.")) {
                break;
            }
        }
    };
    timeout(LIMIT, is_past_announcement).await.unwrap();
    tokio::task::block_in_place(|| {
        server.kill();
        server.start();
    });
    while store.write(vec![failed("b")].into()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // If the stream has ended, the client comes back with the last ID.
    let next = if let Some(id) = events.activity().await {
        id
    } else {
        let last_id = events.last_id.clone();
        events = Events::open(&api, &path, Some(&last_id)).await;
        events.activity().await.unwrap()
    };
    assert_eq!(next, "b");
}

/// A client that shows everything: it follows the stream, resumes after the last event, and reads
/// the list when it is told to begin anew.
struct Client<'a> {
    api: &'a Api,
    store: &'a dyn Store,
    events: Events,
    known: HashSet<String>,
}

impl<'a> Client<'a> {
    async fn begin(api: &'a Api, store: &'a dyn Store) -> Self {
        let mut client = Self {
            api,
            store,
            events: Events::open(api, PATH, None).await,
            known: HashSet::new(),
        };
        client.list().await;
        client
    }

    async fn list(&mut self) {
        let query = Query::project("project_7").limit(1_000);
        let page = self.store.timeline(query).await.unwrap();
        let ids = page.activities.into_iter().map(|row| row.action_id);
        self.known.extend(ids);
    }

    /// Reconnects after the connection was lost. Returns whether the stream could be resumed.
    async fn come_back(&mut self) -> bool {
        let last_id = self.events.last_id.clone();
        if let Some(events) = Events::try_open(self.api, PATH, Some(&last_id)).await {
            self.events = events;
            return true;
        }
        self.events = Events::open(self.api, PATH, None).await;
        self.list().await;
        false
    }

    async fn knows(&mut self, id: &str) {
        while !self.known.contains(id) {
            match self.events.activity().await {
                Some(id) => {
                    self.known.insert(id);
                }
                None => {
                    self.come_back().await;
                }
            }
        }
    }
}

/// Repeatedly replaces the store by one that assigns the same numbers again. Rows are written at
/// once, before any client looks. Clients that follow meanwhile, and those that come back later,
/// know each row in the end.
async fn each_is_known(store: Arc<dyn Store>, becomes_another: impl AsyncFn(usize)) {
    const ROUNDS: usize = 8;

    let api = Api::open(Arc::clone(&store));
    let mut follower = Client::begin(&api, &*store).await;
    let mut returner = Client::begin(&api, &*store).await;
    for round in 0..ROUNDS {
        let before = format!("before-{round}");
        write(&*store, vec![row(&before, 0)]).await;
        follower.knows(&before).await;
        returner.knows(&before).await;
        becomes_another(round).await;
        // There are more rows than before, so the greatest number is no smaller than before.
        let rows = (0..40).map(|number| row(&format!("after-{round}-{number:02}"), 0));
        write(&*store, rows.collect()).await;
        let last = format!("last-{round}");
        write(&*store, vec![row(&last, 0)]).await;
        assert!(!returner.come_back().await, "it is told to begin anew");
        for client in [&mut follower, &mut returner] {
            client.knows(&last).await;
            let expected = (0..40).map(|number| format!("after-{round}-{number:02}"));
            let missed: Vec<_> = expected.filter(|id| !client.known.contains(id)).collect();
            assert_eq!(missed, [""; 0], "{round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_table_that_is_dropped_and_restored_in_postgres_clients_know_each_activity() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    each_is_known(Arc::new(store.clone()), async |round| {
        let client = database.connect().await;
        let statements = format!(
            "CREATE TABLE copy_{round} AS SELECT * FROM turbobackend.project_actions;
            DROP SCHEMA turbobackend CASCADE"
        );
        client.batch_execute(&statements).await.unwrap();
        store.migrate().await.unwrap();
        let restore =
            format!("INSERT INTO turbobackend.project_actions SELECT * FROM copy_{round}");
        client.batch_execute(&restore).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_sqlite_file_that_is_replaced_or_loses_its_newest_rows_clients_know_each_activity() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let backup = directory.path().join("backup.db");
    // The backup has no row.
    let into = format!("VACUUM INTO '{}'", backup.display());
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(&into)
        .unwrap();
    each_is_known(Arc::new(store), async |round| {
        if round % 2 == 0 {
            let copy = directory.path().join("copy.db");
            std::fs::copy(&backup, &copy).unwrap();
            std::fs::rename(&copy, &path).unwrap();
        } else {
            let client = rusqlite::Connection::open(&path).unwrap();
            client
                .execute("DELETE FROM project_actions WHERE rowid > 20", [])
                .unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failover_that_lost_rows_clients_know_each_activity_of_the_new_server() {
    let mut primary =
        tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let mut standby = tokio::task::block_in_place(|| primary.standby());
    let proxy = Proxy::before(address_of(&primary)).await;
    let mut url = Url::parse(&primary.url()).unwrap();
    url.set_port(Some(proxy.address().port())).unwrap();
    let store = PostgresStore::new(url).unwrap();
    store.migrate().await.unwrap();
    let reader = PostgresStore::new(standby.url()).unwrap();
    let followed = async {
        while reader.timeline(Query::project("project_7")).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LIMIT, followed).await.expect("it follows");
    tokio::task::block_in_place(|| standby.stop());

    let api = Api::open(store.clone());
    let mut client = Client::begin(&api, &store).await;
    write(&store, vec![row("lost", 0)]).await;
    client.knows("lost").await;
    tokio::task::block_in_place(|| {
        primary.kill();
        standby.start();
    });
    standby.promote().await;
    proxy.lead_to(address_of(&standby));
    let first = vec![row("first", 0)];
    while store.write(first.clone().into()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for id in ["first", "second"] {
        write(&store, vec![row(id, 0)]).await;
        client.knows(id).await;
    }
    let last_id = client.events.last_id.clone();
    assert!(Events::try_open(&api, PATH, Some(&last_id)).await.is_some());
}

fn address_of(server: &ExclusiveServer) -> SocketAddr {
    let url = Url::parse(&server.url()).unwrap();
    SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()))
}
