//! The program of the guide's first page, as a process.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};
use tracker_tests::postgres::TestDatabase;

const LIMIT: Duration = Duration::from_mins(1);

/// Starts the service, and returns it with its address.
async fn start(url: &str) -> (Child, String) {
    let mut service = Command::new(env!("CARGO_BIN_EXE_first_service"))
        .envs([("DATABASE_URL", url), ("LISTEN", "127.0.0.1:0")])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(service.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("an address");
        if let Some(address) = line.strip_prefix("listening on http://") {
            break address.to_owned();
        }
    };
    (service, address)
}

/// Sends a request without a body, and returns the answer.
async fn post(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Ends the service as Ctrl-C does, and waits for it.
async fn interrupt(mut service: Child) {
    let id = service.id().expect("it runs").to_string();
    let kill = Command::new("kill").args(["-INT", &id]).status().await;
    assert!(kill.unwrap().success());
    assert!(service.wait().await.unwrap().success());
}

#[tokio::test]
async fn an_interrupted_service_has_delivered_the_activity_of_its_order() {
    let database = TestDatabase::create().await;
    let test = async {
        let (service, address) = start(database.url()).await;
        let answer = post(&address, "/projects/project_7/orders/chair").await;
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        assert!(answer.ends_with("order 1\n"), "{answer}");
        interrupt(service).await;
    };
    timeout(LIMIT, test).await.expect("the service answers");

    let sql = "SELECT project_id, user_id, action_type, action_details, status, environment,
                      reference_ids ->> 'order_id', length(request_id)
               FROM turbobackend.project_actions";
    let row = database.connect().await.query_one(sql, &[]).await.unwrap();
    let texts: Vec<&str> = (0..7).map(|column| row.get(column)).collect();
    assert_eq!(
        texts,
        [
            "project_7",
            "user_1",
            "order_placed",
            "ordered chair",
            "success",
            "production",
            "1"
        ]
    );
    assert_eq!(row.get::<_, i32>(7), 36, "a UUID");
}
