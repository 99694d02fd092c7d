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

/// Sets up a [`Relay`]; made by [`Relay::builder`]. Every setting has a default, which suits
/// servers on one network.
///
/// | setting | default | change it |
/// | --- | --- | --- |
/// | [`batch_rows`](Self::batch_rows) | 4,000 | if memory is short |
/// | [`missing_reference_wait`](Self::missing_reference_wait) | 60 s | if transactions are long |
/// | [`end_deadline`](Self::end_deadline) | 20 s | if a supervisor kills the relay sooner |
/// | [`connect_timeout`](Self::connect_timeout) | 5 s | if the network is slow |
/// | [`answer_timeout`](Self::answer_timeout) | 10 s | if the network is slow |
/// | [`write_timeout`](Self::write_timeout) | 30 s | if a store of your own is slow |
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
    /// Starts building a relay from the stream of these options to this store.
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
    /// Sets the maximum number of activities in one write. Default: 4,000. Range: 1 to 10,000.
    ///
    /// A smaller batch is written without waiting for more, so an activity is late by one write at
    /// most. A batch gets 10 ms to fill only while the stream has enough for another one. Up to
    /// four batches are in memory. A consumer that allows fewer messages in a request (`max_batch`)
    /// gets more requests.
    pub fn batch_rows(mut self, activities: usize) -> Self {
        self.settings.batch_rows = activities.clamp(1, 10_000);
        self
    }

    /// Sets the time limit for a connection to a NATS server. Default: 5 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// Sets the time limit for an answer of a NATS server. Default: 10 s.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.settings.answer_timeout = limit;
        self
    }

    /// Sets the time limit for one attempt to write to the store. Default: 30 s.
    pub fn write_timeout(mut self, limit: Duration) -> Self {
        self.write_timeout = limit;
        self
    }

    /// Sets how long a row is retried if the store refuses it because a foreign key refers to a row
    /// that [does not exist](crate::StoreError::MissingReference). Default: 60 s. Maximum: 1 h.
    ///
    /// The row's message stays unacknowledged meanwhile. This is the relay's form of
    /// [`TrackerBuilder::missing_reference_wait`](crate::TrackerBuilder::missing_reference_wait).
    pub fn missing_reference_wait(mut self, limit: Duration) -> Self {
        self.deferral_max = limit.min(Duration::from_hours(1));
        self
    }

    /// Sets how long a relay that ends may finish the work under way. Default: 20 s.
    ///
    /// After that it gives the rest back to the stream, so that other relays get it.
    pub fn end_deadline(mut self, limit: Duration) -> Self {
        self.settings.end_deadline = limit;
        self
    }

    /// Returns the relay. It connects to nothing yet.
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
