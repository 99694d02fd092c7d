//! Days in the viewer's zone, on both changes of clocks.

use serde_json::{Value, json};
use tracker_core::Activity;
use tracker_tests::browser::{Edge, Site, TUESDAY, Timeline, at, keep_picture};

use super::PAGE;

const HOUR: i64 = 3_600_000;

/// 2020-03-03T22:00:00Z, on the next day where clocks are five hours ahead.
const NIGHT: i64 = TUESDAY + 12 * HOUR;

/// A change of clocks in New York.
struct Change {
    name: &'static str,
    /// The midnight at which the day of the change begins, in milliseconds since the epoch.
    midnight: i64,
    /// The number of hours of that day.
    hours: i64,
    /// The labels of the bars for the day before, the day itself and the day after.
    days: [&'static str; 3],
    /// The bounds of the day as the address has them.
    range: [&'static str; 2],
}

const CHANGES: [Change; 2] = [
    Change {
        name: "autumn",
        midnight: 1_793_505_600_000,
        hours: 25,
        days: ["Oct 31, 2026", "Nov 1, 2026", "Nov 2, 2026"],
        range: ["2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z"],
    },
    Change {
        name: "spring",
        midnight: 1_772_946_000_000,
        hours: 23,
        days: ["Mar 7, 2026", "Mar 8, 2026", "Mar 9, 2026"],
        range: ["2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"],
    },
];

impl Change {
    /// Returns activities at the first and the last moments of the three days, and in each hour of
    /// the middle one.
    fn activities(&self) -> Vec<Activity> {
        let next = self.midnight + self.hours * HOUR;
        let before = [
            self.midnight - 24 * HOUR,
            self.midnight - HOUR / 2,
            self.midnight - 1,
        ];
        let within = (0..self.hours).flat_map(|hour| {
            let begins = self.midnight + hour * HOUR;
            [begins, begins + HOUR - 1]
        });
        let behind = [next, next + HOUR / 2, next + 24 * HOUR - 1];
        let times = before.into_iter().chain(within).chain(behind);
        // Neighbours are of two users, so that none are folded.
        let rows = times.zip(["user_1", "user_2"].into_iter().cycle());
        rows.map(|(time, user)| at(&format!("at {time}"), "deployment", time).user_id(user))
            .collect()
    }

    /// Returns the number of activities on each day.
    fn counts(&self) -> [i64; 3] {
        [3, 2 * self.hours, 3]
    }
}

/// The labels, as read aloud, of the bars that are not empty.
const BARS: &str = "all('.bar').map((bar) => bar.ariaLabel).filter((label) => !/: 0 /.test(label))";

/// The number of rows of each day shown, from the top down.
const SECTIONS: &str = "all('section').map((day) => day.querySelectorAll('article').length)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_may_have_an_offset_and_loses_a_zone_that_nobody_knows() {
    let site = Site::with(vec![at("night", "deployment", NIGHT)]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.begin_at(NIGHT + 240 * HOUR).await;
    page.visit(&format!("{PAGE}?zone=+05:00")).await;
    page.until_live().await;
    page.until("the bars", &format!("{BARS}.length > 0")).await;
    let labels: Vec<String> = page.value(BARS).await;
    assert_eq!(labels, ["Mar 4, 2020: 1 activity"]);
    assert_eq!(page.value::<String>("text('[part=zone]')").await, "+05:00");
    let zone = [("zone".to_owned(), "+05:00".to_owned())];
    assert_eq!(page.query().await, zone);

    page.visit(&format!("{PAGE}?zone=Mars/Olympus&open=night"))
        .await;
    page.until_live().await;
    assert_eq!(page.value::<String>("text('[part=zone]')").await, "UTC");
    let rest = [("open".to_owned(), "night".to_owned())];
    assert_eq!(page.query().await, rest);
    // The server was asked for nothing that it does not know.
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bars_and_rows_agree_on_days_of_23_and_25_hours_and_a_bar_shows_exactly_its_day() {
    for change in CHANGES {
        let site = Site::with(change.activities()).await;
        let page = Timeline::open(site.address(), PAGE).await;
        page.live_in("America/New_York").await;
        page.begin_at(change.midnight + 240 * HOUR).await;
        page.reload().await;
        page.until_live().await;
        page.until("the bars", &format!("{BARS}.length > 0")).await;
        page.scroll_to(Edge::End).await;
        page.until("all rows", "text('[part=end]') === 'That is all.'")
            .await;
        page.scroll_to(Edge::Top).await;
        let [before, within, behind] = change.counts();
        assert_eq!(
            page.value::<Value>(SECTIONS).await,
            json!([behind, within, before]),
            "{}",
            change.name
        );
        let labels = [before, within, behind];
        let labels: Vec<_> = change.days.into_iter().zip(labels).collect();
        let labels = labels
            .iter()
            .map(|(day, count)| format!("{day}: {count} activities"));
        assert_eq!(
            page.value::<Vec<String>>(BARS).await,
            labels.collect::<Vec<_>>()
        );
        keep_picture(
            &format!("clocks-changed-in-{}", change.name),
            &page.picture().await,
        );

        page.click(&format!(".bar[aria-label^='{}']", change.days[1]))
            .await;
        let [after, until] = change.range;
        let whole = format!(
            "idle() && {SECTIONS}.join() === '{within}' && all('.bar[aria-pressed=true]').length === 1"
        );
        page.until("the day alone", &whole).await;
        let range = [("created_after", after), ("created_before", until)];
        let range = range.map(|(name, time)| (name.to_owned(), time.to_owned()));
        assert_eq!(page.query().await, range);
        page.was_quiet().await;
    }
}
