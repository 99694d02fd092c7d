//! `tracker list`.

use tracker_core::Status;
use unicode_width::UnicodeWidthStr as _;

use crate::support::{Place, ids, numbered, parsed};

#[tokio::test]
async fn a_pipe_gets_a_line_of_json_for_each_activity() {
    for place in Place::of_each_kind().await {
        let rows: Vec<_> = (0..60).map(numbered).collect();
        place.write(rows.clone()).await;
        let newest = place.run(&["list", "--project", "project_7"]).activities();
        let expected: Vec<_> = rows.iter().rev().take(50).cloned().collect();
        assert_eq!(newest, expected);
        let oldest = place.run(&["list", "-p", "project_7", "--oldest", "-n", "2"]);
        assert_eq!(ids(&oldest.activities()), ["000000", "000001"]);
        assert_eq!(place.run(&["list", "-p", "nobody"]).printed(), "");
    }
}

#[tokio::test]
async fn all_is_more_than_a_page() {
    for place in Place::of_each_kind().await {
        let rows: Vec<_> = (0..2_345).map(numbered).collect();
        place.write(rows.clone()).await;
        let all = place.run(&["list", "-p", "project_7", "--all", "--oldest"]);
        assert!(all.activities() == rows);
        let some = place.run(&["list", "-p", "project_7", "-n", "1500"]);
        assert_eq!(some.activities().len(), 1_500);
    }
}

#[tokio::test]
async fn all_projects_are_listed_together_newest_first() {
    for place in Place::of_each_kind().await {
        let mut rows: Vec<_> = (0..2_345).map(numbered).collect();
        for (number, row) in rows.iter_mut().enumerate() {
            row.project_id = (number % 3 > 0).then(|| format!("project_{}", number % 3));
        }
        place.write(rows.clone()).await;
        let newest = place.run(&["list", "-n", "3"]).activities();
        assert_eq!(ids(&newest), ["002344", "002343", "002342"]);
        let all = place.run(&["list", "--all", "--oldest"]);
        assert!(all.activities() == rows);
        let some = [
            "list",
            "--since",
            "2026-11-24T08:01:31.002Z",
            "--until",
            "2026-11-24T08:01:31.004Z",
        ];
        assert_eq!(ids(&place.run(&some).activities()), ["000003", "000002"]);
        let shown = place.run(&["list", "-n", "3", "--table"]).stdout;
        assert!(
            shown.contains("PROJECT") && shown.contains("project_2"),
            "{shown}"
        );
        let none = place.run(&["list", "--status", "failure"]);
        assert_eq!(none.printed(), "");
    }
}

#[tokio::test]
async fn each_filter_narrows_the_list() {
    for place in Place::of_each_kind().await {
        let mut odd = numbered(2)
            .status(Status::Failure)
            .environment("production")
            .request_id("req_1")
            .user_id("user_1");
        odd.action_type = Some("invoice_sent".into());
        place.write(vec![numbered(1), odd, numbered(3)]).await;
        for filter in [
            &["--action-type", "invoice_sent"][..],
            &["-t", "invoice_sent", "-t", "github_push"],
            &["--status", "failure"],
            &["--environment", "production"],
            &["--request", "req_1"],
            &["--user", "user_1"],
            &["--reference", "deployment_id:deploy_2"],
            &["--text", "API:2"],
            &[
                "--since",
                "2026-11-24T09:01:31.002+01:00",
                "--until",
                "2026-11-24T08:01:31.003Z",
            ],
        ] {
            let arguments = [&["list", "-p", "project_7"][..], filter].concat();
            let found = place.run(&arguments).activities();
            assert_eq!(ids(&found), ["000002"], "{filter:?}");
        }
        let none = place.run(&["list", "-p", "project_7", "--until", "2026-11-24"]);
        assert_eq!(none.activities(), []);
        let all = place.run(&["list", "-p", "project_7", "--since", "10000d"]);
        assert_eq!(all.activities().len(), 3);
    }
}

#[tokio::test]
async fn a_terminal_gets_a_table() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let failed = numbered(2).status(Status::Failure).request_id("req_9");
    place.write(vec![numbered(1), failed, numbered(3)]).await;
    let shown = place.in_terminal("list -p project_7 -n 2", "").printed();
    expect_test::expect![[r"
        TIME (UTC)           STATUS   ACTION      DETAILS         USER     REQUEST  REFERENCES
        2026-11-24 08:01:31  success  Deployment  deployed api:3  user_42           deployment_id=deploy_3
        2026-11-24 08:01:31  failure  Deployment  deployed api:2  user_42  req_9    deployment_id=deploy_2
        there are more: --limit N, or --all
    "]].assert_eq(&shown);
    let json = place.in_terminal("list -p project_7 --json", "").printed();
    assert_eq!(ids(&parsed(&json)), ["000003", "000002", "000001"]);
}

#[tokio::test]
async fn a_table_that_is_asked_for_in_a_pipe_has_all_of_each_text() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let long = numbered(2).details("deployed ".repeat(60) + "日本 at last");
    place.write(vec![numbered(1), long]).await;
    let run = place.run(&["list", "-p", "project_7", "--table"]);
    let table = run.printed();
    assert!(
        table.starts_with("TIME (UTC)           STATUS   ACTION"),
        "{table}"
    );
    assert!(table.contains("日本 at last"), "{table}");
    assert!(!table.contains('…'), "{table}");
    assert_eq!(table.lines().count(), 3);
    place
        .run(&["list", "-p", "project_7", "--table", "--json"])
        .failed(2);
}

#[tokio::test]
async fn a_table_fits_the_terminal_that_it_is_in() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let failed = numbered(2)
        .status(Status::Failure)
        .details("日本語のプロジェクト ".repeat(20))
        .request_id("0193a1c2-7b1e-7c44-9d0e-5f1e2d3c4b5a");
    place.write(vec![numbered(1), failed]).await;
    for columns in [40, 80, 200] {
        let list = "list -p project_7";
        let table = place.in_terminal_of(columns, list, "").printed();
        for line in table.lines() {
            assert!(line.width() <= columns, "{columns}: {line}");
        }
        assert!(table.contains("failure"), "{table}");
        let has_request = table.contains("REQUEST");
        assert_eq!(has_request, columns >= 80, "{table}");
    }
}
