//! Sharing what a timeline shows: its address, and the zone that is in it.

use tracker_tests::browser::{Site, TUESDAY, Timeline, at, realistic};

use super::{PAGE, looks_well_everywhere};

const TOOL: &str = "document.querySelector('timeline-tools').shadowRoot";

/// 2020-03-04T02:00:00Z, which is still Tuesday in New York.
const NIGHT: i64 = TUESDAY + 16 * 3_600_000;

/// Opens the panel, and returns what it says and the address in its field.
async fn share(page: &Timeline) -> (String, String) {
    page.act(&format!(
        "{TOOL}.querySelector('.share-menu > summary').click()"
    ))
    .await;
    page.until(
        "it says what came of it",
        &format!("{TOOL}.querySelector('.said').textContent !== ''"),
    )
    .await;
    page.value(&format!(
        "[{TOOL}.querySelector('.said').textContent, {TOOL}.querySelector('.address input').value]"
    ))
    .await
}

/// True if all of the address is selected in the field that has the focus.
fn is_selected() -> String {
    format!(
        "((field) => {TOOL}.activeElement === field && field.selectionStart === 0 && field.selectionEnd === field.value.length)({TOOL}.querySelector('.address input'))"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sharing_copies_the_address_with_the_zone_and_says_so() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}?status=failure")).await;
    page.live_in("America/New_York").await;
    page.reload().await;
    page.until_live().await;
    page.act("navigator.clipboard.writeText = async (text) => void (window.copied = text)")
        .await;
    let (said, address) = share(&page).await;
    assert_eq!(said, "The address is copied");
    assert_eq!(page.value::<String>("window.copied").await, address);
    let shared: String = page.value("location.href").await;
    assert_eq!(address, format!("{shared}&zone=America%2FNew_York"));
    let live: String = page
        .value(&format!("{TOOL}.querySelector('.quiet').textContent"))
        .await;
    assert_eq!(live, said);
    for direction in ["ltr", "rtl"] {
        page.act(&format!("document.documentElement.dir = '{direction}'"))
            .await;
        let open = format!("{TOOL}.querySelector('.share-menu').open");
        looks_well_everywhere(&page, &format!("sharing-{direction}"), &open).await;
    }
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_with_an_address_closes_when_the_page_has_another_one() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.click(".row .chip.status").await;
    page.until("the filter", "idle() && location.search !== ''")
        .await;
    share(&page).await;
    page.back().await;
    let closed = format!("!{TOOL}.querySelector('.share-menu').open");
    page.until(
        "the way back closes it",
        &format!("location.search === '' && {closed}"),
    )
    .await;
    page.until("all rows", "state() === 'rows' && idle()").await;
    share(&page).await;
    page.act("all('.row button.label')[0].click()").await;
    page.until(
        "a filter closes it",
        &format!("location.search !== '' && {closed}"),
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_clipboard_the_address_is_selected_to_be_copied_by_hand() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    // A page without HTTPS has no clipboard, and a browser may refuse the command.
    page.act("Object.defineProperty(navigator, 'clipboard', { value: undefined }); window.commands = []; document.execCommand = (command) => (window.commands.push(command), window.commands.length > 1)")
        .await;
    let (said, address) = share(&page).await;
    assert_eq!(
        said,
        "The browser does not copy it: copy the selected address yourself"
    );
    assert!(address.ends_with(&format!("{PAGE}?zone=UTC")), "{address}");
    assert!(page.value::<bool>(&is_selected()).await);
    page.act(&format!("{TOOL}.querySelector('.address button').click()"))
        .await;
    page.until(
        "the command copies it",
        &format!("{TOOL}.querySelector('.said').textContent === 'The address is copied' && window.commands.join() === 'copy,copy'"),
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_with_a_zone_shows_its_days_until_another_zone_is_chosen() {
    let site = Site::with(vec![at("night", "deployment", NIGHT)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.live_in("America/New_York").await;
    page.begin_at(NIGHT + 10 * 24 * 3_600_000).await;
    let shows = |zone: &str, day: &str| {
        format!("idle() && text('[part=zone]') === '{zone}' && text('.day') === '{day}'")
    };
    page.visit(&format!("{PAGE}?zone=Asia%2FTokyo")).await;
    page.until("Tokyo", &shows("Asia/Tokyo", "Wednesday, March 4"))
        .await;
    let bar = "all('.bar').some((bar) => bar.ariaLabel === 'Mar 4, 2020: 1 activity')";
    page.until("its bar", bar).await;
    page.click("[part=zone]").await;
    let own = shows("America/New_York", "Tuesday, March 3");
    page.until(
        "the viewer's own",
        &format!("{own} && location.search === ''"),
    )
    .await;
    page.click("[part=zone]").await;
    let utc = shows("UTC", "Wednesday, March 4");
    page.until("UTC", &format!("{utc} && location.search === '?zone=UTC'"))
        .await;
    page.click("[part=zone]").await;
    let named = shows("Asia/Tokyo", "Wednesday, March 4");
    let named = format!("{named} && location.search === '?zone=Asia%2FTokyo'");
    page.until("that of the address again", &named).await;
    // No zone, and one that nobody knows, are that of the viewer's choice.
    page.visit(&format!("{PAGE}?zone=Nowhere")).await;
    page.until("UTC is kept", &shows("UTC", "Wednesday, March 4"))
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_zone_of_an_address_goes_along_to_an_activity_and_back() {
    let site = Site::with(vec![at("night", "deployment", NIGHT)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.live_in("America/New_York").await;
    page.visit(&format!("{PAGE}?zone=Asia%2FTokyo")).await;
    page.until_live().await;
    page.act("location.href = row('night').querySelector('a.when').href")
        .await;
    page.until(
        "the time in Tokyo",
        "state() === 'activity' && one('.place') !== null && one('.fields time').textContent.includes('11:00:00 AM')",
    )
    .await;
    let ways = "[location.href, one('.place').href, document.querySelector('nav li:last-child a').href].map((href) => new URL(href).searchParams.get('zone'))";
    assert_eq!(page.value::<[String; 3]>(ways).await, ["Asia/Tokyo"; 3]);

    // What is shared has the zone in which the page is read.
    page.visit(&format!("{PAGE}/activities/night")).await;
    let tool = "document.querySelector('page-share').shadowRoot";
    page.act(&format!(
        "{tool}.querySelector('.share-menu > summary').click()"
    ))
    .await;
    let shared = format!(
        "{tool}.querySelector('.address input').value === `${{location.href}}?zone=America%2FNew_York`"
    );
    page.until("the shared address", &shared).await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lives_in_utc_is_offered_no_change_to_utc() {
    let site = Site::with(vec![at("night", "deployment", NIGHT)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let zone = "[text('[part=zone]'), one('[part=zone]').title, one('button[part=zone]')]";
    let shown: serde_json::Value = page.value(zone).await;
    assert_eq!(shown, serde_json::json!(["UTC", "Times in UTC", null]));
    page.was_quiet().await;
}
