//! `#[test]` of `sqlx`, above.

use tracker_core::tracked;

#[sqlx::test]
#[tracked(action = "deployment", record = "always")]
async fn deploy(pool: sqlx::SqlitePool) -> Result<(), String> {
    let one: i64 = sqlx::query_scalar("SELECT 1")
        .fetch_one(&pool)
        .await
        .map_err(|error| error.to_string())?;
    assert_eq!(one, 1);
    cases::work_of_test()
}

#[test]
fn report() {
    cases::report_test(|| deploy().is_ok());
}
