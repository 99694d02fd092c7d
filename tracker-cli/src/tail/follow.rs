//! Activities as they arrive in a store: [`Follower`].
//!
//! A store that was restored or replaced does not know the follower's place any more. The follower
//! says so, and reads what was recorded since its last look by time instead. So everything that the
//! store has is shown, and nothing twice.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tracker_core::{
    Activity, Store, StoreError,
    store::Watch,
    timeline::{Arrivals, Filter, LIMIT_MAX, Order, Place, Query},
};

use crate::{
    failure::{self, note},
    moment,
    output::OutputError,
    pages::Pages,
};

use super::shown::Shown;

/// The interval of looks without an announcement.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The back-off while the store is away: the first pause, which doubles, and the longest.
const RETRY_MIN: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// The ratio of the pause to the time of a look, so that looking stays a small part of the store's
/// work.
const REST_FACTOR: u32 = 4;

/// Follows the activities that arrive in a project.
pub(super) struct Follower<'a> {
    store: &'a dyn Store,
    project: &'a str,
    filter: Filter,
    since: Option<i64>,
    /// The place up to which activities have been shown.
    place: Option<Place>,
    shown: Shown,
    watch: Option<Box<dyn Watch>>,
}

impl<'a> Follower<'a> {
    pub(super) fn new(
        store: &'a dyn Store,
        project: &'a str,
        filter: Filter,
        since: Option<i64>,
    ) -> Self {
        Self {
            store,
            project,
            filter,
            since,
            place: None,
            shown: Shown::default(),
            watch: None,
        }
    }

    /// Starts with the activities that arrive from now on.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.shown.begin(moment::before_now(Duration::ZERO));
        self.place = Some(self.store.watermarks().await?.settled);
        Ok(())
    }

    /// Notes activities that have been shown.
    pub(super) fn is_known(&mut self, activities: &[Activity]) {
        self.shown.know(activities);
    }

    /// Shows arriving activities until that is impossible.
    pub(super) async fn follow(
        mut self,
        mut show: impl FnMut(&[Activity]) -> Result<(), OutputError>,
    ) -> anyhow::Result<()> {
        let mut pause = RETRY_MIN;
        let mut is_away = false;
        loop {
            let began = Instant::now();
            let error = match self.look_or_begin_anew(&mut show).await {
                Ok(()) => {
                    if is_away {
                        note("the store is back");
                    }
                    (is_away, pause) = (false, RETRY_MIN);
                    sleep(began.elapsed() * REST_FACTOR).await;
                    self.news().await;
                    continue;
                }
                Err(LookError::Store(error)) if error.is_transient() => error,
                Err(LookError::Store(error)) => return Err(error.into()),
                Err(LookError::Output(error)) => return Err(error.into()),
            };
            if !is_away {
                let error = failure::line(&error);
                note(&format!("the store is away, and is waited for: {error}"));
            }
            is_away = true;
            sleep(pause).await;
            pause = (pause * 2).min(RETRY_MAX);
        }
    }

    async fn look_or_begin_anew(
        &mut self,
        show: &mut impl FnMut(&[Activity]) -> Result<(), OutputError>,
    ) -> Result<(), LookError> {
        match self.look(show).await {
            Err(LookError::Store(StoreError::UnknownPlace { .. })) => self.begin_anew(show).await,
            looked => looked,
        }
    }

    /// Shows the activities recorded since everything was shown, by their time, then continues with
    /// those that arrive.
    async fn begin_anew(
        &mut self,
        show: &mut impl FnMut(&[Activity]) -> Result<(), OutputError>,
    ) -> Result<(), LookError> {
        let from = self.shown.from().max(self.since.unwrap_or(i64::MIN));
        note(&format!(
            "the store is not the one that it was: a backup was restored, it was replaced, or its newest activities were removed; what was recorded \
             since {} UTC is read again, and what is older and came meanwhile is not shown",
            moment::shown(from)
        ));
        // Activities that arrive during this read come after this watermark.
        let place = self.store.watermarks().await?.settled;
        let query = Query::from(self.filter.clone().created_after(from)).order(Order::Oldest);
        let mut pages = Pages::new(self.store, query, u64::MAX);
        while let Some(mut page) = pages.next().await? {
            page.retain(|row| !self.shown.contains(row));
            show(&page)?;
            self.shown.know(&page);
        }
        self.shown.begin_anew();
        // The watch may be that of another store.
        self.watch = None;
        self.place = Some(place);
        Ok(())
    }

    /// Shows everything that has settled.
    ///
    /// The read ends with what had settled before it: no open transaction can put a row before
    /// that.
    async fn look(
        &mut self,
        show: &mut impl FnMut(&[Activity]) -> Result<(), OutputError>,
    ) -> Result<(), LookError> {
        let now = moment::before_now(Duration::ZERO);
        let come = self.store.watermarks().await?;
        let until = come.settled.clone();
        let mut after = self.place.clone().unwrap_or_else(|| until.clone());
        if after == until {
            self.shown.all_before(&until, &come, now);
            return Ok(());
        }
        // One of several servers may lag another.
        let until = if after.is_past(&until) {
            after.clone()
        } else {
            until
        };
        loop {
            let projects = vec![self.project.to_owned()];
            let mut query = Arrivals::new(projects, after.clone(), until.clone());
            if let Some(since) = self.since {
                query = query.created_after(since);
            }
            let arrived = self.store.arrivals(query).await?;
            let is_last = arrived.len() < LIMIT_MAX as usize;
            let (places, rows): (Vec<_>, Vec<_>) = arrived.into_iter().unzip();
            let rows = rows.into_iter();
            let wanted: Vec<_> = rows.filter(|row| self.is_wanted(row)).collect();
            show(&wanted)?;
            self.shown.came(&wanted);
            after = places.into_iter().next_back().unwrap_or(after);
            self.place = Some(after.clone());
            if is_last {
                self.shown.all_before(&until, &come, now);
                self.place = Some(until);
                return Ok(());
            }
        }
    }

    fn is_wanted(&self, row: &Activity) -> bool {
        self.filter.matches(row) && !self.shown.contains(row)
    }

    /// Waits for an announcement, for at most a second.
    async fn news(&mut self) {
        if self.watch.is_none() {
            self.watch = self.store.watch().await.ok();
        }
        let heard = match &mut self.watch {
            None => return sleep(LOOK_INTERVAL).await,
            Some(watch) => timeout(LOOK_INTERVAL, watch.changed()).await,
        };
        if let Ok(Err(_)) = heard {
            // The next look finds out if the store is away.
            self.watch = None;
            sleep(RETRY_MIN).await;
        }
    }
}

/// The reason why a look failed.
enum LookError {
    Store(StoreError),
    Output(OutputError),
}

impl From<StoreError> for LookError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<OutputError> for LookError {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}
