//! What is known of the table: [`LayoutCache`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Zones;

/// How long a table that was not partitioned is taken for one that is not. A statement that looks at all of a partitioned table is right, only slower.
const PLAIN_FOR: Duration = Duration::from_secs(30);

/// How often whoever writes makes the next partitions. Two are there ahead of time, so that a day's outage of this would do no harm.
const ENSURE_EVERY: Duration = Duration::from_mins(10);

/// How soon it tries again where that failed.
const ENSURE_AGAIN: Duration = Duration::from_mins(1);

/// Remembered for all operations of a store.
#[derive(Debug, Default)]
pub(in crate::store::postgres) struct LayoutCache(Mutex<Cached>);

/// What the table is like.
pub(in crate::store::postgres) enum Layout {
    /// That has to be asked.
    Unknown,
    Plain,
    /// In partitions with these zones, if they are the same still.
    Partitioned(Arc<Zones>),
}

#[derive(Debug, Default)]
struct Cached {
    /// Of a partitioned table.
    zones: Option<Arc<Zones>>,
    /// Until when it is taken for one that is not partitioned.
    plain_until: Option<Instant>,
    /// When the next partitions are made.
    ensure_at: Option<Instant>,
}

impl LayoutCache {
    fn change<T>(&self, change: impl FnOnce(&mut Cached) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was known last.
    pub(in crate::store::postgres) fn layout(&self) -> Layout {
        self.change(|cached| match &cached.zones {
            Some(zones) => Layout::Partitioned(Arc::clone(zones)),
            None if cached
                .plain_until
                .is_some_and(|until| Instant::now() < until) =>
            {
                Layout::Plain
            }
            None => Layout::Unknown,
        })
    }

    pub(in crate::store::postgres) fn set(&self, zones: Option<Zones>) -> Option<Arc<Zones>> {
        self.change(|cached| {
            cached.plain_until = Instant::now().checked_add(PLAIN_FOR);
            cached.zones = zones.map(Arc::new);
            cached.zones.clone()
        })
    }

    /// Has the table looked at anew.
    pub(in crate::store::postgres) fn ask_again(&self) {
        self.change(|cached| {
            cached.zones = None;
            cached.plain_until = None;
        });
    }

    pub(in crate::store::postgres) fn forget(&self) {
        self.change(|cached| *cached = Cached::default());
    }

    /// Whether it is time to make the next partitions; who is told so is the only one to be told for some time.
    pub(in crate::store::postgres) fn is_ensuring_due(&self) -> bool {
        self.change(|cached| {
            let now = Instant::now();
            let is_due = cached.ensure_at.is_none_or(|at| at <= now);
            if is_due {
                cached.ensure_at = now.checked_add(ENSURE_EVERY);
            }
            is_due
        })
    }

    pub(in crate::store::postgres) fn ensuring_failed(&self) {
        self.change(|cached| cached.ensure_at = Instant::now().checked_add(ENSURE_AGAIN));
    }
}
