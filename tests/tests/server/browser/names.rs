//! Names for people in place of IDs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::http::request;
use futures_util::future::BoxFuture;
use tracker_core::Activity;
use tracker_server::{Name, Named, Names, NamesError, Settings};
use tracker_tests::browser::{Site, Timeline, at, keep_picture, realistic};

use super::PAGE;

/// Knows all but `user_unknown`, once a test lets it tell.
#[derive(Clone, Default)]
struct Directory {
    asked: Arc<Mutex<Vec<usize>>>,
    is_slow: bool,
}

impl Names for Directory {
    fn names<'a>(
        &'a self,
        _: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        self.asked.lock().unwrap().push(wanted.len());
        if self.is_slow {
            return Box::pin(std::future::pending());
        }
        let names = wanted.iter().filter_map(|named| {
            let name = match named {
                Named::Project { .. } => Name::new("The meeting rooms"),
                Named::User { id, .. } if id == "user_unknown" => return None,
                Named::User { id, .. } => Name::new(format!("Ada of {id}"))
                    .link(format!("https://app.example.org/users/{id}"))
                    .picture(
                        "data:image/gif;base64,R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=",
                    ),
                Named::Reference { name, id, .. } => Name::new(format!("the {name} {id}")),
                _ => return None,
            };
            Some((named.clone(), name))
        });
        let names = names.collect();
        Box::pin(async move { Ok(names) })
    }
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_millis().try_into().unwrap()
}

async fn site(activities: Vec<Activity>, names: &Directory) -> Site {
    let settings = Settings::open().names(Arc::new(names.clone()));
    Site::set(activities, settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_show_names_and_filter_by_ids() {
    let now = now_ms();
    let rows = vec![
        at("c", "deployment", now - 1_000)
            .user_id("user_1")
            .reference("deployment_id", "d 1"),
        at("b", "deployment", now - 2_000).user_id("user_unknown"),
        at("a", "deployment", now - 3_000).user_id("user_1"),
    ];
    let site = site(rows, &Directory::default()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until(
        "names",
        "row('c').querySelector('.user').textContent === 'Ada of user_1' && row('a').querySelector('.user').textContent === 'Ada of user_1'",
    )
    .await;
    page.until(
        "a reference's name",
        "row('c').querySelector('.reference .value').textContent === 'the deployment_id d 1' && row('c').querySelector('.reference .value').title === 'd 1'",
    )
    .await;
    let unknown: String = page
        .value("row('b').querySelector('.user').textContent")
        .await;
    assert_eq!(unknown, "user_unknown");
    let heading = "[document.querySelector('h1').textContent, document.querySelector('h1').title]";
    let heading: [String; 2] = page.value(heading).await;
    assert_eq!(heading, ["The meeting rooms", "proj_rooms"]);
    let link: [String; 2] = page
        .value("(({ href, rel }) => [href, rel])(row('c').querySelector('a.open-link'))")
        .await;
    let expected = [
        "https://app.example.org/users/user_1",
        "noopener noreferrer",
    ];
    assert_eq!(link, expected);
    page.until(
        "its picture",
        "row('c').querySelector('.user img').naturalWidth === 1",
    )
    .await;
    page.is_accessible("rows with names").await;

    page.click("[data-action-id=a] button.user").await;
    page.until("filtered", "ids().join() === 'c,a' && idle()")
        .await;
    let user = ("user_id".to_owned(), "user_1".to_owned());
    assert_eq!(page.query().await, [user]);
    page.until(
        "the filter's name",
        "text('[part=filter-chip] .value') === 'Ada of user_1'",
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_names_are_asked_for_at_once_and_each_but_once() {
    let now = now_ms();
    let rows = (0..200).map(|n| {
        let row = at(&format!("{n:03}"), "deployment", now - n);
        row.user_id(format!("user_{}", n % 150))
    });
    let names = Directory::default();
    let site = site(rows.collect(), &names).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.act("timeline.position = { action_id: '199', offset: 0, rows: 200 }")
        .await;
    page.until("all rows", "rows().length === 200 && idle()")
        .await;
    page.until(
        "names in all",
        "rows().every((row) => row.querySelector('.user').textContent.startsWith('Ada of'))",
    )
    .await;
    let asked = names.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|count| *count <= 101), "{asked:?}");
    // Each request asks for the project's as well.
    assert_eq!(asked.iter().map(|count| count - 1).sum::<usize>(), 150);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_that_can_have_no_name_hides_no_others() {
    let now = now_ms();
    let odd = at("odd", "deployment", now).user_id("user_1");
    let odd = odd.reference("", "d1").reference("n".repeat(2_000), "d2");
    let site = site(vec![odd], &Directory::default()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until("its references", "all('.reference .value').length === 2")
        .await;
    page.until("the user's name", "text('.user') === 'Ada of user_1'")
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_an_id_nor_its_name_becomes_markup() {
    let markup = "<img class=made src=x onerror=document.title='run'>";
    let row = at(markup, "deployment", now_ms()).user_id(markup);
    let row = row.reference(markup, markup).details(markup);
    let site = site(vec![row], &Directory::default()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until(
        "the user's name",
        "text('.user').startsWith('Ada of <img class=made')",
    )
    .await;
    page.until(
        "the reference's name",
        "text('.reference .value').includes('<img class=made')",
    )
    .await;
    let made: usize = page.value("all('.made').length").await;
    assert_eq!(made, 0);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_wait_for_no_names() {
    let names = Directory {
        is_slow: true,
        ..Directory::default()
    };
    let site = site(realistic(), &names).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until(
        "the lookup is over",
        "performance.getEntriesByType('resource').some(({ name }) => name.includes('/names'))",
    )
    .await;
    let labels: usize = page.value("all('[data-label]').length").await;
    assert_eq!(labels, 0);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_look_well_among_ids() {
    let site = site(realistic(), &Directory::default()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until("names", "all('.user img').length > 10").await;
    keep_picture("names", &page.picture().await);
    page.was_quiet().await;
}
