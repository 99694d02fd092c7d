//! The test support itself: the properties that tests rely on. It leaves nothing behind.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};
use tracker_tests::postgres::{ExclusiveServer, ServerOptions, ServerTls, TestDatabase};
use tracker_tests::process::{is_running, wait_until};

/// The maximum time for the clean-up after a process on a busy machine. It takes less than a second
/// on an idle one.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_database_is_empty_and_apart_from_the_others() {
    let (first, second) = (TestDatabase::create().await, TestDatabase::create().await);
    first
        .connect()
        .await
        .batch_execute("CREATE TABLE here ()")
        .await
        .unwrap();
    assert_eq!(tables(&first.connect().await).await, ["here"]);
    assert!(tables(&second.connect().await).await.is_empty());
}

#[tokio::test]
async fn a_dropped_database_goes_with_its_connections_and_roles() {
    let witness = TestDatabase::create().await;
    let database = TestDatabase::create().await;
    let (client, name) = (database.connect().await, name_of(&database));
    let role = role_of(&database.create_role("").await);
    assert!(exists(&witness, &name).await && exists(&witness, &role).await);

    drop(database);
    assert!(!exists(&witness, &name).await && !exists(&witness, &role).await);
    client.simple_query("SELECT 1").await.unwrap_err();
}

#[tokio::test]
async fn a_test_that_panics_leaves_no_database() {
    let witness = TestDatabase::create().await;
    let database = TestDatabase::create().await;
    let name = name_of(&database);
    let test = tokio::spawn(async move {
        let _client = database.connect().await;
        panic!("as a failing test does");
    });
    assert!(test.await.unwrap_err().is_panic());
    assert!(!exists(&witness, &name).await);
}

#[test]
fn a_database_is_dropped_after_its_runtime_has_gone() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let database = first.block_on(TestDatabase::create());
    let name = name_of(&database);
    drop(first);
    drop(database);

    let second = runtime();
    let witness = second.block_on(TestDatabase::create());
    assert!(!second.block_on(exists(&witness, &name)));
}

#[tokio::test]
async fn a_role_may_do_what_it_was_granted_and_no_more() {
    let database = TestDatabase::create().await;
    let owner = database.connect().await;
    owner
        .batch_execute("CREATE TABLE log (line TEXT)")
        .await
        .unwrap();
    let url = database.create_role("GRANT INSERT ON log TO {role}").await;

    let writer = connect(&url).await.unwrap();
    writer
        .execute("INSERT INTO log VALUES ('written')", &[])
        .await
        .unwrap();
    let refused = writer.query("SELECT line FROM log", &[]).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));
}

#[tokio::test]
async fn a_server_asks_for_its_password() {
    let server = ExclusiveServer::new(&ServerOptions::default());
    let mut url = url::Url::parse(&server.url()).unwrap();
    url.set_password(Some("another")).unwrap();
    let refused = connect(url.as_str()).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::INVALID_PASSWORD));
}

#[tokio::test]
async fn a_stopped_server_refuses_connections_and_comes_back_where_it_was() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let (url, client) = (server.url(), server.connect().await);
    client.batch_execute("CREATE TABLE kept ()").await.unwrap();

    server.stop();
    client.simple_query("SELECT 1").await.unwrap_err();
    connect(&url).await.unwrap_err();

    server.start();
    assert_eq!(url, server.url());
    assert_eq!(tables(&connect(&url).await.unwrap()).await, ["kept"]);
}

#[tokio::test]
async fn a_killed_server_breaks_its_connections_and_keeps_what_was_committed() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let client = server.connect().await;
    client.batch_execute("CREATE TABLE kept ()").await.unwrap();

    server.kill();
    client.simple_query("SELECT 1").await.unwrap_err();
    connect(&server.url()).await.unwrap_err();

    server.start();
    assert_eq!(tables(&server.connect().await).await, ["kept"]);
}

#[tokio::test]
async fn a_dropped_server_leaves_nothing_whether_it_runs_or_was_stopped_or_killed() {
    let end_it: [fn(&mut ExclusiveServer); 3] =
        [|_| {}, ExclusiveServer::stop, ExclusiveServer::kill];
    for end_it in end_it {
        let mut server = ExclusiveServer::new(&ServerOptions::default());
        let traces = Traces::of(&data_directory(&server.connect().await).await);
        traces.assert_present();
        end_it(&mut server);
        drop(server);
        // The process is reaped and its files are gone by now. The system may take a moment for the
        // rest.
        wait_until(CLEAN_UP_LIMIT, "the server left nothing", || {
            traces.left().is_empty()
        });
    }
}

#[tokio::test]
async fn tls_is_offered_with_a_certificate_and_not_without() {
    let name = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let with = ExclusiveServer::new(&ServerOptions {
        tls: Some(ServerTls {
            certificate_pem: name.cert.pem(),
            key_pem: name.signing_key.serialize_pem(),
        }),
        ..ServerOptions::default()
    });
    let without = ExclusiveServer::new(&ServerOptions::default());
    assert_eq!(answer_to_ssl_request(&with), b'S');
    assert_eq!(answer_to_ssl_request(&without), b'N');
}

#[test]
fn a_killed_test_process_leaves_nothing() {
    let (mut process, traces) = hold_servers();
    process.kill().unwrap();
    process.wait().unwrap();
    assert_all_go(&traces);
}

#[test]
fn a_test_process_that_returns_leaves_nothing() {
    let (mut process, traces) = hold_servers();
    drop(process.stdin.take());
    assert!(process.wait().unwrap().success());
    assert_all_go(&traces);
}

/// Starts a process that holds a server of each kind, and returns their traces.
fn hold_servers() -> (Child, Vec<Traces>) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hold_servers"))
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut line = || lines.next().expect("where a server is").unwrap();
    let mut traces = [(); 2].map(|()| Traces::of(Path::new(&line()))).to_vec();
    traces.extend([(); 2].map(|()| Traces::of_one_process(&line())));
    for traces in &traces {
        traces.assert_present();
    }
    (process, traces)
}

fn assert_all_go(traces: &[Traces]) {
    wait_until(CLEAN_UP_LIMIT, "the ended process left nothing", || {
        traces.iter().all(|traces| traces.left().is_empty())
    });
}

/// The system resources of a running server.
#[derive(Clone)]
struct Traces {
    directory: PathBuf,
    process: u32,
    /// The shared memory, which Postgres alone uses.
    shared_memory: Option<String>,
}

impl Traces {
    /// Reads the lock file of a Postgres: the process is in its first line, and a key and the
    /// System V segment are in its seventh.
    fn of(data: &Path) -> Self {
        let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap();
        let lines: Vec<&str> = lock.lines().collect();
        Self {
            directory: data.parent().unwrap().to_owned(),
            process: lines[0].parse().unwrap(),
            shared_memory: lines[6].split_whitespace().nth(1).map(str::to_owned),
        }
    }

    /// Reads the traces of a server that is one process, from a line `PROCESS DIRECTORY`.
    fn of_one_process(line: &str) -> Self {
        let (process, directory) = line.split_once(' ').unwrap();
        Self {
            directory: directory.into(),
            process: process.parse().unwrap(),
            shared_memory: None,
        }
    }

    fn left(&self) -> Vec<&'static str> {
        let segments = fs::read_to_string("/proc/sysvipc/shm").unwrap();
        let has_segment = self.shared_memory.as_deref().is_some_and(|own| {
            segments
                .lines()
                .any(|line| line.split_whitespace().nth(1) == Some(own))
        });
        [
            (self.directory.exists(), "directory"),
            (is_running(self.process), "process"),
            (has_segment, "shared memory"),
        ]
        .into_iter()
        .filter_map(|(left, what)| left.then_some(what))
        .collect()
    }

    /// Asserts that all traces are present. This proves that a later check looks in the right
    /// place.
    fn assert_present(&self) {
        let all = ["directory", "process", "shared memory"];
        let has = if self.shared_memory.is_some() { 3 } else { 2 };
        assert_eq!(self.left(), all[..has]);
    }
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn tables(client: &Client) -> Vec<String> {
    let query = "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let rows = client.query(query, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn data_directory(client: &Client) -> PathBuf {
    let row = client.query_one("SHOW data_directory", &[]).await.unwrap();
    row.get::<_, String>(0).into()
}

/// Returns whether the server of `witness` has a database or a role of that name.
async fn exists(witness: &TestDatabase, name: &str) -> bool {
    let query = "SELECT datname FROM pg_database WHERE datname = $1 UNION SELECT rolname FROM pg_roles WHERE rolname = $1";
    !witness
        .connect()
        .await
        .query(query, &[&name])
        .await
        .unwrap()
        .is_empty()
}

fn name_of(database: &TestDatabase) -> String {
    let url = url::Url::parse(database.url()).unwrap();
    url.path().trim_start_matches('/').to_owned()
}

fn role_of(url: &str) -> String {
    url::Url::parse(url).unwrap().username().to_owned()
}

/// Returns the first byte of the protocol: `S` if the server continues in TLS, `N` if not.
fn answer_to_ssl_request(server: &ExclusiveServer) -> u8 {
    let url = url::Url::parse(&server.url()).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()));
    let mut stream = TcpStream::connect(address).unwrap();
    // The length of the request, then its code: 1234 and 5679, two bytes each.
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).unwrap();
    answer[0]
}
