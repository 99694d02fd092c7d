//! The server as a process: its access checks, its limits and its end.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Child,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest, Sha256};
use tracker_tests::{postgres::TestDatabase, process::wait_until};

use crate::support::{Place, numbered};

/// A time limit far beyond the need of any test.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) const PATH: &str = "/api/projects/project_7/activities";

/// A `tracker serve` process, which is killed on drop.
pub(crate) struct Server {
    child: Child,
    address: String,
    /// What it says once it serves.
    log: Arc<Mutex<String>>,
}

impl Server {
    pub(crate) fn start(place: &Place, arguments: &[&str]) -> Self {
        Self::listening_on("127.0.0.1:0", place, arguments)
    }

    fn listening_on(address: &str, place: &Place, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", address], arguments].concat();
        let mut child = place.command(&arguments).spawn().unwrap();
        let notes = BufReader::new(child.stderr.take().unwrap());
        let mut notes = notes.lines().map(Result::unwrap);
        let address = notes.find_map(|note| {
            let (_, address) = note.split_once("http://")?;
            Some(address.split('/').next()?.to_owned())
        });
        // What it says later is read, so that it is never kept from saying it.
        let log = Arc::<Mutex<String>>::default();
        let collected = Arc::clone(&log);
        std::thread::spawn(move || {
            notes.for_each(|note| *collected.lock().unwrap() += &(note + "\n"));
        });
        Self {
            child,
            log,
            address: address.expect("it says where it listens"),
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream
    }

    /// Sends a request on a connection of its own, and returns the status, the head and the body of
    /// the response.
    pub(crate) fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        let mut stream = self.connect();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_ascii_lowercase(), body.to_owned())
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits until its log has this text.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        wait_until(LIMIT, &format!("said {text:?}"), || {
            self.log.lock().unwrap().contains(text)
        });
    }

    pub(crate) fn status(&self, path: &str, token: &str) -> u16 {
        self.get(path, &format!("authorization: Bearer {token}\r\n"))
            .0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process has ended, or ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn migrated() -> Place {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write(vec![numbered(1)]).await;
    place
}

#[tokio::test]
async fn it_serves_without_tokens_on_loopback_and_nowhere_else() {
    let place = migrated().await;
    let server = Server::start(&place, &[]);
    let (status, _, body) = server.get(PATH, "");
    assert_eq!(status, 200);
    assert!(body.contains("deployed api:1"), "{body}");
    let (status, head, page) = server.get("/projects/project_7", "");
    assert_eq!(status, 200);
    assert!(head.contains("text/html") && page.contains("../assets/page"));

    let refused = place.run(&["serve", "--listen", "0.0.0.0:0"]).failed(2);
    assert!(
        refused.contains("loopback") && refused.contains("tokens"),
        "{refused}"
    );
    let keyless = place.run(&["serve", "--jwt-issuer", "login"]).failed(2);
    assert!(keyless.contains("--jwks"), "{keyless}");
    let taken = place.run(&["serve", "--listen", &server.address]).failed(1);
    assert!(taken.contains("another port"), "{taken}");
}

#[tokio::test]
async fn a_name_is_served_at_its_loopback_addresses_and_a_port_alone_at_all() {
    let place = migrated().await;
    let server = Server::listening_on("localhost:0", &place, &[]);
    assert_eq!(server.get(PATH, "").0, 200);
    let (_, port) = server.address.rsplit_once(':').unwrap();
    let all = std::net::ToSocketAddrs::to_socket_addrs(&("localhost", 0)).unwrap();
    for mut address in all {
        // A machine without IPv6 may have a name for it.
        if std::net::TcpListener::bind(address).is_ok() {
            address.set_port(port.parse().unwrap());
            TcpStream::connect(address).unwrap();
        }
    }

    let open = place.run(&["serve", "--listen", ":0"]).failed(2);
    assert!(open.contains("0.0.0.0:0 can be reached"), "{open}");
    let tokens = place.path().join("tokens.toml");
    fs::write(&tokens, entry("secret")).unwrap();
    let tokens = ["--tokens", tokens.to_str().unwrap()];
    let server = Server::listening_on(":0", &place, &tokens);
    // No browser can open `0.0.0.0`.
    assert!(
        server.address.starts_with("localhost:"),
        "{}",
        server.address
    );
    assert_eq!(server.status(PATH, "secret"), 200);

    let unknown = ["serve", "--listen", "no-such-name.invalid:80"];
    let unknown = place.run(&unknown).failed(2);
    assert!(
        unknown.contains("the name no-such-name.invalid of --listen has no address"),
        "{unknown}"
    );
}

/// What a file of tokens has of one that is for `project_7`.
pub(crate) fn entry(token: &str) -> String {
    let hash = Sha256::digest(token);
    let hash: String = hash
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect();
    format!("[[token]]\nname = 'console'\nsha256 = '{hash}'\nprojects = ['project_7']\n")
}

#[tokio::test]
async fn a_hangup_has_it_read_the_tokens_again_and_drops_no_connection() {
    let place = migrated().await;
    let file = place.path().join("tokens.toml");
    fs::write(&file, entry("the first")).unwrap();
    let server = Server::start(&place, &["--tokens", file.to_str().unwrap()]);
    let mut kept = BufReader::new(server.connect());
    let mut status_of = |token: &str| {
        let request = format!(
            "GET {PATH}?limit=1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        kept.get_mut().write_all(request.as_bytes()).unwrap();
        answered(&mut kept)
    };
    assert_eq!(
        (status_of("the first"), status_of("the second")),
        (200, 401)
    );

    fs::write(&file, entry("the second")).unwrap();
    server.signal(Signal::HUP);
    server.says("was read again");
    assert_eq!(
        (status_of("the first"), status_of("the second")),
        (401, 200)
    );

    // One that can't be used changes nothing.
    fs::write(&file, "[[token]]\nname = 'console'\n").unwrap();
    server.signal(Signal::HUP);
    server.says("stays as it was");
    assert!(server.log.lock().unwrap().contains("ERROR"));
    assert_eq!(
        (status_of("the first"), status_of("the second")),
        (401, 200)
    );
    fs::remove_file(&file).unwrap();
    server.signal(Signal::HUP);
    server.says("No such file");
    assert_eq!(
        (status_of("the first"), status_of("the second")),
        (401, 200)
    );
}

/// The status of an answer on a connection that goes on, read to its end.
fn answered(stream: &mut BufReader<TcpStream>) -> u16 {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "it goes on");
        if line == "\r\n" {
            break;
        }
        head.push(line.to_ascii_lowercase());
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").trim().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    head[0].split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_hangup_ends_no_server_that_has_no_tokens() {
    let place = migrated().await;
    let server = Server::start(&place, &[]);
    server.signal(Signal::HUP);
    server.says("no file of tokens");
    assert_eq!(server.get(PATH, "").0, 200);
}

#[tokio::test]
async fn a_token_opens_its_projects_and_others_are_not_there() {
    let place = migrated().await;
    let file = place.path().join("tokens.toml");
    fs::write(&file, entry("a long and random token")).unwrap();
    let server = Server::start(&place, &["--tokens", file.to_str().unwrap()]);
    assert_eq!(server.status(PATH, "a long and random token"), 200);
    assert_eq!(
        server.status(
            "/api/projects/project_8/activities",
            "a long and random token"
        ),
        404
    );
    assert_eq!(server.status(PATH, "another token"), 401);
    assert_eq!(server.get(PATH, "").0, 401);
    // The page contains nothing of a project, and asks for the token.
    assert_eq!(server.get("/projects/project_7", "").0, 200);

    fs::write(&file, "[[token]]\nname = 'console'\n").unwrap();
    let wrong = place
        .run(&["serve", "--tokens", file.to_str().unwrap()])
        .failed(1);
    assert!(
        wrong.contains("tokens.toml") && wrong.contains("sha256"),
        "{wrong}"
    );
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_to_wait() {
    let place = migrated().await;
    let server = Server::start(&place, &["--rate-limit", "5"]);
    let answers: Vec<_> = (0..20).map(|_| server.get("/readyz", "")).collect();
    let (refused, answered): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(status, ..)| *status == 429);
    assert!(answered.iter().all(|(status, ..)| *status == 200));
    assert!(
        answered.len() >= 5 && !refused.is_empty(),
        "{}",
        answered.len()
    );
    let (_, head, body) = &refused[0];
    assert!(
        head.contains("retry-after: ") && head.contains("application/problem+json"),
        "{head}"
    );
    assert!(head.contains("cache-control: private, no-store"), "{head}");
    assert!(body.contains("too many requests"), "{body}");
    assert_eq!(server.get("/healthz", "").0, 200);
    // A page without one of its many files is blank.
    for _ in 0..20 {
        assert_eq!(server.get("/assets/page.css", "").0, 200);
    }
    wait_until(LIMIT, "it is answered again", || {
        server.get("/readyz", "").0 == 200
    });
}

#[tokio::test]
async fn a_request_that_is_slow_or_too_large_takes_no_connection_for_long() {
    let place = migrated().await;
    let server = Server::start(&place, &["--max-connections", "1"]);
    // A request whose head never ends takes the only connection, until the server gives it up.
    let began = Instant::now();
    let mut slow = server.connect();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-")
        .unwrap();
    assert_eq!(server.get("/healthz", "").0, 200);
    assert!(began.elapsed() > Duration::from_secs(5) && began.elapsed() < LIMIT);
    let mut rest = String::new();
    // The explanation may not arrive: the system may cut the response off because of the unread
    // request.
    let _ = slow.read_to_string(&mut rest);

    assert_eq!(
        server
            .get("/healthz", &format!("x: {}\r\n", "x".repeat(200_000)))
            .0,
        431
    );
    let (status, head, _) = server.get("/healthz", "content-length: 100000\r\n");
    assert_eq!(status, 413, "{head}");
    assert!(head.contains("application/problem+json"), "{head}");
}

#[tokio::test]
async fn it_ends_with_a_signal_and_ends_its_streams() {
    let place = migrated().await;
    let mut server = Server::start(&place, &[]);
    let mut stream = server.connect();
    write!(stream, "GET {PATH}/stream HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut events = BufReader::new(stream);
    let mut line = String::new();
    while !line.contains("event: ready") {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "it begins");
    }
    server.signal(Signal::TERM);
    let mut rest = String::new();
    events.read_to_string(&mut rest).unwrap();
    wait_until(LIMIT, "it has ended", || {
        server.child.try_wait().unwrap().is_some()
    });
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn there_are_no_more_streams_than_there_can_be() {
    let place = migrated().await;
    let server = Server::start(&place, &["--max-streams", "1"]);
    let mut stream = server.connect();
    write!(stream, "GET {PATH}/stream HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(stream.try_clone().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains(" 200 "), "{line}");
    assert_eq!(server.get(&format!("{PATH}/stream"), "").0, 503);
}

#[tokio::test]
async fn it_allows_the_origins_that_it_is_told() {
    let place = migrated().await;
    let allowed = "https://one.example.org,http://localhost:3000";
    let server = Server::start(&place, &["--allow-origin", allowed, "--rate-limit", "1"]);
    let answers = (0..20).map(|_| server.get(PATH, "origin: http://localhost:3000\r\n"));
    let answers: Vec<_> = answers.collect();
    // A page reads a refusal as well, and how long it is to wait.
    assert!(answers.iter().any(|(status, ..)| *status == 429));
    for (_, head, _) in answers {
        let allowed = "access-control-allow-origin: http://localhost:3000";
        assert!(head.contains(allowed), "{head}");
    }
    let wrong = ["serve", "--allow-origin", "https://one.example.org/"];
    let wrong = place.run(&wrong).failed(2);
    assert!(wrong.contains("without a / at the end"), "{wrong}");
    let file = "[serve]\nallow-origin = ['*']";
    fs::write(place.path().join("tracker.toml"), file).unwrap();
    let wrong = place.run(&["--config", "tracker.toml", "serve"]).failed(2);
    assert!(wrong.contains("is not an origin"), "{wrong}");
}

#[tokio::test]
async fn a_server_whose_role_is_shown_no_rows_is_not_ready() {
    let database = TestDatabase::create().await;
    let owner = Place::at(database.url());
    owner.run(&["migrate"]).printed();
    let console = database
        .create_role(
            "GRANT USAGE ON SCHEMA turbobackend TO {role};
            GRANT SELECT ON turbobackend.project_actions TO {role}",
        )
        .await;
    let place = Place::at(&console);
    let server = Server::start(&place, &[]);
    assert_eq!(server.get("/readyz", "").0, 200);
    let client = database.connect().await;
    client
        .batch_execute("ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY")
        .await
        .unwrap();
    wait_until(LIMIT, "it is found out", || {
        server.get("/readyz", "").0 == 503
    });
    client
        .batch_execute(
            "CREATE POLICY all_read ON turbobackend.project_actions FOR SELECT USING (true)",
        )
        .await
        .unwrap();
    wait_until(LIMIT, "it is ready again", || {
        server.get("/readyz", "").0 == 200
    });
}
