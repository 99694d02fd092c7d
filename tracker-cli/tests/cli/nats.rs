//! The streams and the relay as operators run them, with a real NATS server.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Child,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tracker_core::{JetStreamStore, Store};
use tracker_tests::{
    nats::{NatsCluster, NatsOptions, NatsRelease},
    process::wait_until,
};

use crate::support::{Place, described, ids, numbered};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

/// Arguments that set up streams small enough for a test's server.
const SETUP: [&str; 8] = [
    "nats",
    "setup",
    "--replicas",
    "1",
    "--max-bytes",
    "64MiB",
    "--dead-letter-max-bytes",
    "16MiB",
];

fn arguments<'a>(url: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--nats", url]].concat()
}

/// A `tracker relay` process, which is killed on drop.
struct Relay {
    child: Child,
    metrics: String,
}

impl Relay {
    fn start(place: &Place, url: &str) -> Self {
        let arguments = arguments(url, &["relay", "--metrics", "127.0.0.1:0"]);
        let mut child = place.command(&arguments).spawn().unwrap();
        let notes = BufReader::new(child.stderr.take().unwrap());
        let mut notes = notes.lines().map(Result::unwrap);
        let metrics = notes.find_map(|note| {
            let (_, address) = note.split_once("http://")?;
            Some(address.split('/').next()?.to_owned())
        });
        // The rest of the output is read, so that the process never blocks on a full pipe.
        std::thread::spawn(move || notes.for_each(drop));
        Self {
            child,
            metrics: metrics.expect("it says where its figures are"),
        }
    }

    /// Returns the value of one metric.
    fn figure(&self, name: &str) -> Option<f64> {
        let mut stream = TcpStream::connect(&self.metrics).unwrap();
        let request = "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, page) = answer.split_once("\r\n\r\n").unwrap();
        let line = page
            .lines()
            .find(|line| line.starts_with(&format!("{name}{{")))?;
        described(page, "tracker_relay_");
        line.rsplit_once(' ')?.1.parse().ok()
    }

    /// Sends SIGTERM, waits for the end, and returns the exit code.
    fn end(mut self) -> Option<i32> {
        let id = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        kill_process(id, Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // The process has ended, or ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_are_relayed_counted_and_finished_at_a_termination_signal() {
    let nats = NatsCluster::single();
    let url = nats.url();
    for place in Place::of_each_kind().await {
        let made = place.run(&arguments(&url, &SETUP)).printed();
        assert!(made.contains("is set up"), "{made}");
        let relay = Relay::start(&place, &url);
        let published: Vec<_> = (0..500).map(numbered).collect();
        let stream = JetStreamStore::new(&url).unwrap();
        stream.write(published.clone().into()).await.unwrap();
        wait_until(LIMIT, "all are relayed", || {
            relay.figure("tracker_relay_stored_total") == Some(500.0)
        });
        assert_eq!(relay.figure("tracker_relay_dead_lettered_total"), Some(0.0));
        assert_eq!(relay.end(), Some(0));
        let there = place.run(&["export"]).activities();
        assert_eq!(ids(&there), ids(&published));
        // Without this, the next iteration's messages would be duplicates of the same IDs.
        let context = async_nats::jetstream::new(async_nats::connect(&url).await.unwrap());
        context.delete_stream("ACTIVITIES").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_up_tells_what_it_makes_what_differs_and_changes_only_when_told_to() {
    let nats = NatsCluster::single();
    let (url, place) = (nats.url(), Place::sqlite());
    let check = [&SETUP[..], &["--check"]].concat();
    let missing = place.run(&arguments(&url, &check));
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.stdout.contains("ACTIVITIES is missing"),
        "{missing:?}"
    );

    let made = place.run(&arguments(&url, &SETUP)).printed();
    assert!(
        made.starts_with("made the stream ACTIVITIES\nmade the stream ACTIVITIES_DEAD\n"),
        "{made}"
    );
    let checked = place.run(&arguments(&url, &check)).printed();
    assert!(checked.ends_with("is set up\n"), "{checked}");

    let other = [&SETUP[..], &["--ack-wait", "5s"]].concat();
    let refused = place.run(&arguments(&url, &other)).failed(1);
    assert!(refused.contains("--update changes them"), "{refused}");
    assert!(
        refused.contains("ack_wait of consumer relay is 30s, not 5s"),
        "{refused}"
    );
    let update = [&other[..], &["--update"]].concat();
    let changed = place.run(&arguments(&url, &update)).printed();
    assert!(
        changed.starts_with("changed the consumer relay\n"),
        "{changed}"
    );
}

#[test]
fn three_replicas_on_one_server_are_refused_with_advice() {
    let nats = NatsCluster::single();
    let place = Place::sqlite();
    let setup = [
        "nats",
        "setup",
        "--max-bytes",
        "1MiB",
        "--dead-letter-max-bytes",
        "1MiB",
    ];
    let refused = place.run(&arguments(&nats.url(), &setup)).failed(1);
    assert!(refused.contains("use --replicas 1"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_shown_put_back_and_removed() {
    let nats = NatsCluster::single();
    let (url, place) = (nats.url(), Place::sqlite());
    place.store().migrate().await.unwrap();
    place.run(&arguments(&url, &SETUP)).printed();
    let client = async_nats::connect(&url).await.unwrap();
    client
        .publish("activities.p", "no activity".into())
        .await
        .unwrap();
    client.flush().await.unwrap();
    let relay = Relay::start(&place, &url);
    wait_until(LIMIT, "it is put aside", || {
        relay.figure("tracker_relay_dead_lettered_total") == Some(1.0)
    });
    let letters = ["nats", "dead-letters"];
    let shown = place.run(&arguments(&url, &letters)).printed();
    let letter: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(letter["message"], "no activity");
    assert_eq!(letter["subject"], "activities.p");

    let back = [&letters[..], &["--requeue"]].concat();
    assert_eq!(
        place.run(&arguments(&url, &back)).printed(),
        "put 1 dead letter back\n"
    );
    wait_until(LIMIT, "it comes back", || {
        relay.figure("tracker_relay_dead_lettered_total") == Some(2.0)
    });
    let delete = [&letters[..], &["--delete"]].concat();
    let asked = place.run(&arguments(&url, &delete)).failed(2);
    assert!(asked.contains("--yes"), "{asked}");
    let delete = [&delete[..], &["--yes"]].concat();
    assert_eq!(
        place.run(&arguments(&url, &delete)).printed(),
        "removed 1 dead letter\n"
    );
    assert_eq!(place.run(&arguments(&url, &letters)).printed(), "");
}

#[test]
fn a_relay_says_what_it_lacks() {
    let place = Place::sqlite();
    let without = place.run(&["relay"]).failed(2);
    assert!(without.contains("--nats"), "{without}");
    let mistyped = place
        .run(&["relay", "--nats", "nats://u:hidden@"])
        .failed(2);
    assert!(
        mistyped.contains("HOST") && !mistyped.contains("hidden"),
        "{mistyped}"
    );

    let nats = NatsCluster::single();
    place.run(&["migrate"]).printed();
    let without = place.run(&arguments(&nats.url(), &["relay"]));
    assert_eq!(without.code, Some(1));
    assert!(without.stderr.contains("tracker nats setup"), "{without:?}");
}

#[test]
fn what_is_not_named_stays_as_it_is() {
    let nats = NatsCluster::single();
    let (url, place) = (nats.url(), Place::sqlite());
    place.run(&arguments(&url, &SETUP)).printed();
    let again = place.run(&arguments(&url, &["nats", "setup"])).printed();
    assert!(again.ends_with(" is set up\n"), "{again}");
    let update = ["nats", "setup", "--max-ack-pending", "77", "--update"];
    let changed = place.run(&arguments(&url, &update)).printed();
    assert!(
        changed.starts_with("changed the consumer relay\n"),
        "{changed}"
    );
    let check = [&SETUP[..], &["--max-ack-pending", "77", "--check"]].concat();
    place.run(&arguments(&url, &check)).printed();
}

#[test]
fn a_single_server_is_not_given_replicas_with_which_it_would_not_find_its_streams() {
    let nats = NatsCluster::single();
    let (url, place) = (nats.url(), Place::sqlite());
    place.run(&arguments(&url, &SETUP)).printed();
    let update = ["nats", "setup", "--replicas", "3", "--update"];
    let refused = place.run(&arguments(&url, &update)).failed(1);
    assert!(refused.contains("use --replicas 1"), "{refused}");
    place
        .run(&arguments(&url, &[&SETUP[..], &["--check"]].concat()))
        .printed();
}

#[test]
fn what_can_not_be_meant_is_refused_before_anybody_is_asked() {
    let place = Place::sqlite();
    let nobody = "nats://127.0.0.1:1";
    for (wrong, said) in [
        (&["nats", "setup", "--max-bytes", "0"][..], "1MiB or more"),
        (&["nats", "setup", "--ack-wait", "1ms"], "1s or more"),
        (
            &["nats", "setup", "--duplicate-window", "0s"],
            "100ms or more",
        ),
        (
            &["nats", "dead-letters", "--requeue", "-n", "1"],
            "cannot be used with",
        ),
        (&["relay", "--store", "nats://127.0.0.1:1"], "not a stream"),
        (
            &["migrate", "--store", "nats://127.0.0.1:1"],
            "tracker nats setup",
        ),
    ] {
        let wrong = if wrong[0] == "migrate" {
            wrong.to_vec()
        } else {
            arguments(nobody, wrong)
        };
        let refused = place.run(&wrong).failed(2);
        assert!(refused.contains(said), "{refused}");
    }
}

/// Starts a server of release 2.15 with these settings of JetStream.
fn newer(jetstream: &str) -> NatsCluster {
    NatsCluster::new(&NatsOptions {
        settings: format!("jetstream {{ store_dir: jetstream, max_file: 1GB, {jetstream} }}"),
        release: NatsRelease::V2_15,
        ..NatsOptions::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_what_limits_relays_and_fails_while_nothing_is_delivered() {
    let nats = newer("limits { max_request_batch: 100 }");
    let (url, place) = (nats.url(), Place::sqlite());
    let limit = "max_batch of consumer relay is 100: a relay asks for no more activities at once\n";
    let made = place.run(&arguments(&url, &SETUP)).printed();
    assert!(made.contains(limit), "{made}");
    let check = [&SETUP[..], &["--check"]].concat();
    let checked = place.run(&arguments(&url, &check)).printed();
    assert!(
        checked.starts_with(limit) && checked.ends_with("is set up\n"),
        "{checked}"
    );

    let client = async_nats::connect(&url).await.unwrap();
    let pause = r#"{"pause_until": "2099-01-01T00:00:00Z"}"#;
    let subject = "$JS.API.CONSUMER.PAUSE.ACTIVITIES.relay";
    client.request(subject, pause.into()).await.unwrap();
    let paused = place.run(&arguments(&url, &check));
    assert_eq!(paused.code, Some(1));
    assert!(
        paused
            .stdout
            .contains("pause_until of consumer relay is 2099-01-01T00:00:00Z"),
        "{paused:?}"
    );
    assert!(paused.stderr.contains("delivers nothing now"), "{paused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_server_changes_of_a_stream_is_refused_with_advice() {
    let nats = NatsCluster::single();
    let (url, place) = (nats.url(), Place::sqlite());
    place.run(&arguments(&url, &SETUP)).printed();
    let context = async_nats::jetstream::new(async_nats::connect(&url).await.unwrap());
    let mut stream = context.get_stream("ACTIVITIES").await.unwrap();
    let mut config = stream.info().await.unwrap().config.clone();
    config.sealed = true;
    context.update_stream(config).await.unwrap();
    let check = [&SETUP[..], &["--check"]].concat();
    let sealed = place.run(&arguments(&url, &check));
    assert_eq!(sealed.code, Some(1));
    assert!(
        sealed
            .stdout
            .contains("sealed of ACTIVITIES is true, not false"),
        "{sealed:?}"
    );
    let update = [&SETUP[..], &["--update"]].concat();
    let refused = place.run(&arguments(&url, &update)).failed(1);
    assert!(refused.contains("name another one in the URL"), "{refused}");
}

#[test]
fn an_import_waits_for_a_stream_that_has_too_much_to_work_on() {
    let nats = newer("max_buffered_msgs: 5");
    let place = Place::at(&nats.url());
    place.run(&arguments(&nats.url(), &SETUP)).printed();
    let lines: Vec<_> = (0..3_000)
        .map(|number| serde_json::to_string(&numbered(number)).unwrap())
        .collect();
    let imported = place.run_with(&["import", "-"], lines.join("\n").as_bytes());
    assert_eq!(imported.printed(), "imported 3,000 activities\n");
}
