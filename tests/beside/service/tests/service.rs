//! An order and its activity are stored together or not at all, with each driver.

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::CONTENT_TYPE},
};
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool},
};
use order_service::MIGRATIONS;
use sqlx::PgPool;
use tower::ServiceExt;
use tracker_core::{PostgresStore, Store, Tracker};
use tracker_tests::postgres::TestDatabase;

/// Creates a database with the tables of the service and of the tracker, and returns it with the
/// URL of a role. The role may insert orders and has the additional `grants`.
async fn database(grants: &str) -> (TestDatabase, String) {
    let database = TestDatabase::create().await;
    let pool = PgPool::connect(database.url()).await.unwrap();
    MIGRATIONS.run(&pool).await.unwrap();
    pool.close().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let grants = format!(
        "GRANT INSERT, SELECT ON orders TO {{role}}; \
         GRANT USAGE ON SCHEMA turbobackend TO {{role}}; {grants}"
    );
    let url = database.create_role(&grants).await;
    (database, url)
}

/// Returns a tracker whose own store is the database, in the role of the service.
fn tracker(url: &str) -> Tracker {
    let store = PostgresStore::new(url).unwrap();
    Tracker::builder().store(store).build().unwrap()
}

async fn by_sqlx(url: &str) -> Router {
    let pool = PgPool::connect(url).await.unwrap();
    order_service::with_sqlx::Orders::new(pool, tracker(url)).router()
}

async fn by_sea_orm(url: &str) -> Router {
    let database = sea_orm::Database::connect(url).await.unwrap();
    order_service::with_sea_orm::Orders::new(database, tracker(url)).router()
}

async fn by_diesel(url: &str) -> Router {
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
    let pool = deadpool::Pool::builder(manager).build().unwrap();
    order_service::with_diesel::Orders::new(pool, tracker(url)).router()
}

async fn place_an_order(service: Router) -> StatusCode {
    let request = Request::post("/orders")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(
            r#"{"project_id": "project_7", "lines": [{"item": "chair"}]}"#,
        ))
        .unwrap();
    service.oneshot(request).await.unwrap().status()
}

/// Returns the number of orders, of activities, and of activities that reference an order.
async fn counts(database: &TestDatabase) -> (i64, i64, i64) {
    let sql = "SELECT (SELECT count(*) FROM orders),
                      (SELECT count(*) FROM turbobackend.project_actions),
                      (SELECT count(*) FROM turbobackend.project_actions, orders
                       WHERE reference_ids ->> 'order_id' = id::text
                         AND (project_id, action_type) = ('project_7', 'order_placed'))";
    let row = database.connect().await.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2))
}

async fn an_order_is_committed_with_its_activity(service: impl AsyncFn(&str) -> Router) {
    let grants = "GRANT INSERT ON turbobackend.project_actions TO {role}";
    let (database, url) = database(grants).await;
    assert_eq!(
        place_an_order(service(&url).await).await,
        StatusCode::CREATED
    );
    assert_eq!(counts(&database).await, (1, 1, 1));
}

async fn without_the_right_to_insert_activities_no_order_is_placed(
    service: impl AsyncFn(&str) -> Router,
) {
    let (database, url) = database("").await;
    let service = service(&url).await;
    for _ in 0..2 {
        let status = place_an_order(service.clone()).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert_eq!(counts(&database).await, (0, 0, 0));
}

macro_rules! tests {
    ($($driver:ident: $service:ident),*) => {$(
        mod $driver {
            #[tokio::test]
            async fn an_order_is_committed_with_its_activity() {
                super::an_order_is_committed_with_its_activity(super::$service).await;
            }

            #[tokio::test]
            async fn without_the_right_to_insert_activities_no_order_is_placed() {
                let service = super::$service;
                super::without_the_right_to_insert_activities_no_order_is_placed(service).await;
            }
        }
    )*};
}

tests!(with_diesel: by_diesel, with_sea_orm: by_sea_orm, with_sqlx: by_sqlx);
