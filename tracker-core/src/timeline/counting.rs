//! Counts activities over time: a [`Counting`] is answered by [`Counts`], one for each bucket and
//! action type.

use std::collections::BTreeMap;

use super::{Bucket, Filter, Place, UtcOffsets};
use crate::Activity;

/// The activities to count, and by which stretches of time.
///
/// ```
/// use tracker_core::{
///     ActionType, Activity, MemoryStore, Store,
///     timeline::{Counting, Filter, UtcOffsets},
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let mut activity = Activity::new(ActionType::Deployment).project_id("project_7");
/// activity.created_at = Some(90_000_000);
/// store.write(vec![activity].into()).await?;
///
/// let counting = Counting::by_day(Filter::project("project_7"), UtcOffsets::default());
/// let counts = store.counts(counting).await?;
/// assert_eq!((counts[0].bucket, counts[0].all.count), (Some(1), 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Counting {
    pub(crate) filter: Filter,
    pub(crate) bucket: Bucket,
    pub(crate) utc_offsets: UtcOffsets,
    pub(crate) place: Option<Place>,
}

impl Counting {
    /// Counts by day. The offsets from UTC tell when each day begins.
    pub fn by_day(filter: Filter, utc_offsets: UtcOffsets) -> Self {
        Self {
            filter,
            bucket: Bucket::Day,
            utc_offsets,
            place: None,
        }
    }

    /// Counts by hour. The offsets from UTC tell when each hour begins, as some differ by half an
    /// hour.
    pub fn by_hour(filter: Filter, utc_offsets: UtcOffsets) -> Self {
        Self {
            bucket: Bucket::Hour,
            ..Self::by_day(filter, utc_offsets)
        }
    }

    /// Also tells how many of the activities came no later than this place in the order of
    /// arrival.
    ///
    /// So a reader who follows what arrives after the place knows which activities are counted
    /// already.
    pub fn arrived_before(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Returns the bucket of a time.
    pub(crate) fn bucket_of(&self, created_at: i64) -> i64 {
        match self.bucket {
            Bucket::Day => self.utc_offsets.day_of(created_at),
            Bucket::Hour => self.utc_offsets.hour_of(created_at),
        }
    }
}

/// The part that statements over kept counts take.
#[cfg(feature = "postgres")]
impl Counting {
    /// Returns true if all times from one to another are in one bucket. They are less than an hour
    /// apart. The times in the first and last day of all have buckets that only the server knows,
    /// because it clamps them.
    pub(crate) fn has_in_one_bucket(&self, first: i64, last: i64) -> bool {
        first.checked_sub(Bucket::DAY_MS).is_some()
            && last.checked_add(Bucket::DAY_MS).is_some()
            && self.utc_offsets.is_same(first, last)
            && self.bucket_of(first) == self.bucket_of(last)
    }
}

/// The number of activities of one type in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The [bucket](Bucket); `None` for activities without a time.
    pub bucket: Option<i64>,
    /// The action type; `None` for activities that have none.
    pub action_type: Option<String>,
    /// All of the activities.
    pub all: Tally,
    /// Those that came no later than the [place](Counting::arrived_before): all, if there is none.
    /// Activities without a time are among them, because no follower gets these.
    pub before: Tally,
}

/// The tallies that become [`Counts`], by bucket and action type: all, and those before the place.
pub(crate) type Tallies = BTreeMap<(Option<i64>, Option<String>), (Tally, Tally)>;

impl Counts {
    /// The most that a store returns, more than a chart can show.
    pub(crate) const MAX: u32 = 100_000;

    /// Returns the counts of the tallies, in their order, [`MAX`](Self::MAX) at most.
    pub(crate) fn of(tallies: Tallies) -> Vec<Self> {
        let counts = tallies.into_iter().take(Self::MAX as usize);
        let counts = counts.map(|((bucket, action_type), (all, before))| Self {
            bucket,
            action_type,
            all,
            before,
        });
        counts.collect()
    }
}

/// A number of activities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub count: u64,
    /// Those whose status is `failure`, `panicked` or `cancelled`.
    pub failures: u64,
}

impl Tally {
    /// Counts one more activity.
    pub(crate) fn add(&mut self, activity: &Activity) {
        self.count += 1;
        self.failures += u64::from(activity.has_failed());
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.failures += other.failures;
    }
}
