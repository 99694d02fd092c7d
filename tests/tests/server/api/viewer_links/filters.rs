//! The filters of links, together with those of requests.

use std::time::SystemTime;

use axum::http::StatusCode;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};
use tracker_core::{SqliteStore, Store};
use tracker_tests::filters::{Wanted, activities, wanted};

use super::{super::query_of, HOUR, PATH, Place, ids, one_key};

/// Any filters of a request, under any link, find what both let through.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_filters_under_any_link_find_what_both_mean() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
    store.migrate().await.unwrap();
    let place = Place::of(store.clone());
    let rows = prop::collection::vec(activities("project_7"), 60..61);
    let mut rows = {
        let mut runner = TestRunner::new(config(1));
        rows.new_tree(&mut runner).unwrap().current()
    };
    for (number, row) in rows.iter_mut().enumerate() {
        row.action_id = format!("{number:03}");
    }
    store.write(rows.clone().into()).await.unwrap();
    let one_case = async |link: Wanted, wanted: Wanted| {
        let filters = query_of(&link);
        let filters = url::form_urlencoded::parse(filters.as_bytes());
        let token = one_key().link("project_7", filters, SystemTime::now() + HOUR);
        let path = format!("{PATH}?limit=100&{}", query_of(&wanted));
        let answer = place.get(&path, token.unwrap().token()).await;
        let texts = [link.text, wanted.text].map(|text| text.unwrap_or("").to_lowercase());
        if answer.status == StatusCode::BAD_REQUEST {
            assert!(!texts[0].contains(&texts[1]) && !texts[1].contains(&texts[0]));
            return;
        }
        let page = answer.json();
        let mut found = ids(&page);
        found.sort_unstable();
        let expected = rows
            .iter()
            .filter(|row| link.means(row) && wanted.means(row));
        let expected: Vec<_> = expected.map(|row| &*row.action_id).collect();
        assert_eq!(found, expected, "{link:?} {wanted:?}");
    };
    block_in_place(|| {
        let run = TestRunner::new(config(128)).run(&(wanted(), wanted()), |(link, wanted)| {
            Handle::current().block_on(one_case(link, wanted));
            Ok::<_, TestCaseError>(())
        });
        run.map_err(|error| error.to_string())
    })
    .unwrap();
}

fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}
