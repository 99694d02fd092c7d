//! A cache of the table's layout: [`LayoutCache`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Zones;

/// The time for which a table counts as not partitioned. If it is partitioned meanwhile, statements
/// read all partitions, which is correct, only slower.
const PLAIN_FOR: Duration = Duration::from_secs(30);

/// The interval at which a writer creates the next partitions. Two exist ahead of time, so failing
/// to create them for a day does no harm.
const ENSURE_EVERY: Duration = Duration::from_mins(10);

/// The time until the next attempt after a failure.
const ENSURE_AGAIN: Duration = Duration::from_mins(1);

/// The cache that all operations of a store share.
#[derive(Debug, Default)]
pub(in crate::store::postgres) struct LayoutCache(Mutex<Cached>);

/// The layout of the table.
pub(in crate::store::postgres) enum Layout {
    /// Unknown; the database has to be asked.
    Unknown,
    Plain,
    /// Partitioned, with these zones unless they have changed since.
    Partitioned(Arc<Zones>),
}

#[derive(Debug, Default)]
struct Cached {
    /// The zones of a partitioned table.
    zones: Option<Arc<Zones>>,
    /// The time until which the table counts as not partitioned.
    plain_until: Option<Instant>,
    /// The time at which the next partitions are due; `None` means now.
    ensure_at: Option<Instant>,
}

impl LayoutCache {
    fn change<T>(&self, change: impl FnOnce(&mut Cached) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the layout that was read last.
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

    /// Makes the next read of the layout ask the database.
    pub(in crate::store::postgres) fn ask_again(&self) {
        self.change(|cached| {
            cached.zones = None;
            cached.plain_until = None;
        });
    }

    pub(in crate::store::postgres) fn forget(&self) {
        self.change(|cached| *cached = Cached::default());
    }

    /// Returns whether the next partitions are due. Only one caller gets true for each interval.
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
