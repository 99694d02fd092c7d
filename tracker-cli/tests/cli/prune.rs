//! `tracker prune`.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use tracker_core::{Activity, store::sqlite::rusqlite};
use tracker_tests::postgres::TestDatabase;

use crate::support::{Place, ids, numbered};

const HOUR_MS: i64 = 3_600_000;

/// Returns an activity that is `hours` hours old.
fn aged(hours: i64) -> Activity {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut activity = numbered(hours);
    activity.created_at = Some(i64::try_from(now.as_millis()).unwrap() - hours * HOUR_MS);
    activity
}

#[tokio::test]
async fn what_is_older_is_counted_without_harm_and_removed_in_batches() {
    for place in Place::of_each_kind().await {
        let mut rows: Vec<_> = (1..=250).map(aged).collect();
        rows[0].created_at = None;
        place.write(rows).await;
        let dry = place.run(&["prune", "--older-than", "2d", "--dry-run"]);
        let dry = dry.printed();
        assert!(
            dry.starts_with("would remove 203 activities from before 20"),
            "{dry}"
        );
        assert_eq!(place.run(&["export"]).activities().len(), 250);

        let prune = ["prune", "--older-than", "2d", "--yes"];
        let real = place.run(&[&prune[..], &["--batch", "50"]].concat());
        let real = real.printed();
        assert!(
            real.starts_with("removed 203 activities from before 20"),
            "{real}"
        );
        let left = place.run(&["list", "-p", "project_7", "--oldest"]);
        let left = left.activities();
        assert_eq!(left.len(), 47);
        assert_eq!(ids(&left)[..2], ["000001", "000047"]);
        let again = place.run(&prune).printed();
        assert!(again.starts_with("removed 0 activities"), "{again}");
    }
}

/// Returns SQL for another program's table that refers to three activities.
fn comments(table: &str) -> String {
    format!(
        "CREATE TABLE comments (action_id VARCHAR REFERENCES {table} (action_id));
        INSERT INTO comments VALUES ('000100'), ('000101'), ('000250')"
    )
}

/// Prunes 250 activities, one for each of the last hours. Of these, 203 are old enough, and three
/// of them are kept.
fn assert_three_stay(place: &Place, named: &str) {
    let dry = place.run(&["prune", "--older-than", "2d", "--dry-run"]);
    let counted = dry.stdout.split(" activities").next().unwrap();
    assert_eq!((dry.code, counted), (Some(0), "would remove at most 203"));
    let note = "some may stay because of the foreign key ";
    assert!(dry.stderr.starts_with(note), "{dry:?}");
    let arguments = ["prune", "--older-than", "2d", "--batch", "20", "--yes"];
    for removed in [200, 0] {
        let said = place.run(&arguments);
        assert_eq!(said.code, Some(3), "{said:?}");
        let begin = format!("removed {removed} activities from before 20");
        assert!(said.stdout.starts_with(&begin), "{said:?}");
        let expected = format!(
            "error: activities stay that are old enough:\n  3 activities because of {named}\n"
        );
        assert_eq!(said.stderr, expected);
    }
    assert_eq!(place.run(&["export"]).activities().len(), 50);
}

#[tokio::test]
async fn what_another_table_refers_to_stays_and_the_exit_code_tells() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.store().migrate().await.unwrap();
    place.write((1..=250).map(aged).collect()).await;
    let client = database.connect().await;
    let refer = comments("turbobackend.project_actions");
    client.batch_execute(&refer).await.unwrap();
    let named = "the foreign key comments_action_id_fkey of the table public.comments";
    assert_three_stay(&place, named);

    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write((1..=250).map(aged).collect()).await;
    let file = place.path().join("tracker.db");
    let connection = rusqlite::Connection::open(file).unwrap();
    connection
        .execute_batch(&comments("project_actions"))
        .unwrap();
    let named = "the foreign key (action_id) of the table comments: FOREIGN KEY constraint failed";
    assert_three_stay(&place, named);
}

#[tokio::test]
async fn activities_of_the_last_day_are_removed_only_where_that_is_said_to_be_meant() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write(vec![aged(3), aged(30)]).await;
    // Skipping the question does not allow a recent age.
    let prune = ["prune", "--older-than", "2h", "--yes"];
    let said = place.run(&prune).failed(2);
    assert!(said.contains("--allow-recent"), "{said}");
    let dry = place.run(&["prune", "--older-than", "2h", "--dry-run"]);
    let dry = dry.printed();
    assert!(dry.starts_with("would remove 2 "), "{dry}");
    let guard = "2h is less than a day: without --dry-run this needs --allow-recent\n";
    assert!(dry.ends_with(guard), "{dry}");
    let old = place.run(&["prune", "--older-than", "25h", "--dry-run"]);
    assert_eq!(old.printed().lines().count(), 1);
    // Allowing a recent age does not skip the question.
    let recent = ["prune", "--older-than", "2h", "--allow-recent"];
    place.run(&recent).failed(2);
    let recent = [&prune[..], &["--allow-recent"]].concat();
    assert!(place.run(&recent).printed().starts_with("removed 2 "));
}

#[tokio::test]
async fn without_a_terminal_nothing_is_removed_unless_that_is_said_to_be_meant() {
    for place in Place::of_each_kind().await {
        place.write((24..34).map(aged).collect()).await;
        // An answer that comes through a pipe does not count.
        for input in [&b""[..], b"y\n"] {
            let said = place
                .run_with(&["prune", "--older-than", "1d"], input)
                .failed(2);
            assert!(said.contains("nothing is removed"), "{said}");
            assert!(said.contains("--yes"), "{said}");
        }
        assert_eq!(place.run(&["export"]).activities().len(), 10);
        let yes = place.run(&["prune", "--older-than", "1d", "--yes"]);
        assert!(yes.printed().starts_with("removed 10 activities from "));
    }
}

#[tokio::test]
async fn a_terminal_is_asked_and_only_yes_is_yes() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write((1..=250).map(aged).collect()).await;
    // The last one ends the input, as Ctrl-D does.
    for answer in ["n\n", "\n", "yesterday\n", "\x04"] {
        let run = place.in_terminal("prune --older-than 2d", answer);
        assert_eq!(run.code, Some(1), "{answer:?}: {run:?}");
        let shown = run.stdout;
        assert!(
            shown.contains("Remove 203 activities from before 20"),
            "{shown}"
        );
        assert!(shown.ends_with("nothing was removed\n"), "{shown}");
        assert!(!shown.contains("error"), "{shown}");
    }
    assert_eq!(place.run(&["export"]).activities().len(), 250);
    let shown = place.in_terminal("prune --older-than 2d", "y\n").printed();
    assert!(shown.contains("removed 203 activities"), "{shown}");
    place
        .in_terminal("prune --older-than 1d --yes", "")
        .printed();
    assert_eq!(place.run(&["export"]).activities().len(), 23);
    let shown = place
        .in_terminal("prune --older-than 2h --allow-recent", "y\n")
        .printed();
    assert!(
        shown.contains("Remove 22 activities from before 20"),
        "{shown}"
    );
    assert_eq!(place.run(&["export"]).activities().len(), 1);
    // Nobody is asked about nothing.
    let shown = place.in_terminal("prune --older-than 2d", "").printed();
    assert!(
        shown.starts_with("there is nothing to remove from before 20"),
        "{shown}"
    );
}

#[tokio::test]
async fn whole_partitions_of_a_table_that_has_none_are_no_success() {
    for place in Place::of_each_kind().await {
        place.write((1..=50).map(aged).collect()).await;
        let run = place.run(&["prune", "--older-than", "1d", "--whole-partitions", "--yes"]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("partitions"), "{run:?}");
    }
}

#[tokio::test]
async fn a_batch_of_none_is_refused_in_the_configuration_file_as_it_is_as_a_flag() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write(vec![aged(30)]).await;
    let file = place.path().join("tracker.toml");
    for batch in [0, 100_001] {
        fs::write(&file, format!("[prune]\nbatch = {batch}\n")).unwrap();
        let said = place
            .run(&["prune", "--older-than", "1d", "--yes"])
            .failed(2);
        let expected = format!("`batch` in [prune] is {batch}: it must be from 1 to 100000");
        assert!(said.contains(&expected), "{said}");
    }
    assert_eq!(place.run(&["export"]).activities().len(), 1);
}
