//! `tracker import --map`: the rows of other logs, by the maps that the guide shows.

use std::{fs, path::Path};

use tracker_core::Activity;

use crate::support::{Place, Run};

/// Copies a file of the guide's examples into a place.
fn example(place: &Place, name: &str) {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/moving");
    fs::copy(examples.join(name), place.path().join(name)).unwrap();
}

/// Imports an example into a store of each kind, and once more, and returns the activities in the
/// order of their time.
async fn imported(map: &str, input: &str, notes: &str) -> Vec<Activity> {
    let mut of_all = Vec::new();
    for place in Place::of_each_kind().await {
        example(&place, map);
        example(&place, input);
        let import = ["import", "--map", map, input];
        let first = place.run(&import);
        assert_eq!((first.code, &*first.stderr), (Some(0), notes), "{first:?}");
        let mut rows = place.run(&["export"]).activities();
        let count = rows.len();
        assert_eq!(first.stdout, format!("imported {count} new activities\n"));
        let again = place.run(&import).stdout;
        assert_eq!(
            again,
            format!("imported 0 new activities; {count} were there already\n")
        );
        rows.sort_by_key(|row| (row.created_at, row.action_id.clone()));
        of_all.push(rows);
    }
    let rows = of_all.remove(0);
    assert_eq!(rows, of_all[0]);
    rows
}

fn json(row: &Activity) -> serde_json::Value {
    serde_json::to_value(row).unwrap()
}

#[tokio::test]
async fn the_log_of_a_laravel_application_is_moved() {
    let rows = imported(
        "laravel-activitylog.toml",
        "laravel-activitylog.jsonl",
        "the map does not use: attribute_changes, causer_type, log_name, updated_at\n",
    )
    .await;
    assert_eq!(
        json(&rows[0]),
        serde_json::json!({
            "action_id": rows[0].action_id,
            "project_id": "shop_7",
            "user_id": "42",
            "request_id": "req_a1",
            "action_type": "record_created",
            "action_details": "Order was placed",
            "status": "success",
            "environment": "production",
            "reference_ids": {"order_id": "5001", "payment_id": "pay_31"},
            "created_at": 1_743_318_904_000_i64,
        })
    );
    // Both are of the same second, and stay in the order of their old IDs.
    assert_eq!(rows[1].created_at, rows[0].created_at);
    assert_eq!(rows[1].action_details.as_deref(), Some("Order was paid"));
    assert_eq!(rows[2].user_id, None);
    assert_eq!(rows[2].reference_ids.get("invoice_id"), Some("880"));
    assert_eq!(rows[3].project_id.as_deref(), Some("shop_main"));
    assert_eq!(rows[3].action_type.as_deref(), Some("logged"));
    assert!(rows[3].reference_ids.is_empty());
    assert_eq!(rows.len(), 4);
}

#[tokio::test]
async fn the_log_of_an_older_laravel_application_is_moved_with_its_batches() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    example(&place, "laravel-activitylog.toml");
    let path = place.path().join("laravel-activitylog.toml");
    let map = fs::read_to_string(&path).unwrap();
    let version_5 = "request_id = \"{properties/request_id}\"";
    assert!(map.contains(&format!("\n{version_5}\n")), "{map}");
    let version_4 = map
        .lines()
        .find_map(|line| line.strip_prefix("# For version 4: "));
    fs::write(&path, map.replace(version_5, version_4.unwrap())).unwrap();
    // What version 4 writes has its changes among the properties, which CSV has as a text.
    let csv = "id,log_name,description,subject_type,subject_id,causer_type,causer_id,properties,batch_uuid,event,created_at,updated_at\n\
        9,default,updated,App\\Models\\Invoice,880,App\\Models\\User,42,\"{\"\"old\"\":{\"\"paid\"\":0},\"\"attributes\"\":{\"\"paid\"\":1}}\",\
        0a4d0f5e-5a53-4c9e-9d5c-2f9b7e6f1a10,updated,2024-02-29 23:59:59,2024-02-29 23:59:59\n";
    let import = ["import", "--map", "laravel-activitylog.toml"];
    let run = place.run_with(&import, csv.as_bytes());
    assert_eq!(run.stdout, "imported 1 new activity\n", "{run:?}");
    let row = &place.run(&["export"]).activities()[0];
    let request = "0a4d0f5e-5a53-4c9e-9d5c-2f9b7e6f1a10";
    assert_eq!(row.request_id.as_deref(), Some(request));
    assert_eq!(row.reference_ids.get("invoice_id"), Some("880"));
    assert_eq!(row.created_at, Some(1_709_251_199_000));
}

#[tokio::test]
async fn the_versions_of_a_rails_application_are_moved() {
    let notes = "the map does not use: object\n";
    let rows = imported("paper-trail.toml", "paper-trail.csv", notes).await;
    let seen = rows.iter().map(|row| {
        (
            row.action_details.as_deref().unwrap(),
            row.user_id.as_deref(),
            row.created_at.unwrap(),
            row.reference_ids.to_json(),
        )
    });
    let post = serde_json::json!({"post_id": "12"});
    let comment = serde_json::json!({"comment_id": "90", "post_id": "12"});
    let removed = serde_json::json!({"comment_id": "90"});
    let expected = [
        ("create Post 12", Some("7"), 1_730_597_400_123, post.clone()),
        ("update Post 12", Some("7"), 1_730_597_470_500, post),
        ("create Comment 90", None, 1_730_597_520_000, comment),
        ("destroy Comment 90", Some("8"), 1_730_714_400_000, removed),
    ];
    assert!(seen.eq(expected), "{rows:?}");
    let types = rows.iter().map(|row| row.action_type.as_deref().unwrap());
    let expected = ["created", "updated", "created", "destroyed"];
    assert!(types.eq(expected.map(|event| format!("record_{event}"))));
}

#[tokio::test]
async fn a_table_kept_by_hand_is_moved() {
    let rows = imported("plain-csv.toml", "plain-csv.csv", "").await;
    let seen = rows.iter().map(|row| {
        (
            row.created_at.unwrap(),
            row.action_type.as_deref().unwrap(),
            row.status.as_ref().unwrap().as_str(),
            row.action_details.as_deref().unwrap(),
        )
    });
    // Clocks are set to summer time in the night between the first two.
    let expected = [
        (
            1_743_264_300_000,
            "device_taken",
            "success",
            "drill-3: for the hall",
        ),
        (
            1_743_315_000_000,
            "device_returned",
            "failure",
            "drill-3: the bit is missing; a new one is ordered",
        ),
        (1_743_315_120_000, "device_taken", "success", "saw-1: "),
    ];
    assert!(seen.eq(expected), "{rows:?}");
    assert!(
        rows.iter()
            .all(|row| row.project_id.as_deref() == Some("workshop"))
    );
}

#[test]
fn a_dry_run_shows_the_first_three_and_needs_no_store() {
    let place = Place::at("postgres://nobody@127.0.0.1:1/none");
    example(&place, "paper-trail.toml");
    example(&place, "paper-trail.csv");
    let import = [
        "import",
        "--map",
        "paper-trail.toml",
        "--dry-run",
        "paper-trail.csv",
    ];
    let run = place.run(&import);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stderr, "the map does not use: object\n");
    let (shown, summary) = run.stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(summary, "would import 4 activities");
    let (headings, shown): (Vec<_>, Vec<_>) =
        shown.lines().partition(|line| line.starts_with("line "));
    assert_eq!(
        headings,
        [
            "line 2, 2024-11-03 01:30:00 UTC:",
            "line 3, 2024-11-03 01:31:10 UTC:",
            "line 4, 2024-11-03 01:32:00 UTC:",
        ]
    );
    let shown = shown.concat();
    let shown = serde_json::Deserializer::from_str(&shown).into_iter::<Activity>();
    let details = shown.map(|row| row.unwrap().action_details.unwrap());
    assert!(details.eq(["create Post 12", "update Post 12", "create Comment 90"]));
}

/// Imports `input` with the map of a small log, to which `more` is added.
fn run(place: &Place, more: &str, arguments: &[&str], input: &str) -> Run {
    let map = format!(
        "action_id = {{ log = \"audit\", old_id = \"{{id}}\" }}\n\
         created_at = {{ from = \"{{at}}\", format = \"seconds\" }}\n\
         project_id = \"{{shop}}\"\n\
         action_type = {{ from = \"{{event}}\", values = {{ create = \"order_created\" }} }}\n\
         {more}\n"
    );
    fs::write(place.path().join("audit.toml"), map).unwrap();
    let import = [&["import", "--map", "audit.toml"], arguments].concat();
    place.run_with(&import, input.as_bytes())
}

#[tokio::test]
async fn a_row_that_the_map_can_not_read_is_named_by_its_line_and_column() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let details = "action_details = \"{data/a/b}\"";
    let csv = "id,at,shop,event,data\n\
        1,1700000000,s,create,\n\
        \n\
        2,1700000000,s,destroy,\n\
        3,today,s,create,\n\
        4,1700000000,,create,\n\
        ,1700000000,s,create,\n\
        6,1700000000,s,create,--- no JSON\n\
        7,1700000000,s\n\
        8,1700000000,s,create,\"{\"\"a\"\":{\"\"b\"\":\"\"c\"\"}}\"\n";
    let run_with = |arguments| run(&place, details, arguments, csv);
    let run = run_with(&["--dry-run"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let said = "would import 1 activity before it failed\nerror: line 4 can't be imported";
    assert!(run.stderr.starts_with(said), "{run:?}");
    let said = run_with(&[]).failed(1);
    assert!(
        said.contains("imported 1 new activity before it failed"),
        "{said}"
    );
    assert!(said.contains("line 4 can't be imported"), "{said}");
    for arguments in [&["--keep-going", "--dry-run"][..], &["--keep-going"]] {
        let run = run_with(arguments);
        assert_eq!(run.code, Some(3), "{run:?}");
        let said: Vec<_> = run.stderr.lines().collect();
        for (line, says) in said.iter().zip([
            "line 4: column `event`: `destroy` is not in the `values` of action_type",
            "line 5: column `at`: `today` is no time of the format seconds: it is no number",
            "line 6: column `shop`: it is empty, and an activity needs its project_id",
            "line 7: column `id`: it is empty, and an activity needs its action_id",
            "line 8: column `data`: it is no JSON, and the map looks for a value in it",
            "line 9: it has 3 fields, and the header has 5",
            "error: 6 lines were not imported, the first of them line 4",
        ]) {
            assert!(line.starts_with(says), "{says}: {run:?}");
        }
        assert_eq!(said.len(), 7, "{run:?}");
    }
    let mut rows = place.run(&["export"]).activities();
    rows.sort_by(|a, b| a.action_id.cmp(&b.action_id));
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1].action_details.as_deref(), Some("c"));
}

#[tokio::test]
async fn what_is_longer_than_a_recorded_row_is_cut_or_refused() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let more = "action_details = \"{text}\"\nuser_id = \"{who}\"";
    let row = |id: u64, text: &str, who: &str| {
        serde_json::json!({
            "id": id, "at": 1.5, "shop": "s", "event": "create", "text": text, "who": who
        })
    };
    let rows = serde_json::json!([
        row(1, &"é".repeat(1_001), "u\0"),
        row(2, &"é".repeat(1_000), &"u".repeat(256)),
        row(3, &"é".repeat(1_000), &"u".repeat(255)),
    ]);
    let run = run(&place, more, &["--keep-going"], &rows.to_string());
    assert_eq!(
        run.stdout,
        "imported 2 new activities; passed over 1 element; put U+FFFD for characters that no store holds into 1 element\n"
    );
    let says = "element 2: column `who`: user_id would have 256 characters, and 255 are the most";
    assert!(run.stderr.contains(says), "{run:?}");
    let mut rows = place.run(&["export"]).activities();
    rows.sort_by(|a, b| a.action_id.cmp(&b.action_id));
    let cut = "é".repeat(999) + "…";
    assert_eq!(rows[0].action_details, Some(cut));
    assert_eq!(rows[0].user_id.as_deref(), Some("u\u{FFFD}"));
    assert_eq!(rows[0].created_at, Some(1_500));
    assert_eq!(rows[1].action_details, Some("é".repeat(1_000)));
}

#[tokio::test]
async fn a_column_that_only_the_map_or_only_the_rows_have_is_told() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let more = "user_id = \"{actor}\"";
    let line = r#"{"id":1,"at":7,"shop":"s","event":"create","ip":"::1","agent":"x"}"#;
    let said = run(&place, more, &[], line);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        said.stderr,
        "the map does not use: agent, ip\nthe map names what no row has: actor\n"
    );
    // A header says so before anything is imported.
    let csv = "id,at,shop,event,ip\n2,7,s,create,::1\n";
    let said = run(&place, more, &["--keep-going"], csv).failed(1);
    assert!(
        said.contains("no column `actor`, which the map names: it has id, at, shop, event, ip"),
        "{said}"
    );
    let twice = csv.replace("ip", "actor,ip,ip");
    let said = run(&place, more, &[], &twice).failed(1);
    assert!(said.contains("has the column `ip` twice"), "{said}");
    // A spreadsheet may have columns without a name at its end.
    let unnamed = "id,at,shop,event,actor,,\n2,7,s,create,u,,\n";
    let said = run(&place, more, &[], unnamed).printed();
    assert_eq!(said, "imported 1 new activity\n");
    let said = run(&place, more, &[], &csv.replace(',', ";")).failed(1);
    let says = "it has one column, `id;at;shop;event;ip`, as with another `separator`";
    assert!(said.contains(says), "{said}");
}

#[test]
fn a_map_with_a_mistake_is_refused_with_its_line() {
    let place = Place::sqlite();
    for (more, says) in [
        (
            "user = \"{actor}\"",
            "audit.toml, line 5: unknown field `user`",
        ),
        (
            "user_id = \"{actor\"",
            "audit.toml, line 5: `{actor` has a brace that is alone",
        ),
        ("separator = \"::\"", "the separator is one character"),
        ("[[reference_ids]]\nname = \"a\"", "missing field `id`"),
    ] {
        let said = run(&place, more, &[], "").failed(2);
        assert!(said.contains(says), "{said}");
    }
    let said = place.run(&["import", "--map", "none.toml"]).failed(1);
    assert!(said.contains("can't read the map none.toml"), "{said}");
    let both = ["import", "--map", "none.toml", "--formulas", "raw"];
    assert!(place.run(&both).failed(2).contains("cannot be used with"));
}
