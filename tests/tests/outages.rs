//! Servers that stop, die, hang or close connections under load. Nothing is lost, nothing is stored
//! twice, and no function is affected.
//!
//! `TRACKER_OUTAGE_ROUNDS=30 cargo test --test outages` runs for longer. With
//! `TRACKER_OUTAGE_SECONDS=600` the longest outage lasts ten minutes. `TRACKER_SEED=…` repeats a
//! run.

use std::{
    env, fs, iter,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tracker_core::{PostgresStore, Store, Tracker};
use tracker_tests::{
    load::{Load, assert_once_each, deploy, tracker},
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
    process::wait_until,
    proxy::{Proxy, Weather},
};
use url::Url;

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(2);

fn number_from(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

fn seeded() -> fastrand::Rng {
    let seed = number_from("TRACKER_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("TRACKER_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}

async fn survives(journal: Option<&TempDir>) {
    let mut random = seeded();
    let rounds = number_from("TRACKER_OUTAGE_ROUNDS").unwrap_or(4);
    let mut server =
        tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let store = PostgresStore::builder(server.url())
        .write_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    store.migrate().await.unwrap();
    let mut tracker = tracker(store);
    if let Some(directory) = journal {
        tracker = tracker.journal(directory.path());
    }
    let tracker = tracker.build().unwrap();
    let load = Load::on(&tracker);
    for round in 0..rounds {
        let pause = |random: &mut fastrand::Rng| Duration::from_millis(random.u64(20..300));
        let length = pause(&mut random);
        tokio::time::sleep(length).await;
        match round % 4 {
            0 => tokio::task::block_in_place(|| server.stop()),
            1 => tokio::task::block_in_place(|| server.kill()),
            2 => {
                // Terminates every connection but this one, whatever it is doing.
                let client = server.connect().await;
                for _ in 0..10 {
                    let query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                                 WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
                    client.execute(query, &[]).await.unwrap();
                    let length = Duration::from_millis(random.u64(0..30));
                    tokio::time::sleep(length).await;
                }
                continue;
            }
            _ => {
                tokio::task::block_in_place(|| {
                    server.stop();
                    server.start();
                    server.kill();
                });
            }
        }
        let length = pause(&mut random);
        tokio::time::sleep(length).await;
        tokio::task::block_in_place(|| server.start());
    }
    let calls = load.end().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
    assert_once_each(&server.connect().await, calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_dies_and_ends_its_connections_loses_nothing_from_memory() {
    survives(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_dies_and_ends_its_connections_loses_nothing_from_the_journal() {
    let directory = tempfile::tempdir().unwrap();
    survives(Some(&directory)).await;
}

/// Returns the 99th percentile of the duration of a call.
async fn p99(tracker: &Tracker, numbers: &mut impl Iterator<Item = u64>) -> Duration {
    let mut times = Vec::new();
    for _ in 0..50 {
        for _ in 0..100 {
            let number = numbers.next().expect("they never end");
            let began = Instant::now();
            tracker.scope(deploy("project_7", number)).await;
            times.push(began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_slow_hangs_or_half_closes_slows_no_function_and_the_writer_recovers()
{
    /// Durations below this one are the machine's own noise.
    const NOISE: Duration = Duration::from_micros(20);

    let database = TestDatabase::create().await;
    let mut url = Url::parse(database.url()).unwrap();
    let server = url.socket_addrs(|| Some(5432)).unwrap()[0];
    let proxy = Proxy::before(server).await;
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(proxy.address().port())).unwrap();
    let store = PostgresStore::builder(url)
        .write_timeout(Duration::from_millis(300))
        .read_timeout(Duration::from_millis(300))
        .connect_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    store.migrate().await.unwrap();
    let tracker = tracker(store).build().unwrap();
    let mut numbers = 0..;
    let healthy = p99(&tracker, &mut numbers).await;
    tracker.flush().await;

    for weather in [
        Weather::Slow(Duration::from_millis(50)),
        Weather::BlackHole,
        Weather::HalfClosed,
        Weather::Closed,
    ] {
        proxy.set(weather);
        let limit = 2 * healthy.max(NOISE);
        let mut faulty = p99(&tracker, &mut numbers).await;
        // The machine may have been at something else.
        for _ in 0..2 {
            if faulty > limit {
                faulty = p99(&tracker, &mut numbers).await;
            }
        }
        assert!(
            faulty <= limit,
            "{weather:?}: {faulty:?} where it was {healthy:?}"
        );
        if weather == Weather::BlackHole {
            // A write that hangs times out, and is not waited for.
            let before = tracker.stats().stored;
            wait_until(LIMIT, "the queue grows", || tracker.stats().queued >= 5_000);
            assert!(tracker.stats().stored >= before);
        }
        proxy.set(Weather::Fair);
        tracker.flush().await;
        let stats = tracker.stats();
        assert_eq!((stats.stored, stats.queued), (stats.recorded, 0));
    }
    let calls = numbers.start;
    assert_once_each(&database.connect().await, calls).await;
}

/// Makes the server terminate the connection of a COPY after some rows.
const FAIL_AT_THE_HUNDREDTH_ROW: &str = "
    CREATE SEQUENCE turbobackend.seen;
    CREATE FUNCTION turbobackend.cut() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_query() LIKE 'COPY%' AND nextval('turbobackend.seen') % 250 = 100 THEN
                PERFORM pg_terminate_backend(pg_backend_pid());
            END IF;
            RETURN NEW;
        END
    $$;
    CREATE TRIGGER cut BEFORE INSERT ON turbobackend.project_actions
        FOR EACH ROW EXECUTE FUNCTION turbobackend.cut();
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_cut_in_the_middle_loses_nothing_and_stores_nothing_twice() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    client
        .batch_execute(FAIL_AT_THE_HUNDREDTH_ROW)
        .await
        .unwrap();
    let tracker = tracker(store).batch_rows(200).build().unwrap();
    for number in iter::successors(Some(0), |number| Some(number + 1)).take(2_000) {
        tracker.scope(deploy("project_7", number)).await;
    }
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(
        (stats.stored, stats.dropped.total()),
        (2_000, 0),
        "{stats:?}"
    );
    let query = "SELECT last_value FROM turbobackend.seen";
    let seen: i64 = client.query_one(query, &[]).await.unwrap().get(0);
    assert!(seen >= 100, "no COPY was cut off");
    assert_once_each(&client, 2_000).await;
}

fn address_of(server: &ExclusiveServer) -> SocketAddr {
    let url = Url::parse(&server.url()).unwrap();
    url.socket_addrs(|| Some(5432)).unwrap()[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_to_a_standby_with_every_pooled_connection_gone_loses_nothing() {
    let mut primary =
        tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let standby = tokio::task::block_in_place(|| primary.standby());
    let client = primary.connect().await;
    // A commit now succeeds only after the standby has it.
    for statement in [
        "ALTER SYSTEM SET synchronous_standby_names = '*'",
        "SELECT pg_reload_conf()",
    ] {
        client.batch_execute(statement).await.unwrap();
    }
    let query = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
    let followed = async {
        while client.query_one(query, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let followed = tokio::time::timeout(LIMIT, followed).await;
    followed.expect("the standby follows the primary");

    let proxy = Proxy::before(address_of(&primary)).await;
    let mut url = Url::parse(&primary.url()).unwrap();
    url.set_port(Some(proxy.address().port())).unwrap();
    let store = PostgresStore::builder(url)
        .write_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    store.migrate().await.unwrap();
    let tracker = tracker(store).build().unwrap();
    let load = Load::on(&tracker);
    wait_until(LIMIT, "some are stored", || tracker.stats().stored > 500);
    tokio::task::block_in_place(|| primary.kill());
    let before = tracker.stats();
    standby.promote().await;
    proxy.lead_to(address_of(&standby));
    wait_until(LIMIT, "the new server is written to", || {
        tracker.stats().stored > before.recorded
    });
    let calls = load.end().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
    assert_once_each(&standby.connect().await, calls).await;
}

/// Returns the resident memory of the process, in bytes.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1_024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_outage_takes_no_memory_and_everything_is_stored_after_it() {
    const PER_SECOND: u64 = 5_000;
    /// The maximum memory of a queue with room for a burst, and of SQLite's cache.
    const MEMORY: u64 = 48 << 20;

    let seconds = number_from("TRACKER_OUTAGE_SECONDS").unwrap_or(4);
    let mut server =
        tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let tracker = Tracker::builder()
        .store(store)
        .journal(directory.path())
        .retry_delays(Duration::from_millis(10), Duration::from_millis(100))
        .build()
        .unwrap();
    tracker.scope(deploy("project_7", 0)).await;
    tracker.flush().await;
    tokio::task::block_in_place(|| server.stop());

    let before = resident_bytes();
    let mut most = before;
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let calls = seconds * PER_SECOND;
    for number in 1..calls {
        tracker.scope(deploy("project_7", number)).await;
        if number % (PER_SECOND / 100) == 0 {
            ticks.tick().await;
            most = most.max(resident_bytes());
        }
    }
    assert!(most - before < MEMORY, "{} MiB more", (most - before) >> 20);
    tokio::task::block_in_place(|| server.start());
    let began = Instant::now();
    let stats = tracker.shutdown(LIMIT).await;
    println!(
        "{calls} activities of {seconds} s were stored {:?} after the outage",
        began.elapsed()
    );
    assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
    assert_once_each(&server.connect().await, calls).await;
}
