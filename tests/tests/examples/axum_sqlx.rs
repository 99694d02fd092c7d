//! `examples/axum-sqlx`: no order without its activity, and a console behind the shop's own login.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::task::block_in_place;
use tracker_core::PostgresStore;
use tracker_tests::{
    examples::{standalone_example, workspace},
    http::{Answer, send},
    postgres::TestDatabase,
    running::{Running, Signal},
    service::{LISTENING, Service},
};

use super::{reference, timeline};

const ORDERS: &str = "/shops/books/orders";
const ACTIVITIES: &str = "/tracker/api/projects/books/activities";
const NAMES: &str = "/tracker/api/projects/books/names?user=user_ada&user=user_grace";

/// Starts the shop with the users of its demo.
async fn shop(database: &TestDatabase) -> (Running, Service) {
    let program = block_in_place(|| standalone_example("axum-sqlx"));
    let program = Running::start("shop", &program, LISTENING, |command| {
        command
            .env("LISTEN", "127.0.0.1:0")
            .env("DATABASE_URL", database.url());
    });
    let demo = std::fs::read_to_string(workspace().join("examples/axum-sqlx/demo.sql")).unwrap();
    let client = database.connect().await;
    client.batch_execute(&demo).await.unwrap();
    let service = Service::of(&program);
    (program, service)
}

/// Logs in, and returns the session's cookie.
async fn log_in(service: &Service, key: &str) -> String {
    let request = service.to("POST", "/login");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = send(request.body(format!("key={key}").into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

async fn get(service: &Service, path: &str, cookie: &str) -> Answer {
    let request = service.to("GET", path).header("cookie", cookie);
    let request = request.body(axum::body::Body::empty());
    send(request.unwrap()).await
}

async fn order(service: &Service, cookie: &str, order: &Value) -> Answer {
    let request = service.to("POST", ORDERS).header("cookie", cookie);
    let request = request.header("content-type", "application/json");
    send(request.body(order.to_string().into()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_and_its_activity_are_one_and_members_alone_see_them() {
    let database = TestDatabase::create().await;
    let (mut program, service) = shop(&database).await;
    let ada = log_in(&service, "key-of-ada").await;
    let grace = log_in(&service, "key-of-grace").await;

    let lem = json!({ "item": "Lem", "quantity": 2 });
    let placed = order(&service, &ada, &lem).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{placed:?}");
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    // The database refuses the order, a stranger is no member, and nobody is logged in.
    let none = json!({ "item": "Lem", "quantity": 0 });
    for (cookie, body, status) in [
        (&*ada, &none, StatusCode::INTERNAL_SERVER_ERROR),
        (&*grace, &lem, StatusCode::NOT_FOUND),
        ("session=none", &lem, StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(order(&service, cookie, body).await.status, status);
    }

    // The console is behind the same login.
    let seen = get(&service, ACTIVITIES, &ada).await.json();
    assert_eq!(seen["data"][0]["reference_ids"]["order_id"], *id);
    assert_eq!(seen["data"].as_array().unwrap().len(), 1);
    let hidden = get(&service, ACTIVITIES, &grace).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    let unknown = get(&service, ACTIVITIES, "session=none").await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    assert!(unknown.text().contains("/login"), "{unknown:?}");
    let names = get(&service, NAMES, &ada).await;
    assert!(names.text().contains("Ada Lovelace"), "{names:?}");
    assert!(!names.text().contains("Grace"), "{names:?}");

    // Without its activity there is no order.
    let client = database.connect().await;
    let refuse = "ALTER TABLE turbobackend.project_actions ADD CHECK (false) NOT VALID";
    client.batch_execute(refuse).await.unwrap();
    let untracked = order(&service, &ada, &lem).await;
    assert_eq!(untracked.status, StatusCode::INTERNAL_SERVER_ERROR);
    program.stop(Signal::INT);

    let orders = client.query("SELECT id::text FROM orders", &[]).await;
    let orders = orders.unwrap();
    let stored: Vec<String> = orders.iter().map(|row| row.get(0)).collect();
    assert_eq!(stored, [&*id]);
    let store = PostgresStore::new(database.url()).unwrap();
    let [activity] = &*timeline(&store, "books").await else {
        panic!("not one activity");
    };
    assert_eq!(activity.action_type.as_deref(), Some("order_placed"));
    assert_eq!(activity.action_details.as_deref(), Some("ordered 2 × Lem"));
    assert_eq!(activity.user_id.as_deref(), Some("user_ada"));
    assert!(activity.request_id.is_some());
    assert_eq!(reference(activity, "order_id"), id);
}
