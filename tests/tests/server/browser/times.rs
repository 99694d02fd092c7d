//! Ranges of times: their bars, their buttons and fields, and what was there at the last visit.

use fantoccini::key::Key;
use tracker_core::{Activity, Status};
use tracker_tests::browser::{Edge, NARROW, Scheme, Site, Timeline, at, keep_picture, numbered};

use super::{PAGE, looks_well};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// 2026-11-24, 17:30 UTC.
const NOW: i64 = 1_795_541_400_000;

/// Returns activities on each of the last days, the present one among them, with some failures.
fn on_each_day(days: i64) -> Vec<Activity> {
    let each = (0..days).flat_map(|day| (0..=(day + 2) % 4).map(move |number| (day, number)));
    let each = each.map(|(day, number)| {
        let time = NOW - day * DAY - number * 3 * HOUR - 10 * MINUTE;
        // Neighbours differ, so that each has a row of its own.
        let action_type = ["deployment", "github_push"][usize::from(number % 2 == 1)];
        let mut activity = at(&format!("day-{day:02}-{number}"), action_type, time);
        if (day + number) % 4 == 0 {
            activity.status = Some(Status::Failure);
        }
        activity
    });
    each.collect()
}

/// Opens the page at the present time of these tests.
async fn open(activities: Vec<Activity>, zone: &str) -> (Site, Timeline) {
    let site = Site::with(activities).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.live_in(zone).await;
    page.begin_at(NOW).await;
    page.reload().await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0").await;
    (site, page)
}

/// The labels of all bars with this selector that are not empty.
fn labels(selector: &str) -> String {
    format!("all('{selector}').map((bar) => bar.ariaLabel).filter((label) => !/: 0 /.test(label))")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_activities_far_from_the_others_are_at_an_edge_and_marked() {
    let mut activities = on_each_day(60);
    activities.push(at("ancient", "deployment", 0));
    activities.push(at("early", "deployment", NOW + 40 * MINUTE));
    activities.push(at("future", "deployment", NOW + 400 * DAY));
    let (_site, page) = open(activities, "UTC").await;
    let (bars, first, last): (usize, String, String) = page
        .value("[all('.bar:not([data-edge])').length, all('.bar')[0].ariaLabel, all('.bar').at(-1).ariaLabel]")
        .await;
    assert_eq!(bars, 60, "a bar for each day");
    assert_eq!(first, "Jan 1, 1970 (long before the others): 1 activity");
    assert_eq!(last, "Dec 29, 2027 (in the future): 1 activity");
    let headings: Vec<String> = page
        .value("all('.day').slice(0, 2).map((day) => day.textContent)")
        .await;
    assert_eq!(headings[0], "Wed, Dec 29, 2027 · in the future");
    assert_eq!(headings[1], "Today");
    let times: Vec<String> = page
        .value("all('article .time').slice(1, 2).map((time) => time.textContent)")
        .await;
    assert_eq!(times, ["in 39 min"]);
    page.is_accessible("bars at the edges").await;
    keep_picture("bars-at-the-edges", &page.picture().await);

    page.click(".bar[data-edge=before]").await;
    page.until("the ancient alone", "idle() && ids().join() === 'ancient'")
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hours_of_a_day_are_bars_and_are_chosen_by_keys_and_by_dragging() {
    // Clocks are five hours and 45 minutes ahead of UTC.
    let (site, page) = open(on_each_day(20), "Asia/Kathmandu").await;
    assert!(!page.value::<bool>("shown('.hours')").await);
    page.click(".bar:nth-last-child(2)").await;
    page.until("the hours", &format!("{}.length === 4", labels(".hour")))
        .await;
    // It is the 23rd, from its midnight there to the next one.
    assert_eq!(
        page.value::<Vec<String>>(&labels(".hour")).await,
        [
            "Nov 23, 2026, 2:00 – 3:00 PM: 1 activity, 1 failed",
            "Nov 23, 2026, 5:00 – 6:00 PM: 1 activity",
            "Nov 23, 2026, 8:00 – 9:00 PM: 1 activity",
            "Nov 23, 2026, 11:00 PM – Nov 24, 2026, 12:00 AM: 1 activity",
        ]
    );
    assert_eq!(page.value::<usize>("all('.hour').length").await, 24);
    let total = |text: &str| format!("text('[part=total]') === '{text}'");
    page.until("the heading", &total("4 of 50 activities"))
        .await;
    // What arrives is counted in its hour.
    let late = at("late", "deployment", NOW - DAY);
    site.record(vec![late]).await;
    page.until("one more of each", &total("5 of 51 activities"))
        .await;
    page.until(
        "what arrives",
        "all('.hour').at(-1).ariaLabel.includes('2 activities')",
    )
    .await;
    page.is_accessible("bars of hours").await;
    keep_picture("bars-of-hours", &page.picture().await);
    page.prefer(Scheme::Dark).await;
    keep_picture("bars-of-hours-dark", &page.picture().await);

    page.act("all('.hour').at(-1).focus()").await;
    page.press_with_shift(&Key::Left.repeat(3)).await;
    page.until(
        "four hours are chosen",
        "idle() && all('.hour[aria-pressed=true]').length === 4 && ids().length === 3",
    )
    .await;
    let range = ["2026-11-23T14:15:00.000Z", "2026-11-23T18:15:00.000Z"];
    let [after, before] = range.map(str::to_owned);
    let range = [
        ("created_after".to_owned(), after),
        ("created_before".to_owned(), before),
    ];
    assert_eq!(page.query().await, range);
    page.press(&Key::Escape).await;
    page.until(
        "all again",
        "idle() && !shown('.hours') && ids().length > 20",
    )
    .await;
    page.was_quiet().await;
}

/// Writes into a field of date and time.
async fn fill(page: &Timeline, field: &str, text: &str) {
    page.act(&format!(
        "const field = one('[part={field}]'); field.value = '{text}'; field.dispatchEvent(new Event('change'));"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_are_chosen_by_name_or_by_their_ends_in_the_chosen_zone() {
    let (_site, page) = open(on_each_day(40), "Asia/Kathmandu").await;
    for (name, ids, ends) in [
        ("last-hour", 1, 1),
        ("last-24-hours", 3, 1),
        ("last-7-days", 18, 1),
        ("yesterday", 4, 2),
        ("today", 3, 1),
    ] {
        page.act("one('[part=dates-menu]').open = true").await;
        page.click(&format!("[part={name}]")).await;
        page.until(
            name,
            &format!("idle() && ids().length === {ids} && all('[part=filter-chip]').length === {ends} && text('[part=total]') === '{ids} of 100 activities'"),
        )
        .await;
        let is_closed =
            "!one('[part=dates-menu]').open && focused() === one('[part=dates-menu] > summary')";
        assert!(page.value::<bool>(is_closed).await, "{name} is a choice");
    }
    page.act("one('[part=dates-menu]').open = true").await;
    page.is_accessible("the menu of ranges").await;
    keep_picture("menu-of-ranges", &page.picture().await);
    fill(&page, "from", "2026-11-22T20:00").await;
    fill(&page, "to", "2026-11-23T22:30").await;
    page.until("the chosen ones", "idle() && ids().length === 4")
        .await;
    let range = |after: &str, before: &str| {
        [("created_after", after), ("created_before", before)]
            .map(|(name, time)| (name.to_owned(), time.to_owned()))
    };
    let chosen = range("2026-11-22T14:15:00.000Z", "2026-11-23T16:45:00.000Z");
    assert_eq!(page.query().await, chosen);

    let zone = "text('[part=zone]')";
    assert_eq!(page.value::<String>(zone).await, "Asia/Katmandu");
    page.act("one('[part=dates-menu]').open = false").await;
    page.click("[part=zone]").await;
    let in_utc = "idle() && text('[part=zone]') === 'UTC' && one('[part=from]').value === '2026-11-22T14:15' && ids().length === 4";
    page.until("the same in UTC", in_utc).await;
    assert!(page.value::<bool>("focused() === one('[part=zone]')").await);
    assert!(
        page.value::<bool>("all('article time')[0].title.includes('UTC')")
            .await
    );
    page.reload().await;
    page.until("UTC is kept", in_utc).await;
    fill(&page, "to", "").await;
    page.until(
        "without an end",
        "idle() && all('[part=filter-chip]').length === 1",
    )
    .await;
    page.click("[part=zone]").await;
    page.until(
        "the own zone again",
        "text('[part=zone]') === 'Asia/Katmandu' && one('[part=from]').value === '2026-11-22T20:00'",
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_is_told_by_its_age_for_an_hour_and_by_the_clock_from_then_on() {
    let ages = [
        ("new", 12 * MINUTE),
        ("old", 61 * MINUTE),
        ("before", 20 * HOUR),
    ];
    // Neighbours are of two types, so that none are folded.
    let rows = ages
        .iter()
        .zip(["deployment", "github_push"].iter().cycle());
    let rows = rows.map(|((id, age), action_type)| at(id, action_type, NOW - age));
    let (_site, page) = open(rows.collect(), "UTC").await;
    let times = "ids().map((id) => row(id).querySelector('time').textContent.replace(/\\s/g, ' '))";
    let shown: Vec<String> = page.value(times).await;
    assert_eq!(shown, ["12 min ago", "4:29 PM", "9:30 PM"]);
    let title: String = page.value("row('new').querySelector('time').title").await;
    assert!(title.contains("5:18:00"), "{title}");
    // The page is looked at again after hours.
    page.act("const now = Date.now; Date.now = () => now() + 3 * 3_600_000; document.dispatchEvent(new Event('visibilitychange'))")
        .await;
    let later: Vec<String> = page.value(times).await;
    assert_eq!(later, ["5:18 PM", "4:29 PM", "9:30 PM"]);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_narrow_window_shows_a_range_with_its_count_to_the_end() {
    let (_site, page) = open(on_each_day(20), "UTC").await;
    page.resize(NARROW).await;
    page.act("one('[part=dates-menu]').open = true").await;
    page.click("[part=yesterday]").await;
    page.until(
        "the range",
        "idle() && text('.reading').includes('4 activities')",
    )
    .await;
    let [content, room]: [f64; 2] = page
        .value("[one('.reading').scrollWidth, one('.reading').clientWidth]")
        .await;
    assert!(content <= room, "{content} pixels in {room}");
    looks_well(&page, "range-narrow").await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_since_the_last_visit_is_marked_and_can_be_chosen() {
    let site = Site::with(numbered(40)).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    assert!(
        !page
            .value::<bool>("one('[data-last-visit]') !== null || !one('[part=since-visit]').hidden")
            .await
    );
    // The visit was an hour ago, when the rows from the sixth minute on were there.
    page.act(
        "const visits = JSON.parse(localStorage.getItem('tracker-visits'));
         for (const visit of Object.values(visits)) { visit.seen_ms -= 3_600_000; }
         localStorage.setItem('tracker-visits', JSON.stringify(visits));",
    )
    .await;
    let since: i64 = page
        .value("Object.values(JSON.parse(localStorage.getItem('tracker-visits')))[0].seen_ms")
        .await;
    let mut activities = numbered(40);
    for activity in &mut activities {
        activity.action_id.insert_str(0, "later-");
        activity.created_at = activity.created_at.map(|at| at.max(since + MINUTE));
    }
    let mut before = numbered(3);
    for activity in &mut before {
        activity.action_id.insert_str(0, "before-");
        activity.created_at = Some(since - MINUTE);
    }
    activities.extend(before);
    site.record(activities).await;
    page.reload().await;
    page.until_live().await;
    page.scroll_to(Edge::End).await;
    page.until(
        "the mark",
        "one('[data-last-visit]')?.dataset.actionId === 'before-numbered-00003'",
    )
    .await;
    page.act("one('[data-last-visit]').scrollIntoView({ block: 'center', behavior: 'instant' })")
        .await;
    keep_picture("last-visit", &page.picture().await);
    page.scroll_to(Edge::Top).await;
    page.act("one('[part=dates-menu]').open = true").await;
    page.click("[part=since-visit]").await;
    page.until(
        "its first page",
        "idle() && all('[part=filter-chip]').length === 1 && ids().length === 50",
    )
    .await;
    page.scroll_to(Edge::End).await;
    page.until(
        "what is newer alone",
        "idle() && all('[part=filter-chip]').length === 1 && ids().length === 80 && one('[data-last-visit]') === null",
    )
    .await;
    page.was_quiet().await;
}
