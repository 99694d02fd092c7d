//! `tracker export`, and the import of its output.

use std::fs;

use tracker_core::{Activity, Status};

use tracker_tests::postgres::TestDatabase;

use crate::support::{Place, numbered, parsed};

/// Returns rows of this program and of others.
fn rows() -> Vec<Activity> {
    let mut rows: Vec<_> = (0..2_500).map(numbered).collect();
    rows[7] = numbered(7).project_id("project_8").status(Status::Failure);
    rows[8] = serde_json::from_str(r#"{"action_id":"foreign"}"#).unwrap();
    rows[9] = serde_json::from_str(
        r#"{"action_id":"odd","project_id":"project_7","status":"on \"hold\"","action_details":"a,b\nc ✓","reference_ids":[1],"created_at":-5}"#,
    )
    .unwrap();
    rows
}

fn sorted(mut rows: Vec<Activity>) -> Vec<Activity> {
    rows.sort_by(|a, b| a.action_id.cmp(&b.action_id));
    rows
}

#[tokio::test]
async fn what_is_exported_is_imported_into_another_store_once() {
    for place in Place::of_each_kind().await {
        place.write(rows()).await;
        let said = place.run(&["export", "-o", "all.jsonl"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(said.stderr, "exported 2,500 activities to all.jsonl\n");
        let exported = fs::read_to_string(place.path().join("all.jsonl")).unwrap();
        assert_eq!(place.run(&["export"]).printed(), exported);

        for other in Place::of_each_kind().await {
            let path = place.path().join("all.jsonl");
            let path = path.to_str().unwrap();
            let first = other.run(&["import", path]).printed();
            assert_eq!(first, "imported 2,500 new activities\n");
            let again = other.run_with(&["import"], exported.as_bytes()).printed();
            assert_eq!(
                again,
                "imported 0 new activities; 2,500 were there already\n"
            );
            let arrived = sorted(other.run(&["export"]).activities());
            assert!(arrived == sorted(rows()));
        }
    }
}

#[tokio::test]
async fn numbers_of_other_programs_are_exported_and_imported_digit_by_digit() {
    // JSONB keeps these numbers, too.
    let references = r#"{"a":12345678901234567890123,"b":[0.10,{"c":-9007199254740993}]}"#;
    let line = format!(
        r#"{{"action_id":"a","project_id":"p","user_id":null,"request_id":null,"action_type":null,"action_details":null,"status":null,"environment":null,"reference_ids":{references},"created_at":7}}"#
    ) + "\n";
    for place in Place::of_each_kind().await {
        place.run_with(&["import"], line.as_bytes()).printed();
        assert_eq!(place.run(&["export"]).printed(), line);
        let list = place.run(&["list", "-p", "p", "--json"]).printed();
        assert_eq!(list, line);
        let csv = place.run(&["export", "--format", "csv"]).printed();
        let quoted = references.replace('"', "\"\"");
        assert!(
            csv.ends_with(&format!(",\"{quoted}\",7,1970-01-01T00:00:00.007Z\n")),
            "{csv}"
        );
        let shown = place.in_terminal("list -p p", "").printed();
        assert!(shown.contains("a=12345678901234567890123"), "{shown}");
        // The filter's value is a string, which no number equals.
        let arguments = [
            "list",
            "-p",
            "p",
            "--reference",
            "a:12345678901234567890123",
        ];
        assert_eq!(place.run(&arguments).printed(), "");
    }
}

#[tokio::test]
async fn a_row_that_is_no_utf8_is_listed_and_exported_with_the_others() {
    let database = TestDatabase::create_with("ENCODING 'SQL_ASCII'").await;
    let place = Place::at(database.url());
    let migrated = place.run(&["migrate"]);
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    assert!(migrated.stderr.contains("SQL_ASCII"), "{migrated:?}");
    place.write(vec![numbered(1)]).await;
    let row = r"INSERT INTO turbobackend.project_actions (action_id, project_id, action_details, created_at)
        VALUES ('odd', 'project_7', E'caf\xe9', 9)";
    database.connect().await.batch_execute(row).await.unwrap();
    for arguments in [
        &["list", "-p", "project_7", "--oldest"][..],
        &["export"],
        &["export", "-p", "project_7"],
        &["tail", "-p", "project_7"],
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("texts that are no UTF-8"), "{run:?}");
        let rows: Vec<Activity> = parsed(&run.stdout);
        let odd = rows.iter().find(|row| row.action_id == "odd").unwrap();
        assert_eq!(odd.action_details.as_deref(), Some("caf\u{FFFD}"));
        assert_eq!(rows.len(), 2);
    }
}

#[tokio::test]
async fn a_project_is_exported_in_the_order_of_time_and_narrowed_by_filters() {
    for place in Place::of_each_kind().await {
        place.write(rows()).await;
        let project = place
            .run(&["export", "--project", "project_7"])
            .activities();
        assert_eq!(project.len(), 2_498);
        assert!(project.is_sorted_by_key(|row| row.created_at));
        let arguments = ["export", "-p", "project_8", "--status", "failure"];
        assert_eq!(place.run(&arguments).activities(), [rows()[7].clone()]);
    }
}

#[tokio::test]
async fn filters_narrow_an_export_of_all_projects() {
    for place in Place::of_each_kind().await {
        place.write(rows()).await;
        let failed = place.run(&["export", "--status", "failure"]);
        assert_eq!(failed.activities(), [rows()[7].clone()]);
        let since = ["export", "--since", "2026-11-24T08:01:31.004Z"];
        let since = place.run(&since).activities();
        let expected = rows().into_iter();
        let expected: Vec<_> = expected
            .filter(|row| row.created_at >= Some(1_795_507_291_004))
            .collect();
        assert!(since == expected);
    }
}

#[tokio::test]
async fn the_name_of_a_file_says_what_is_exported_into_it() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write(rows()).await;
    let csv = place.run(&["export", "-f", "csv"]).printed();
    let jsonl = place.run(&["export"]).printed();
    let read = |name: &str| fs::read(place.path().join(name)).unwrap();
    for (name, plain) in [("a.csv", &csv), ("a.jsonl", &jsonl)] {
        place.run(&["export", "-o", name]);
        assert!(read(name) == plain.as_bytes(), "{name}");
    }
    place.run(&["export", "-o", "b.csv", "--format", "jsonl"]);
    assert!(read("b.csv") == jsonl.as_bytes());
    let [other, _] = Place::of_each_kind().await;
    let mut said = "imported 2,500 new activities\n";
    for name in ["a.csv.gz", "a.jsonl.zst", "a.csv.zst", "a.jsonl.gz"] {
        place.run(&["export", "-o", name]);
        let packed = read(name);
        assert!(packed.len() < csv.len() / 3, "{name}: {}", packed.len());
        let path = place.path().join(name);
        let imported = other.run(&["import", path.to_str().unwrap()]);
        assert_eq!(imported.printed(), said, "{name}");
        said = "imported 0 new activities; 2,500 were there already\n";
    }
    assert!(sorted(other.run(&["export"]).activities()) == sorted(rows()));
}

#[tokio::test]
async fn csv_has_a_header_and_quotes_what_needs_it() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write(vec![rows()[9].clone(), numbered(1)]).await;
    let csv = place
        .run(&["export", "-p", "project_7", "--format", "csv"])
        .printed();
    expect_test::expect![[r#"
        action_id,project_id,user_id,request_id,action_type,action_details,status,environment,reference_ids,created_at,created_at_rfc3339
        odd,project_7,,,,"a,b
        c ✓","on ""hold""",,[1],-5,1969-12-31T23:59:59.995Z
        000001,project_7,user_42,,deployment,deployed api:1,success,,"{""deployment_id"":""deploy_1""}",1795507291001,2026-11-24T08:01:31.001Z
    "#]].assert_eq(&csv);
}

#[tokio::test]
async fn no_text_in_csv_is_a_formula_unless_it_is_asked_for_as_it_is() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let formula = "=HYPERLINK(\"https://example.org\")";
    place
        .write(vec![numbered(1).user_id("@SUM(1)").details(formula)])
        .await;
    let csv = |arguments: &[&str]| {
        let arguments = [&["export", "--format", "csv"], arguments].concat();
        let csv = place.run(&arguments).printed();
        csv.lines().nth(1).unwrap().to_owned()
    };
    let guarded = csv(&[]);
    assert_eq!(guarded, csv(&["--formulas", "guarded"]));
    assert!(
        guarded.contains(",'@SUM(1),,deployment,\"'=HYPERLINK("),
        "{guarded}"
    );
    let raw = csv(&["--formulas", "raw"]);
    assert!(raw.contains(",@SUM(1),,deployment,\"=HYPERLINK("), "{raw}");
    // JSON is for programs, and stays unchanged.
    let jsonl = place.run(&["export"]).activities();
    assert_eq!(jsonl[0].action_details.as_deref(), Some(formula));
}

#[tokio::test]
async fn a_file_that_can_not_be_written_stays_as_it_was() {
    let place = Place::sqlite();
    fs::write(place.path().join("old.jsonl"), "old").unwrap();
    fs::write(place.path().join("tracker.db"), "").unwrap();
    place.run(&["export", "-o", "old.jsonl"]).failed(1);
    assert_eq!(
        fs::read_to_string(place.path().join("old.jsonl")).unwrap(),
        "old"
    );
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    let said = place.run(&["export", "-o", "missing/new.jsonl"]).failed(1);
    assert!(said.contains("can't write missing/new.jsonl"), "{said}");
}
