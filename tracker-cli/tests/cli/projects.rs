//! `tracker projects`.

use std::fs;

use serde_json::{Value, json};
use time::OffsetDateTime;
use tracker_core::{Activity, Status};

use crate::{
    serve::{Server, entry},
    support::{Place, numbered, parsed},
};

fn now_ms() -> i64 {
    let now = OffsetDateTime::now_utc().unix_timestamp_nanos();
    i64::try_from(now / 1_000_000).unwrap()
}

fn rows_of(project_id: &str, times: &[i64]) -> Vec<Activity> {
    let rows = times.iter().enumerate();
    let rows = rows.map(|(number, at)| {
        let mut row = numbered(0).project_id(project_id);
        row.action_id = format!("{project_id}-{number}");
        row.created_at = Some(*at);
        row
    });
    rows.collect()
}

#[tokio::test]
async fn a_pipe_gets_a_line_of_json_for_each_project() {
    for place in Place::of_each_kind().await {
        let now = now_ms();
        let mut rows = rows_of("project_7", &[now, now - 1, 7]);
        rows[1] = rows[1].clone().status(Status::Panicked);
        rows.extend(rows_of("Website", &[7]));
        place.write(rows).await;
        let mut found: Vec<Value> = parsed(&place.run(&["projects"]).printed());
        found.sort_by_key(|line| line["project_id"].to_string());
        assert_eq!(
            found,
            [
                json!({
                    "project_id": "Website", "last_activity_at": 7,
                    "activities_30_days": 0, "failures_30_days": 0, "is_capped": false,
                }),
                json!({
                    "project_id": "project_7", "last_activity_at": now,
                    "activities_30_days": 2, "failures_30_days": 1, "is_capped": false,
                }),
            ]
        );
        let found: Vec<Value> = parsed(&place.run(&["projects", "--search", "wEB"]).printed());
        assert_eq!(found.len(), 1);
        assert_eq!(place.run(&["projects", "-s", "no such"]).printed(), "");
    }
}

#[tokio::test]
async fn all_projects_are_more_than_a_page() {
    for place in Place::of_each_kind().await {
        let ids: Vec<_> = (0..450)
            .map(|number| format!("project_{number:03}"))
            .collect();
        let rows = ids.iter().flat_map(|id| rows_of(id, &[7]));
        place.write(rows.collect()).await;
        for (arguments, expected) in [
            (&["projects"][..], 50),
            (&["projects", "-n", "230"], 230),
            (&["projects", "--all"], 450),
        ] {
            let found: Vec<Value> = parsed(&place.run(arguments).printed());
            let found: Vec<_> = found
                .iter()
                .map(|line| line["project_id"].as_str().unwrap())
                .collect();
            assert_eq!(found, ids[..expected], "{arguments:?}");
        }
    }
}

#[tokio::test]
async fn a_terminal_gets_a_table_of_projects() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let empty = place.in_terminal("projects", "").printed();
    assert!(empty.starts_with("no such projects in "), "{empty}");
    let mut untimed = rows_of("untimed\u{1b}[31m", &[0]);
    untimed[0].created_at = None;
    let rows = [rows_of("project_7", &[1_795_507_291_000]), untimed];
    place.write(rows.concat()).await;
    let shown = place.in_terminal("projects", "").printed();
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(
        lines[0],
        "PROJECT       LAST ACTIVITY (UTC)  IN 30 DAYS  FAILED"
    );
    assert!(
        lines[1].starts_with("project_7     2026-11-24 08:01:31  "),
        "{shown}"
    );
    assert!(lines[2].starts_with("untimed\u{FFFD}[31m "), "{shown}");
    let one = place.in_terminal("projects -n 1", "").printed();
    assert!(
        one.ends_with("there are more: --limit N, or --all\n"),
        "{one}"
    );
}

#[tokio::test]
async fn a_token_for_two_projects_of_a_thousand_lists_two() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let rows = (0..1_000).flat_map(|number| rows_of(&format!("project_{number:04}"), &[7]));
    place.write(rows.collect()).await;
    let file = place.path().join("tokens.toml");
    let two = entry("a token").replace("'project_7'", "'project_0977', 'project_0003'");
    fs::write(&file, two).unwrap();
    let server = Server::start(&place, &["--tokens", file.to_str().unwrap()]);
    let bearer = "authorization: Bearer a token\r\n";
    let (status, _, body) = server.get("/api/projects?search=project", bearer);
    assert_eq!(status, 200);
    let page: Value = serde_json::from_str(&body).unwrap();
    let projects = page["projects"].as_array().unwrap().iter();
    let ids: Vec<_> = projects.map(|project| &project["project_id"]).collect();
    assert_eq!(ids, ["project_0003", "project_0977"]);
    assert_eq!(server.get("/api/projects", "").0, 401);

    let (_, _, metrics) = server.get("/metrics", "");
    let route = r#"tracker_http_requests_total{route="/api/projects",status="401"} 1"#;
    assert!(metrics.contains(route), "{metrics}");
}
