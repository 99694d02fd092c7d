//! Filtering with the pointer, and the browser's history.

use fantoccini::key::Key;
use tracker_core::{Activity, Status};
use tracker_tests::browser::{Site, TUESDAY, Timeline, at, realistic};

use super::{PAGE, agree, first_page};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_without_results_tells_where_people_and_requests_are() {
    let row = at("a", "deployment", TUESDAY).user_id("alice");
    let site = Site::with(vec![row.details("deployed")]).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}?q=alice")).await;
    let hint = "state() === 'no-match' && text('.state').includes('People, requests and references are under “Who and what”.')";
    page.until("it is told", hint).await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_address_and_chips_agree_on_the_filters_also_back_and_forward() {
    let all = realistic();
    let site = Site::with(all.clone()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let everything = first_page(&all, |_| true);
    agree(&page, &[], &everything).await;

    page.click("article .chip[data-filter=environment][data-value=staging]")
        .await;
    let staged = |row: &Activity| row.environment.as_deref() == Some("staging");
    let environment = ("environment", "staging");
    let of_environment = first_page(&all, staged);
    agree(&page, &[environment], &of_environment).await;

    page.click("article button.user").await;
    let user: String = page.value("one('article button.user').dataset.value").await;
    let theirs = |row: &Activity| staged(row) && row.user_id.as_deref() == Some(&user);
    let user = ("user_id", &*user);
    agree(&page, &[environment, user], &first_page(&all, theirs)).await;

    page.click("[part=action-types-menu] summary").await;
    page.click("input[value=deployment]").await;
    let deployed = |row: &Activity| theirs(row) && row.action_type.as_deref() == Some("deployment");
    let action = ("action_type", "deployment");
    let of_type = first_page(&all, deployed);
    agree(&page, &[environment, user, action], &of_type).await;
    page.is_accessible("an open menu").await;
    page.press(&Key::Escape).await;
    page.until(
        "the menu is closed",
        "!one('[part=action-types-menu]').open",
    )
    .await;

    page.choose("[part=status]", "failure").await;
    let failed = |row: &Activity| deployed(row) && row.status == Some(Status::Failure);
    let status = ("status", "failure");
    let of_status = first_page(&all, failed);
    agree(&page, &[environment, user, action, status], &of_status).await;

    page.back().await;
    agree(&page, &[environment, user, action], &of_type).await;
    page.back().await;
    page.back().await;
    agree(&page, &[environment], &of_environment).await;
    page.forward().await;
    page.forward().await;
    page.forward().await;
    agree(&page, &[environment, user, action, status], &of_status).await;

    page.reload().await;
    agree(&page, &[environment, user, action, status], &of_status).await;
    page.click("[part=filter-chip][data-filter=environment]")
        .await;
    let elsewhere = first_page(&all, |row| {
        (row.user_id.as_deref(), row.action_type.as_deref()) == (Some(user.1), Some(action.1))
            && row.status == Some(Status::Failure)
    });
    agree(&page, &[user, action, status], &elsewhere).await;
    page.click("[part=clear-all]").await;
    agree(&page, &[], &everything).await;
    page.was_quiet().await;
}
