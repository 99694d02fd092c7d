//! Counting over time.

#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::collections::BTreeMap;

use tracker_core::{
    Activity, Status,
    timeline::{Arrivals, Bucket, Counting, Counts, Filter, UtcOffsets},
};

use super::{Subject, activity, write};
use crate::arrivals::all_settled;

/// By day and by hour, in clocks that are an hour and a half ahead until some time, and half an
/// hour from then on.
pub(super) async fn same_counts(
    store: &Subject,
    filter: Filter,
    rows: &[Activity],
) -> anyhow::Result<()> {
    const CHANGE: i64 = 1_000_000;
    let begin = |at: i64, length: i64| {
        let ahead = if at < CHANGE { 5_400_000 } else { 1_800_000 };
        ((at + ahead).div_euclid(length), ahead)
    };
    let day = |at: i64| begin(at, Bucket::DAY_MS).0;
    let hour = |at: i64| {
        let (hour, ahead) = begin(at, Bucket::HOUR_MS);
        let begins = hour * Bucket::HOUR_MS - ahead;
        if at < CHANGE {
            begins
        } else {
            begins.max(CHANGE)
        }
    };
    let offsets = UtcOffsets::changing(5_400, [(CHANGE, 1_800)]);
    let by_day = store.counts(Counting::by_day(filter.clone(), offsets.clone()));
    same(&by_day.await?, rows, day)?;
    let by_hour = store.counts(Counting::by_hour(filter, offsets));
    same(&by_hour.await?, rows, hour)
}

/// The counts are those of the rows, in the order of buckets and action types.
fn same(counts: &[Counts], rows: &[Activity], bucket: impl Fn(i64) -> i64) -> anyhow::Result<()> {
    let mut expected = BTreeMap::new();
    for row in rows {
        let action_type = row.action_type.as_deref().map(str::to_owned);
        let key = (row.created_at.map(&bucket), action_type);
        let (count, failures) = expected.entry(key).or_insert((0, 0));
        *count += 1;
        let status = row.status.as_ref().map(Status::as_str);
        if let Some("failure" | "panicked" | "cancelled") = status {
            *failures += 1;
        }
    }
    let found = counts.iter().map(|counts| {
        let key = (counts.bucket, counts.action_type.clone());
        (key, (counts.all.count, counts.all.failures))
    });
    let found: Vec<_> = found.collect();
    anyhow::ensure!(
        found == expected.into_iter().collect::<Vec<_>>(),
        "{found:?}"
    );
    anyhow::ensure!(counts.iter().all(|counts| counts.before == counts.all));
    Ok(())
}

fn per_bucket(counts: &[Counts]) -> Vec<(i64, u64)> {
    let timed = counts
        .iter()
        .filter_map(|counts| Some((counts.bucket?, counts.all.count)));
    timed.collect()
}

pub async fn days_are_those_of_the_offset(store: Subject) -> anyhow::Result<()> {
    const DAY: i64 = Bucket::DAY_MS;

    store.migrate().await?;
    let times = [0, DAY - 1, DAY, -1, 10 * DAY + DAY / 2, i64::MAX, i64::MIN];
    let rows = times.map(|at| activity("p", at, &format!("at {at}")));
    write(&*store, rows.to_vec()).await?;
    let middle = Filter::project("p")
        .created_after(-DAY)
        .created_before(20 * DAY);
    for (offset, expected) in [
        (0, vec![(-1, 1), (0, 2), (1, 1), (10, 1)]),
        (3_600, vec![(0, 2), (1, 2), (10, 1)]),
        (-14 * 3_600, vec![(-1, 2), (0, 2), (9, 1)]),
    ] {
        let days = store
            .counts(Counting::by_day(middle.clone(), UtcOffsets::fixed(offset)))
            .await?;
        let counts = per_bucket(&days);
        assert_eq!(counts, expected, "{offset}");
    }
    // Times at the ends of the type's range are on some day.
    let all = store
        .counts(Counting::by_day(
            Filter::project("p"),
            UtcOffsets::fixed(3_600),
        ))
        .await?;
    assert_eq!(all.iter().map(|day| day.all.count).sum::<u64>(), 7);
    Ok(())
}

pub async fn days_are_as_long_as_changes_of_clocks_make_them(store: Subject) -> anyhow::Result<()> {
    const DAY: i64 = Bucket::DAY_MS;
    const HOUR: i64 = 3_600_000;

    store.migrate().await?;
    // Clocks are five hours behind, four from the second hour of day 1 on, and five again from the
    // second hour of day 3 on.
    let (forward, back) = (DAY + 7 * HOUR, 3 * DAY + 6 * HOUR);
    let offsets = UtcOffsets::changing(-5 * 3_600, [(forward, -4 * 3_600), (back, -5 * 3_600)]);
    let day_1 = [DAY + 5 * HOUR, forward - 1, forward, 2 * DAY + 4 * HOUR - 1];
    let day_2 = [2 * DAY + 4 * HOUR, 3 * DAY + 4 * HOUR - 1];
    let day_3 = [3 * DAY + 4 * HOUR, back - 1, back, 4 * DAY + 5 * HOUR - 1];
    let others = [DAY + 5 * HOUR - 1, 4 * DAY + 5 * HOUR, i64::MIN, i64::MAX];
    let times = [&day_1[..], &day_2, &day_3, &others].concat();
    let rows = times
        .iter()
        .map(|at| activity("p", *at, &format!("at {at}")));
    write(&*store, rows.collect::<Vec<_>>()).await?;
    let all = store
        .counts(Counting::by_day(Filter::project("p"), offsets.clone()))
        .await?;
    let counts = per_bucket(&all);
    let inner = [(0, 1), (1, 4), (2, 2), (3, 4), (4, 1)];
    assert_eq!(counts[1..6], inner);
    assert_eq!((counts.len(), counts[0].1, counts[6].1), (7, 1, 1));
    let bounded = Filter::project("p")
        .created_after(forward)
        .created_before(back);
    let days = store.counts(Counting::by_day(bounded, offsets)).await?;
    let counts = per_bucket(&days);
    assert_eq!(counts, [(1, 2), (2, 2), (3, 2)]);
    Ok(())
}

/// A reader who follows what arrives after a place counts each row once: those before the place by
/// the counts, and those after it as they arrive.
pub async fn counts_tell_what_arrived_before_a_place(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let failed = |at, id: &str| {
        let mut row = activity("p", at, id);
        row.status = Some(Status::Failure);
        row
    };
    let mut untimed = activity("p", 0, "u");
    untimed.created_at = None;
    let counting = || Counting::by_day(Filter::project("p"), UtcOffsets::default());
    let place = all_settled(&*store).await;
    write(&*store, vec![activity("p", 7, "b"), failed(7, "d")]).await?;
    let counts = store
        .counts(counting().arrived_before(place.clone()))
        .await?;
    assert_eq!((counts[0].all.count, counts[0].all.failures), (2, 1));
    assert_eq!((counts[0].before.count, counts[0].before.failures), (0, 0));

    let until = all_settled(&*store).await;
    let arrivals = Arrivals::new(vec!["p".into()], place, until.clone());
    let arrived = store.arrivals(arrivals).await?;
    assert_eq!(arrived.len(), 2);
    write(
        &*store,
        vec![failed(7, "a"), activity("p", 7, "c"), untimed],
    )
    .await?;
    let places = arrived.into_iter().map(|(place, _)| place);
    for (before, place) in (1..).zip(places.chain([until])) {
        let counts = store.counts(counting().arrived_before(place)).await?;
        assert_eq!((counts[0].bucket, counts[0].before.count), (None, 1));
        assert_eq!((counts[1].all.count, counts[1].all.failures), (4, 2));
        assert_eq!(counts[1].before.count, before.min(2));
    }
    Ok(())
}
