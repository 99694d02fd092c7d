//! `tracker prune`.

use std::time::{SystemTime, UNIX_EPOCH};

use tracker_core::Activity;

use crate::support::{Place, ids, numbered};

const HOUR_MS: i64 = 3_600_000;

/// An activity of so many hours ago.
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

        let real = place.run(&["prune", "--older-than", "2d", "--batch", "50"]);
        let real = real.printed();
        assert!(
            real.starts_with("removed 203 activities from before 20"),
            "{real}"
        );
        let left = place.run(&["list", "-p", "project_7", "--oldest"]);
        let left = left.activities();
        assert_eq!(left.len(), 47);
        assert_eq!(ids(&left)[..2], ["000001", "000047"]);
        let again = place.run(&["prune", "--older-than", "2d"]).printed();
        assert!(again.starts_with("removed 0 activities"), "{again}");
    }
}

#[tokio::test]
async fn activities_of_the_last_day_are_removed_only_where_that_is_said_to_be_meant() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write(vec![aged(3), aged(30)]).await;
    place.run(&["prune", "--older-than", "2h"]).failed(2);
    let dry = place.run(&["prune", "--older-than", "2h", "--dry-run"]);
    assert!(dry.printed().starts_with("would remove 2 "));
    let yes = place.run(&["prune", "--older-than", "2h", "--yes"]);
    assert!(yes.printed().starts_with("removed 2 "));
}

#[tokio::test]
async fn a_terminal_is_asked_and_only_yes_is_yes() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    place.write((1..=250).map(aged).collect()).await;
    for answer in ["n\n", "\n", "yesterday\n"] {
        let shown = place.in_terminal("prune --older-than 2d", answer);
        assert!(
            shown.contains("Remove 203 activities from before 20"),
            "{shown}"
        );
        assert!(shown.ends_with("removed nothing\n"), "{shown}");
    }
    assert_eq!(place.run(&["export"]).activities().len(), 250);
    let shown = place.in_terminal("prune --older-than 2d", "y\n");
    assert!(shown.contains("removed 203 activities"), "{shown}");
    place.in_terminal("prune --older-than 1d --yes", "");
    assert_eq!(place.run(&["export"]).activities().len(), 23);
}
