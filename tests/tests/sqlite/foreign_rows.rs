//! Rows that other programs wrote to the SQLite file.

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tracker_core::{
    Activity, SqliteStore, Status, Store,
    timeline::{Arrivals, Order, Query},
};

/// Creates a migrated store with these rows in its table.
async fn store_with(rows: &str) -> (TempDir, SqliteStore) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(rows).unwrap();
    (directory, store)
}

async fn paged(store: &SqliteStore, limit: u32) -> Vec<Activity> {
    paged_in(store, limit, Order::Newest).await
}

async fn paged_in(store: &SqliteStore, limit: u32, order: Order) -> Vec<Activity> {
    let mut query = Query::project("p").limit(limit).order(order);
    let mut found = Vec::new();
    for _ in 0..100 {
        let page = store.timeline(query.clone()).await.unwrap();
        found.extend(page.activities);
        match page.next {
            Some(next) => query = query.after(next),
            None => return found,
        }
    }
    panic!("a cursor leads back");
}

#[tokio::test]
async fn reference_ids_of_any_kind_read_back() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let sqlites = [
        ("NULL", json!({})),
        ("'{}'", json!({})),
        (
            "'{\"n\": 1, \"deep\": {\"x\": [true]}}'",
            json!({"n": 1, "deep": {"x": [true]}}),
        ),
        ("'[1, 2]'", json!([1, 2])),
        ("'null'", json!({})),
        ("'{\"cut off'", json!("{\"cut off")),
        ("''", json!("")),
        ("'{1: 2}'", json!("{1: 2}")),
        ("17", json!(17)),
        ("1.5", json!(1.5)),
        ("9e999", json!("Inf")),
        ("jsonb('{\"a\": \"b\"}')", json!({"a": "b"})),
        ("CAST('{\"a\": \"b\"}' AS BLOB)", json!({"a": "b"})),
        ("x'ff00'", json!("\u{FFFD}\0")),
        (
            "CAST(x'7b2261223a22636166e9227d' AS TEXT)",
            json!({"a": "caf\u{FFFD}"}),
        ),
        (&format!("'{deep}'"), Value::String(deep.clone())),
    ];
    for (sql, expected) in sqlites {
        let (_directory, store) = store_with(&format!(
            "INSERT INTO project_actions (action_id, project_id, reference_ids) VALUES ('a', 'p', {sql})"
        ))
        .await;
        let found = paged(&store, 10).await;
        assert_eq!(found[0].reference_ids.to_json(), expected, "{sql}");
    }
}

#[tokio::test]
async fn numbers_in_reference_ids_keep_every_digit() {
    let text = r#"{"a":-9.4131967778705e-310,"b":[12345678901234567890123,{"c":-0}],"d":1e400,"e":1.0,"f":1}"#;
    let (_directory, store) = store_with(&format!(
        "INSERT INTO project_actions (action_id, project_id, reference_ids) VALUES
             ('text', 'p', '{text}'), ('blob', 'p', CAST('{text}' AS BLOB)), ('jsonb', 'p', jsonb('{text}'))"
    ))
    .await;
    let found = paged(&store, 10).await;
    assert_eq!(found.len(), 3);
    for mut activity in found {
        let read = serde_json::to_string(&activity.reference_ids).unwrap();
        assert_eq!(read, text, "{}", activity.action_id);
        activity.project_id = Some("q".to_owned());
        activity.action_id += " again";
        store.write(vec![activity].into()).await.unwrap();
    }
    let again = store.timeline(Query::project("q")).await.unwrap();
    for activity in again.activities {
        assert_eq!(
            serde_json::to_string(&activity.reference_ids).unwrap(),
            text
        );
    }
}

#[tokio::test]
async fn text_columns_with_any_value_read_back() {
    let (_directory, store) = store_with(
        "INSERT INTO project_actions VALUES
             ('only the ID', 'p', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
             (17, 'p', 18, 1.5, x'ff', x'616263', 'of its own', CAST(x'61ff' AS TEXT), '{}', 1)",
    )
    .await;
    let found = paged(&store, 1).await;
    let odd = &found[0];
    assert_eq!(odd.action_id, "17");
    assert_eq!(odd.user_id.as_deref(), Some("18"));
    assert_eq!(odd.request_id.as_deref(), Some("1.5"));
    assert_eq!(odd.action_type.as_deref(), Some("\u{FFFD}"));
    assert_eq!(odd.action_details.as_deref(), Some("abc"));
    assert_eq!(odd.status, Some(Status::Other("of its own".into())));
    assert_eq!(odd.environment.as_deref(), Some("a\u{FFFD}"));
    assert_eq!(found[1].action_id, "only the ID");
    assert_eq!(found[1].status, None);
}

#[tokio::test]
async fn a_time_that_is_no_integer_is_none_and_no_page_repeats_or_skips_its_row() {
    let (_directory, store) = store_with(
        "INSERT INTO project_actions (action_id, project_id, created_at) VALUES
             ('a', 'p', 'yesterday'), ('b', 'p', NULL), ('c', 'p', 5), ('d', 'p', '6'),
             ('e', 'p', 5.5), ('f', 'p', x'00'), ('g', 'p', 9e999), ('h', 'p', 7.0),
             ('i', 'p', '2030-01-01T00:00:00Z'), ('j', 'p', -1)",
    )
    .await;
    for limit in 1..12 {
        let found = paged(&store, limit).await;
        let ids: Vec<_> = found.iter().map(|activity| &*activity.action_id).collect();
        let expected = ["h", "d", "c", "j", "i", "g", "f", "e", "b", "a"];
        assert_eq!(ids, expected, "limit {limit}");
        let times: Vec<_> = found
            .iter()
            .map_while(|activity| activity.created_at)
            .collect();
        assert_eq!(times, [7, 6, 5, -1]);
    }
}

#[tokio::test]
async fn a_row_that_nothing_can_name_is_on_no_timeline() {
    let (_directory, store) = store_with(
        "INSERT INTO project_actions (action_id, project_id, created_at) VALUES
             (x'00', 'p', 3), ('a', 'p', 2), (x'ff', 'p', NULL)",
    )
    .await;
    for limit in 1..4 {
        assert_eq!(paged(&store, limit).await.len(), 1);
    }
}

#[tokio::test]
async fn an_id_that_is_no_utf8_leads_no_page_back_or_past_others() {
    let mut rows = Vec::new();
    for number in 0..20 {
        // The bytes sort before and after U+FFFD, which replaces them.
        for byte in ["80", "ff"] {
            let id = format!("CAST(x'{:02x}{byte}' AS TEXT)", b'a' + number);
            rows.push(format!("({id}, 'p', {number}), ({id} || 'x', 'p', NULL)"));
        }
        let id = char::from(b'a' + number);
        rows.push(format!("('{id}', 'p', {number}), ('{id}{id}', 'p', NULL)"));
    }
    let rows = rows.join(", ");
    let insert = "INSERT INTO project_actions (action_id, project_id, created_at) VALUES";
    let (directory, store) = store_with("").await;
    let after = store.watermarks().await.unwrap().settled;
    let path = directory.path().join("tracker.db");
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(&format!("{insert} {rows}"))
        .unwrap();
    for limit in [1, 2, 3, 7, 100] {
        for order in [Order::Newest, Order::Oldest] {
            let found = paged_in(&store, limit, order).await;
            let mut ids: Vec<_> = found.iter().map(|row| &*row.action_id).collect();
            assert!(ids.iter().all(|id| id.is_ascii()), "{ids:?}");
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 40);
        }
        let mut all = Vec::new();
        loop {
            let last = all.last().map(|row: &Activity| row.action_id.clone());
            let rows = store.scan(last, limit).await.unwrap();
            if rows.is_empty() {
                break;
            }
            all.extend(rows);
            assert!(all.len() <= 40);
        }
        assert_eq!(all.len(), 40);
    }
    let until = store.watermarks().await.unwrap().settled;
    let arrivals = Arrivals::new(vec!["p".into()], after, until).created_after(0);
    // Rows without a time are not among the arrivals after a time.
    assert_eq!(store.arrivals(arrivals).await.unwrap().len(), 20);
}
