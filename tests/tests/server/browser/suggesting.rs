//! The fields that suggest the values that occur.

use std::{collections::HashMap, sync::Arc};

use axum::http::request;
use fantoccini::key::Key;
use futures_util::future::{BoxFuture, ready};
use tracker_core::Activity;
use tracker_server::{Name, Named, Names, NamesError, Settings};
use tracker_tests::browser::{Site, Timeline, at, keep_picture};

use super::PAGE;

/// Knows one user.
struct Ada;

impl Names for Ada {
    fn names<'a>(
        &'a self,
        _: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        let known = wanted.iter().filter_map(|named| match named {
            Named::User { id, .. } if id == "user_1" => {
                Some((named.clone(), Name::new("Ada Lovelace")))
            }
            _ => None,
        });
        Box::pin(ready(Ok(known.collect())))
    }
}

/// Has more rows than a page, so that what the oldest has is on no row.
fn rows() -> Vec<Activity> {
    let rows = (0..300).map(|n| {
        let row = at(&format!("{n:03}"), "deployment", 1_790_000_000_000 + n);
        let row = row.user_id(format!("user_{}", n % 3));
        row.request_id(format!("req_{}", n / 4))
            .reference("deployment_id", format!("d{}", n % 5))
    });
    let mut rows: Vec<_> = rows.collect();
    rows[0].environment = Some("forgotten".to_owned());
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_occur_are_suggested_by_id_and_name_and_chosen_by_keys() {
    let settings = Settings::open().names(Arc::new(Ada));
    let site = Site::set(rows(), settings).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.click("[part=records-menu] summary").await;
    page.click("[part=user_id-field]").await;
    let options = "all('.combobox:first-child [role=option]:not([hidden])')";
    let all = format!(
        "shown('.combobox:first-child [role=listbox]') && {options}.map((option) => option.dataset.value).join() === 'user_0,user_1,user_2'"
    );
    page.until("suggestions", &all).await;
    let named = format!("{options}[1].firstChild.textContent === 'Ada Lovelace'");
    page.until("names among them", &named).await;
    page.is_accessible("open suggestions").await;
    keep_picture("suggestions", &page.picture().await);

    page.press("lovel").await;
    let one = format!("{options}.map((option) => option.dataset.value).join() === 'user_1'");
    page.until("the one with that name", &one).await;
    page.press(&Key::Down).await;
    page.until(
        "it is active",
        "focused().getAttribute('aria-activedescendant') === one('[role=option][aria-selected=true]')?.id",
    )
    .await;
    page.press(&Key::Enter).await;
    page.until("filtered", "idle() && rows().length > 0 && rows().every((row) => row.querySelector('button.user').dataset.value === 'user_1')")
        .await;
    let user = ("user_id".to_owned(), "user_1".to_owned());
    assert_eq!(page.query().await, std::slice::from_ref(&user));

    // The field shows the one that is chosen, and suggests the others.
    page.until(
        "the one and the others",
        &format!("one('[part=user_id-field]').value === 'user_1' && {all}"),
    )
    .await;

    // A value that is not suggested is taken as it is typed, if it can be one.
    page.click("[part=reference-field]").await;
    page.press("deploy").await;
    page.press(&Key::Enter).await;
    page.until(
        "it is no reference",
        "((field) => field.getAttribute('aria-invalid') === 'true' && field.validationMessage.startsWith('Choose a suggestion'))(one('[part=reference-field]'))",
    )
    .await;
    page.press("ment_id:d1").await;
    page.press(&Key::Enter).await;
    page.until(
        "filtered",
        "idle() && text('.caption').includes('20 activities')",
    )
    .await;
    let reference = ("reference".to_owned(), "deployment_id:d1".to_owned());
    assert_eq!(page.query().await, [reference, user]);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enter_takes_the_only_suggestion() {
    let settings = Settings::open().names(Arc::new(Ada));
    let site = Site::set(rows(), settings).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.click("[part=records-menu] summary").await;
    for (field, typed, filter) in [
        ("user_id", "lovel", ("user_id", "user_1")),
        ("reference", "D3", ("reference", "deployment_id:d3")),
    ] {
        page.click(&format!("[part={field}-field]")).await;
        page.press(typed).await;
        let (name, value) = filter;
        let only = format!(
            "all('[role=listbox]:not([hidden]) [role=option]:not([hidden])').map((option) => option.dataset.value).join() === '{value}'"
        );
        page.until("the only suggestion", &only).await;
        page.press(&Key::Enter).await;
        let taken = format!("new URLSearchParams(location.search).get('{name}') === '{value}'");
        page.until("it is taken", &taken).await;
    }
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_that_is_on_no_row_is_suggested() {
    let site = Site::with(rows()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let offered = "all('#environments option').some(({ value }) => value === 'forgotten')";
    assert!(!page.value::<bool>(offered).await);
    page.click("[part=environment]").await;
    page.until("the environment", offered).await;
    page.was_quiet().await;
}
