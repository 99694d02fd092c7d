//! Counts by day, in the viewer's zone.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tracker_core::Status;

use super::{PATH, row, with};

#[tokio::test]
async fn days_are_counted_by_type_in_the_offset_that_is_asked_for() {
    let mut push = row("c", 86_400_000);
    push.action_type = Some("github_push".into());
    push.status = Some(Status::Cancelled);
    let api = with(vec![
        row("a", 0),
        row("b", 86_399_999),
        push,
        row("d", None),
    ])
    .await;
    let stats = api.json(&format!("{PATH}/stats?utc_offset=%2B02:00")).await;
    assert_eq!(
        stats,
        json!({
            "utc_offset": "+02:00",
            "days": [
                { "date": "1970-01-01", "total": 1, "failures": 0, "action_types": [
                    { "action_type": "deployment", "action_label": "Deployment", "count": 1, "failures": 0 },
                ] },
                { "date": "1970-01-02", "total": 2, "failures": 1, "action_types": [
                    { "action_type": "deployment", "action_label": "Deployment", "count": 1, "failures": 0 },
                    { "action_type": "github_push", "action_label": "GitHub push", "count": 1, "failures": 1 },
                ] },
            ],
            "hours": [],
            "undated": { "total": 1, "failures": 0, "action_types": [
                { "action_type": "deployment", "action_label": "Deployment", "count": 1, "failures": 0 },
            ] },
        })
    );
}

/// 2026-10-30, noon in New York.
const FRIDAY_NOON: i64 = 1_793_376_000_000;

const HOUR: i64 = 3_600_000;

fn totals(stats: &Value) -> Vec<(&str, u64)> {
    let days = stats["days"].as_array().unwrap().iter();
    days.map(|day| {
        (
            day["date"].as_str().unwrap(),
            day["total"].as_u64().unwrap(),
        )
    })
    .collect()
}

/// Clocks in New York are four hours behind UTC until 2026-11-01, 02:00, and five from then on.
#[tokio::test]
async fn days_of_a_zone_have_the_hours_that_its_clocks_give_them() {
    let saturday = FRIDAY_NOON + 12 * HOUR;
    let sunday = saturday + 24 * HOUR;
    let monday = sunday + 25 * HOUR;
    let api = with(vec![
        row("friday noon", FRIDAY_NOON),
        row("friday, the last moment", saturday - 1),
        row("saturday, the first", saturday),
        row("saturday, the last", sunday - 1),
        row("sunday, the first", sunday),
        row("sunday, 01:30", sunday + HOUR + HOUR / 2),
        row("sunday, 01:30 again", sunday + 2 * HOUR + HOUR / 2),
        row("sunday, the last", monday - 1),
        row("monday, the first", monday),
    ])
    .await;
    let stats = api
        .json(&format!("{PATH}/stats?time_zone=America/New_York"))
        .await;
    assert_eq!(stats["time_zone"], "America/New_York");
    assert!(stats.get("utc_offset").is_none());
    assert_eq!(
        totals(&stats),
        [
            ("2026-10-30", 2),
            ("2026-10-31", 2),
            ("2026-11-01", 4),
            ("2026-11-02", 1),
        ]
    );
    let filtered = format!("{PATH}/stats?time_zone=America/New_York&created_after={sunday}");
    let stats = api.json(&filtered).await;
    assert_eq!(totals(&stats), [("2026-11-01", 4), ("2026-11-02", 1)]);
    // A day in spring has 23 hours.
    let spring = 1_772_946_000_000;
    let api = with(vec![
        row("the last of the day before", spring - 1),
        row("the first", spring),
        row("the last", spring + 23 * HOUR - 1),
        row("the first of the day behind", spring + 23 * HOUR),
    ])
    .await;
    let stats = api
        .json(&format!("{PATH}/stats?time_zone=America%2FNew_York"))
        .await;
    assert_eq!(
        totals(&stats),
        [("2026-03-07", 1), ("2026-03-08", 2), ("2026-03-09", 1)]
    );
}

/// Clocks in New York are put back at 02:00; in Kathmandu they are 5 hours and 45 minutes ahead.
#[tokio::test]
async fn hours_begin_by_the_clocks_and_one_that_comes_twice_is_two() {
    let one = 1_793_509_200_000;
    let mut failed = row("01:30 again", one + HOUR + HOUR / 2);
    failed.status = Some(Status::Failure);
    let api = with(vec![
        row("00:59", one - 1),
        row("01:00", one),
        row("01:30", one + HOUR / 2),
        failed,
        row("02:00", one + 2 * HOUR),
        row("before", one - 2 * HOUR),
        row("untimed", None),
    ])
    .await;
    let range = format!(
        "bucket=hour&created_after={}&created_before={}",
        one - HOUR,
        one + 30 * 24 * HOUR
    );
    let hours = async |zone: &str| {
        let stats = api
            .json(&format!("{PATH}/stats?{range}&time_zone={zone}"))
            .await;
        assert_eq!(stats["days"], json!([]));
        assert_eq!(stats["undated"]["total"], 0);
        let hours = stats["hours"].as_array().unwrap().iter();
        let hours = hours
            .map(|hour| ["start", "total", "failures"].map(|field| hour[field].as_i64().unwrap()));
        hours.collect::<Vec<_>>()
    };
    assert_eq!(
        hours("America/New_York").await,
        [
            [one - HOUR, 1, 0],
            [one, 2, 0],
            [one + HOUR, 1, 1],
            [one + 2 * HOUR, 1, 0],
        ]
    );
    let quarter = HOUR / 4;
    assert_eq!(
        hours("Asia/Kathmandu").await,
        [
            [one - 3 * quarter, 2, 0],
            [one + quarter, 1, 0],
            [one + 5 * quarter, 2, 1],
        ]
    );
}

#[tokio::test]
async fn hours_are_counted_in_a_range_of_31_days_at_most() {
    let api = with(vec![row("a", 1)]).await;
    let most = 31 * 24 * HOUR;
    for (query, parameter) in [
        ("bucket=hour".to_owned(), "created_after"),
        ("bucket=hour&created_after=0".to_owned(), "created_before"),
        (
            format!("bucket=hour&created_after=0&created_before={}", most + 1),
            "bucket",
        ),
        ("bucket=minute".to_owned(), "bucket"),
        ("place=there".to_owned(), "place"),
        ("place=Ny4x".to_owned(), "place"),
        ("place=Ny4x.0".to_owned(), "place"),
    ] {
        let answer = api.get(&format!("{PATH}/stats?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
    let query = format!("bucket=hour&created_after=0&created_before={most}");
    let stats = api.json(&format!("{PATH}/stats?{query}")).await;
    assert_eq!(stats["hours"][0]["total"], 1);
}

#[tokio::test]
async fn times_that_no_calendar_has_are_undated() {
    let mut failed = row("c", i64::MAX);
    failed.status = Some(Status::Panicked);
    let api = with(vec![
        row("a", None),
        // In the year 82269.
        row("b", 2_534_000_000_000_000),
        failed,
        row("d", i64::MIN),
        row("e", 0),
    ])
    .await;
    let stats = api.json(&format!("{PATH}/stats")).await;
    assert_eq!(totals(&stats), [("1970-01-01", 1)]);
    let undated = &stats["undated"];
    assert_eq!(
        (&undated["total"], &undated["failures"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(undated["action_types"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_zone_that_is_none_is_named() {
    let api = with(vec![row("a", 1)]).await;
    for (query, parameter) in [
        ("time_zone=", "time_zone"),
        ("time_zone=Mars/Base", "time_zone"),
        ("time_zone=%2B02:00", "time_zone"),
        ("time_zone=UTC&time_zone=UTC", "time_zone"),
        ("time_zone=UTC&utc_offset=Z", "utc_offset"),
        ("utc_offset=25", "utc_offset"),
    ] {
        let answer = api.get(&format!("{PATH}/stats?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["parameter"], parameter, "{query}");
    }
}
