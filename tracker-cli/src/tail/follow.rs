//! What comes into a store, as it comes: [`Follower`].

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use tracker_core::{
    Activity, Store, StoreError,
    store::Watch,
    timeline::{Arrivals, Filter, LIMIT_MAX, Place},
};

use crate::{
    failure::{self, note},
    output::OutputError,
};

/// After how long there is another look without news.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The pauses between attempts to reach a store that is away: the first, which doubles, and the longest.
const RETRY_MIN: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// So many times longer than a look takes is the pause before the next, so that looking stays a small part of the store's work.
const REST_FACTOR: u32 = 4;

/// Follows what comes into a project.
pub(super) struct Follower<'a> {
    store: &'a dyn Store,
    project: &'a str,
    filter: Filter,
    since: Option<i64>,
    /// What is before it has been shown.
    place: Option<Place>,
    /// What may be behind that place, and has been shown all the same.
    known: HashSet<String>,
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
            known: HashSet::new(),
            watch: None,
        }
    }

    /// Begins with what comes from now on.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        self.place = Some(self.store.arrived().await?.settled);
        Ok(())
    }

    /// Says that these have been shown.
    pub(super) fn is_known(&mut self, activities: &[Activity]) {
        let ids = activities.iter().map(|activity| activity.action_id.clone());
        self.known.extend(ids);
    }

    /// Shows what comes, until that is impossible.
    pub(super) async fn follow(
        mut self,
        mut show: impl FnMut(&[Activity]) -> Result<(), OutputError>,
    ) -> anyhow::Result<()> {
        let mut pause = RETRY_MIN;
        let mut is_away = false;
        loop {
            let began = Instant::now();
            let error = match self.look(&mut show).await {
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

    /// Shows all that has arrived for good.
    ///
    /// It ends with what had arrived before the look: no transaction that is still open can put a row before that.
    async fn look(
        &mut self,
        show: &mut impl FnMut(&[Activity]) -> Result<(), OutputError>,
    ) -> Result<(), LookError> {
        let until = self.store.arrived().await?.settled;
        let Some(mut behind) = self.place.clone().filter(|place| *place != until) else {
            self.place = Some(until);
            return Ok(());
        };
        loop {
            let projects = vec![self.project.to_owned()];
            let mut query = Arrivals::new(projects, behind.clone(), until.clone());
            if let Some(since) = self.since {
                query = query.created_after(since);
            }
            let arrived = self.store.arrivals(query).await?;
            let is_last = arrived.len() < LIMIT_MAX as usize;
            let (places, rows): (Vec<_>, Vec<_>) = arrived.into_iter().unzip();
            let rows = rows.into_iter();
            let wanted: Vec<_> = rows.filter(|row| self.is_wanted(row)).collect();
            show(&wanted)?;
            behind = places.into_iter().next_back().unwrap_or(behind);
            self.place = Some(behind.clone());
            if is_last {
                self.place = Some(until);
                return Ok(());
            }
        }
    }

    fn is_wanted(&self, row: &Activity) -> bool {
        self.filter.matches(row) && !self.known.contains(&row.action_id)
    }

    /// Waits until something may have come, for a second at most.
    async fn news(&mut self) {
        if self.watch.is_none() {
            self.watch = self.store.watch().await.ok();
        }
        let heard = match &mut self.watch {
            None => return sleep(LOOK_INTERVAL).await,
            Some(watch) => timeout(LOOK_INTERVAL, watch.changed()).await,
        };
        if let Ok(Err(_)) = heard {
            // The look that comes next tells whether the store is away.
            self.watch = None;
            sleep(RETRY_MIN).await;
        }
    }
}

/// Why a look failed.
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
