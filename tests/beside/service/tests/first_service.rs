//! The program of the guide's first page, as a process.

use std::path::Path;

use axum::http::StatusCode;
use tracker_tests::{
    postgres::TestDatabase,
    running::{Running, Signal},
    service::{LISTENING, Service},
};

#[tokio::test]
async fn an_interrupted_service_has_delivered_the_activity_of_its_order() {
    let database = TestDatabase::create().await;
    let program = Path::new(env!("CARGO_BIN_EXE_first_service"));
    let mut program = Running::start("orders", program, LISTENING, |command| {
        command.envs([("DATABASE_URL", database.url()), ("LISTEN", "127.0.0.1:0")]);
    });
    let service = Service::of(&program);
    let answer = service
        .ask("POST", "/projects/project_7/orders/chair")
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.text(), "order 1\n");
    program.stop(Signal::INT);

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
