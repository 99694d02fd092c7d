//! Pages of blocks: the activities of each request together.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tracker_core::Status;

use super::{PATH, row, with};

fn in_request(id: &str, at: impl Into<Option<i64>>, request: &str) -> tracker_core::Activity {
    row(id, at).request_id(request)
}

/// The blocks of a page, each as its request and the IDs of its activities.
fn blocks(page: &Value) -> Vec<(Option<&str>, Vec<&str>)> {
    let blocks = page["blocks"].as_array().unwrap().iter();
    blocks
        .map(|block| {
            let activities = block["activities"].as_array().unwrap().iter();
            let ids = activities.map(|row| row["action_id"].as_str().unwrap());
            (block["request_id"].as_str(), ids.collect())
        })
        .collect()
}

#[tokio::test]
async fn a_block_has_its_request_its_times_its_failures_and_its_activities() {
    let mut failed = in_request("b", 20, "req_1");
    failed.status = Some(Status::Failure);
    let mut panicked = in_request("c", 30, "req_1");
    panicked.status = Some(Status::Panicked);
    let mut odd = in_request("d", None, "req_1");
    odd.status = Some(Status::Other("on hold".into()));
    let mut cancelled = row("e", 25);
    cancelled.status = Some(Status::Cancelled);
    let rows = vec![
        in_request("a", 10, "req_1"),
        failed,
        panicked,
        odd,
        cancelled,
    ];
    let api = with(rows).await;
    let page = api.json(&format!("{PATH}?group=request")).await;
    let mut expected = Vec::new();
    for id in ["d", "a", "b", "c"] {
        expected.push(api.json(&format!("{PATH}/{id}")).await);
    }
    let alone = api.json(&format!("{PATH}/e")).await;
    assert_eq!(
        page,
        json!({
            "blocks": [
                {
                    "request_id": "req_1", "first_at": 10, "last_at": 30, "count": 4, "failures": 2,
                    "has_more": false, "activities": expected,
                },
                {
                    "request_id": null, "first_at": 25, "last_at": 25, "count": 1, "failures": 1,
                    "has_more": false, "activities": [alone],
                },
            ],
            "next_cursor": null,
        })
    );
}

#[tokio::test]
async fn pages_of_blocks_are_linked_and_filtered_in_either_order() {
    let rows = (0..9_i64).map(|n| {
        let request = if n % 3 == 0 { "long" } else { "short" };
        let mut row = in_request(&n.to_string(), n, request);
        if n == 0 {
            row.request_id = None;
        }
        row
    });
    let api = with(rows.collect()).await;
    for (order, expected) in [
        (
            "newest",
            vec![
                (Some("short"), vec!["1", "2", "4", "5", "7", "8"]),
                (Some("long"), vec!["3", "6"]),
                (None, vec!["0"]),
            ],
        ),
        (
            "oldest",
            vec![
                (None, vec!["0"]),
                (Some("long"), vec!["3", "6"]),
                (Some("short"), vec!["1", "2", "4", "5", "7", "8"]),
            ],
        ),
    ] {
        let first = format!("{PATH}?group=request&limit=2&order={order}");
        let mut path = first.clone();
        let mut pages = Vec::new();
        loop {
            let answer = api.get(&path).await;
            let page = answer.json();
            let is_last = page["next_cursor"].is_null();
            pages.push(page);
            assert_eq!(answer.headers.contains_key("link"), !is_last);
            if is_last {
                break;
            }
            let link = answer.header("link");
            let next = link.strip_prefix('<').unwrap();
            let next = next.strip_suffix(">; rel=\"next\"").unwrap();
            assert!(next.contains("group=request"), "{next}");
            path = format!("{PATH}{next}");
        }
        assert_eq!(pages.len(), 5);
        let found: Vec<_> = pages.iter().flat_map(blocks).collect();
        assert_eq!(found, expected, "{order}");
    }
    let filtered = format!("{PATH}?group=request&request_id=long&created_before=6");
    let page = api.json(&filtered).await;
    assert_eq!(blocks(&page), [(Some("long"), vec!["3"])]);
}

#[tokio::test]
async fn the_longest_ids_lead_from_page_to_page() {
    let id = |number: i64| format!("{}{number}", "𝒳".repeat(254));
    let rows = (0..3).map(|number| in_request(&id(number), number, &id(number)));
    let api = with(rows.collect()).await;
    for group in ["", "&group=request"] {
        let mut path = format!("{PATH}?limit=1{group}");
        for _ in 0..2 {
            let page = api.json(&path).await;
            let cursor = page["next_cursor"].as_str().unwrap();
            path = format!("{PATH}?limit=1{group}&cursor={cursor}");
        }
        let last = api.json(&path).await;
        assert_eq!(last["next_cursor"], Value::Null);
        assert!(last.to_string().contains(&id(0)), "{last}");
    }
}

#[tokio::test]
async fn a_page_of_blocks_is_known_by_its_tag_until_one_of_its_activities_arrives() {
    let store = tracker_core::MemoryStore::new();
    let write = |id: &'static str, at: i64| {
        tracker_core::Store::write(&store, vec![in_request(id, at, "req_1")].into())
    };
    write("a", 10).await.unwrap();
    let api = tracker_tests::api::Api::open(store.clone());
    let path = format!("{PATH}?group=request");
    let tag = api.get(&path).await.header("etag").to_owned();
    let again = async || {
        let known = ("if-none-match", &*tag);
        api.get_with(&path, &[known]).await.status
    };
    assert_eq!(again().await, StatusCode::NOT_MODIFIED);
    // A late one of the same request moves nothing, and is in the block all the same.
    write("b", 5).await.unwrap();
    assert_eq!(again().await, StatusCode::OK);
}

#[tokio::test]
async fn what_makes_no_sense_beside_blocks_is_refused() {
    let api = with(vec![row("a", 1)]).await;
    for (query, name) in [
        ("group=user", "group"),
        ("group=request&offset=1", "offset"),
        ("group=request&include=total", "include"),
        ("group=request&cursor=MS5h", "cursor"),
    ] {
        let answer = api.get(&format!("{PATH}?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["parameter"], name, "{query}");
    }
}
