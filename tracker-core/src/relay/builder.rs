//! Building a relay: [`RelayBuilder`].

use std::{sync::Arc, time::Duration};

use super::{Relay, settings::Settings, stats::Counts};
use crate::{
    pipeline::{
        delivery::Delivery,
        retry::{DEFERRAL_MAX, RetryPolicy},
    },
    store::{
        Store,
        jetstream::{NatsOptions, consumer::BATCH_ROWS_USUAL},
    },
};

/// Every knob of a [`Relay`]; made by [`Relay::builder`].
#[derive(Clone)]
#[must_use = "it does nothing until it is built"]
pub struct RelayBuilder {
    options: NatsOptions,
    store: Arc<dyn Store>,
    settings: Settings,
    write_timeout: Duration,
    deferral_max: Duration,
}

impl Relay {
    /// Every knob of a relay from the stream of these options to this store.
    pub fn builder(options: NatsOptions, store: impl Store) -> RelayBuilder {
        RelayBuilder {
            options,
            store: Arc::new(store),
            settings: Settings {
                batch_rows: BATCH_ROWS_USUAL,
                connect_timeout: Duration::from_secs(5),
                answer_timeout: Duration::from_secs(10),
                end_deadline: Duration::from_secs(20),
            },
            write_timeout: Duration::from_secs(30),
            deferral_max: DEFERRAL_MAX,
        }
    }
}

impl RelayBuilder {
    /// Sets the largest number of activities that are written at once. Default: 4,000, from 1 to
    /// 10,000.
    ///
    /// A smaller batch is written without waiting for more, so that each activity is late by one
    /// write at most. Only while the stream has enough for another batch is a batch given 10 ms to
    /// fill. Up to four batches are held in memory. A consumer that allows fewer messages in a
    /// request (`max_batch`) is asked more often.
    pub fn batch_rows(mut self, activities: usize) -> Self {
        self.settings.batch_rows = activities.clamp(1, 10_000);
        self
    }

    /// Sets how long making a connection to a NATS server may take. Default: 5 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// Sets how long a NATS server may take to answer. Default: 10 s.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.settings.answer_timeout = limit;
        self
    }

    /// Sets how long one attempt of the store to write may take. Default: 30 s.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.write_timeout = limit;
        self
    }

    /// Sets how long a row is tried again that the store refuses because it refers to one that [is
    /// not there](crate::StoreError::MissingReference), as
    /// [`TrackerBuilder::missing_reference_wait`](crate::TrackerBuilder::missing_reference_wait).
    /// Default 60 s, at most 1 h. Its message stays unacknowledged meanwhile.
    pub fn missing_reference_wait(mut self, limit: Duration) -> Self {
        self.deferral_max = limit.min(Duration::from_hours(1));
        self
    }

    /// Sets how long the relay may finish what is under way once it is told to end. Default: 20 s.
    pub fn end_deadline(mut self, limit: Duration) -> Self {
        self.settings.end_deadline = limit;
        self
    }

    /// Sets up the relay. Nothing is connected to.
    #[must_use]
    pub fn build(self) -> Relay {
        // As a tracker's.
        let retry = RetryPolicy {
            retries_max: 8,
            delay_min: Duration::from_millis(100),
            delay_max: Duration::from_secs(5),
            deferral_max: self.deferral_max,
        };
        Relay {
            options: self.options,
            settings: self.settings,
            delivery: Delivery::new(self.store, retry, self.write_timeout),
            counts: Arc::new(Counts::default()),
        }
    }
}

impl std::fmt::Debug for RelayBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayBuilder")
            .field("options", &self.options)
            .field("settings", &self.settings)
            .field("write_timeout", &self.write_timeout)
            .finish_non_exhaustive()
    }
}
