//! The languages of the page, and both directions of writing.

use serde_json::Value;
use tracker_core::Status;
use tracker_tests::browser::{Site, TUESDAY, Timeline, at, realistic};

use super::{PAGE, looks_well_everywhere};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_german_has_everything_in_german() {
    let failed = at("b", "project_created", TUESDAY)
        .status(Status::Failure)
        .request_id("req_1");
    let site = Site::with(vec![failed, at("a", "invoice_sent", TUESDAY)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.read("fr-FR,de-AT,en-US").await;
    page.reload().await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0").await;
    assert_eq!(page.title().await, "proj_rooms · Aktivitäten");
    let said: Value = page
        .value("[document.documentElement.lang, text('.day'), text('.total'), text('.live'), all('.row .label').map((label) => label.textContent), all('.row .chip').map((chip) => chip.textContent)]")
        .await;
    let expected = serde_json::json!([
        "de",
        "Di., 3. März 2020",
        "2 Aktivitäten",
        "Live",
        ["Projekt erstellt", "Invoice sent"],
        ["fehlgeschlagen", "Anfrage req_1"]
    ]);
    assert_eq!(said, expected);
    page.click(".row .chip.status").await;
    page.until("the filter", "idle() && rows().length === 1")
        .await;
    let chip: String = page.value("one('[part=filter-chip]').ariaLabel").await;
    assert_eq!(chip, "Status fehlgeschlagen, Filter entfernen");
    let filters = [("status".to_owned(), "failure".to_owned())];
    assert_eq!(page.query().await, filters);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_filter_is_named_in_the_language_of_the_reader_and_is_removed() {
    let site = Site::with(vec![at("a", "deployment", TUESDAY)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.read("de-DE").await;
    page.visit(&format!("{PAGE}?created_before=tomorrow&status=success"))
        .await;
    page.until(
        "it is named",
        "state() === 'error' && text('.state').includes('Der Filter „Vor“ hat einen Wert') && !shown('[part=retry]')",
    )
    .await;
    page.click("[part=clear-filters]").await;
    page.until(
        "the others are left",
        "state() === 'rows' && idle() && location.search === '?status=success'",
    )
    .await;
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_built_in_action_and_each_status_is_german_and_other_actions_keep_their_names() {
    let actions = [
        ("project_created", Status::Success, "Projekt erstellt"),
        ("database_created", Status::Failure, "Datenbank erstellt"),
        ("endpoints_added", Status::Panicked, "Endpunkte hinzugefügt"),
        ("queries_executed", Status::Cancelled, "Abfragen ausgeführt"),
        ("deployment", Status::Success, "Deployment"),
        ("github_push", Status::Success, "GitHub-Push"),
        ("invoice_sent", Status::Success, "Invoice sent"),
    ];
    let rows = actions.iter().zip(0..).map(|((action, status, _), place)| {
        at(action, action, TUESDAY - place).status(status.clone())
    });
    let site = Site::with(rows.collect()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.read("de-DE").await;
    page.reload().await;
    page.until_live().await;
    let labels: Vec<String> = page
        .value("all('.row .label').map((label) => label.textContent)")
        .await;
    assert_eq!(labels, actions.map(|(.., label)| label));
    let statuses: Vec<String> = page
        .value("all('.row .chip.status').map((chip) => chip.textContent)")
        .await;
    assert_eq!(statuses, ["fehlgeschlagen", "abgestürzt", "abgebrochen"]);
    let choices: Vec<String> = page
        .value("[...one('[part=status]').options].map((option) => option.textContent)")
        .await;
    let expected = ["Jeder Status", "erfolgreich"].map(str::to_owned);
    assert_eq!(choices, [&expected[..], &statuses].concat());
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_chooses_the_language_and_can_change_it() {
    let site = Site::with(vec![at("a", "deployment", TUESDAY)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until("English", "text('.total') === '1 activity'")
        .await;
    page.act("timeline.lang = 'de'").await;
    page.until(
        "German",
        "text('.total') === '1 Aktivität' && text('.day') === 'Di., 3. März 2020'",
    )
    .await;
    // The language of an element around it counts where it is connected.
    page.act("timeline.removeAttribute('lang'); document.body.lang = 'en'; document.body.append(timeline)")
        .await;
    page.until("English", "live() && text('.total') === '1 activity'")
        .await;
    // Nobody has written this language's texts.
    page.act("timeline.lang = 'constructor'").await;
    page.until("English", "live() && text('.total') === '1 activity'")
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_is_accessible_from_right_to_left_and_in_german() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    for (name, languages, direction) in [
        ("right-to-left", "en-US", "rtl"),
        ("german", "de-DE", "ltr"),
    ] {
        page.read(languages).await;
        page.reload().await;
        page.act(&format!("document.documentElement.dir = '{direction}'"))
            .await;
        let rows_and_bars = "state() === 'rows' && idle() && live() && all('.bar').length > 0";
        looks_well_everywhere(&page, name, rows_and_bars).await;
    }
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bars_from_right_to_left_are_chosen_where_they_stand() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.act("document.documentElement.dir = 'rtl'").await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 2").await;
    page.act("window.day = all('.bar').at(-3).ariaLabel.split(':')[0]")
        .await;
    page.click(".bar:nth-last-child(3)").await;
    page.until(
        "that bar alone is chosen",
        "idle() && all('.bar[aria-pressed=true]').map((bar) => bar.ariaLabel.split(':')[0]).join() === window.day",
    )
    .await;
    page.was_quiet().await;
}
