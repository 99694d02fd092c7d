//! Publishes new rows of the store to all streams: [`Hub`].
//!
//! One task reads for all streams together, in rounds: when the store announces rows, and once a
//! second in any case. A round reads the rows between the published watermark and the point that
//! had settled when the round before began. Later rows are left to the next round. So each row is
//! published once and in order, with a place from which a stream can be resumed without a gap or a
//! repeat.
//!
//! A store may no longer know the watermark, for example because a backup was restored. It may then
//! have rows that no stream has been sent. All streams end: a client that comes back with an
//! unknown place is told so and begins anew.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, broadcast},
    time::{sleep, timeout},
};
use tracker_core::{
    Activity, Store, StoreError,
    store::Watch,
    timeline::{Arrivals, Place},
};

use crate::{
    activity::{ActivityBody, Labels},
    clock::now_ms,
};

/// The longest wait of a round for an announcement.
const ROUND_MAX: Duration = Duration::from_secs(1);

/// The shortest pause between two rounds.
const ROUND_MIN: Duration = Duration::from_millis(150);

/// The ratio of the pause to the time of a read, while every read has to cover rows of any age.
const REST_FACTOR: u32 = 4;

/// The pause after the store has failed.
const RETRY: Duration = Duration::from_secs(1);

/// The greatest age of a row that arrives without an announcement, in milliseconds, while the store
/// delivers announcements: other programs make none.
const UNANNOUNCED_AGE_MS: i64 = 15_000;

/// The greatest age of a row that arrives while announcements may be lost, in milliseconds: a
/// journal delivers rows that are hours old.
pub(crate) const LATE_MS: i64 = 24 * 3_600_000;

/// The most events that a stream may lag. A stream that lags more catches up by itself.
const LAG_MAX: usize = 1_024;

/// The most announcements that are kept apart. Further ones are merged, which only makes a read
/// cover more rows.
const NEWS_MAX: usize = 64;

/// The most rows of one round. The next round reads the rest.
const ROUND_ROWS_MAX: usize = 20_000;

/// A row that has arrived.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) place: Place,
    pub(crate) activity: Activity,
    /// The activity as clients see it, as JSON.
    pub(crate) json: String,
}

/// A message to the streams of a project.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    Arrived(Arc<Event>),
    /// The project is followed from this place on. A stream that waits for this reads the rows
    /// before it by itself.
    FollowedFrom {
        place: Place,
        /// The earliest time of recording of the rows before the place that were announced, in
        /// milliseconds.
        created_after: i64,
    },
}

/// The subscription of a stream to a project.
pub(crate) struct Following {
    /// The messages from now on.
    pub(crate) messages: broadcast::Receiver<Message>,
    /// The place after which the stream begins.
    pub(crate) from: Place,
    /// True if the project is followed already. Otherwise [`Message::FollowedFrom`] is to come.
    pub(crate) is_followed: bool,
}

pub(crate) struct Hub {
    store: Arc<dyn Store>,
    labels: Arc<Labels>,
    state: Mutex<State>,
    /// Wakes the task when a project is added.
    joined: Notify,
}

#[derive(Default)]
struct State {
    projects: HashMap<String, Project>,
    /// The published watermark; `None` while the task does not run.
    published: Option<Place>,
    /// The place to go back to after a failure of the store: that of the last told row, or where
    /// the last project joined. A server that has crashed may give the numbers behind it to other
    /// transactions, since those of before had changed nothing.
    sure: Option<Place>,
    is_running: bool,
}

struct Project {
    sender: broadcast::Sender<Message>,
    is_followed: bool,
}

impl Hub {
    pub(crate) fn new(store: Arc<dyn Store>, labels: Arc<Labels>) -> Arc<Self> {
        Arc::new(Self {
            store,
            labels,
            state: Mutex::default(),
            joined: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic can't leave the state inconsistent: every change under the lock is complete
        // before anything could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes to a project, from now on.
    pub(crate) async fn follow(
        self: &Arc<Self>,
        project_id: &str,
    ) -> Result<Following, StoreError> {
        // Without a watermark, everything after this point is published.
        let published = self.state().published.clone();
        let now = match published {
            Some(published) => published,
            None => self.store.watermarks().await?.settled,
        };
        let mut state = self.state();
        let from = state.published.get_or_insert(now).clone();
        let project = state.projects.entry(project_id.to_owned());
        let project = project.or_insert_with(|| Project {
            sender: broadcast::channel(LAG_MAX).0,
            is_followed: false,
        });
        let following = Following {
            messages: project.sender.subscribe(),
            from,
            is_followed: project.is_followed,
        };
        if !std::mem::replace(&mut state.is_running, true) {
            tokio::spawn(Arc::clone(self).run());
        }
        drop(state);
        self.joined.notify_one();
        Ok(following)
    }

    /// Runs until no project has a subscriber.
    async fn run(self: Arc<Self>) {
        let mut rounds = Rounds {
            hub: &self,
            settled: None,
            fresh: i64::MAX,
            pending: VecDeque::new(),
            rest: ROUND_MIN,
        };
        let mut watch = None;
        while self.has_followers() {
            match rounds.next(&mut watch).await {
                Ok(()) => {}
                Err(error @ StoreError::UnknownPlace { .. }) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what arrives can't be followed from where it was: all streams end, and begin anew"
                    );
                    return self.end_all();
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what arrives can't be followed; it is published when the store is back"
                    );
                    watch = None;
                    rounds.settled = None;
                    self.go_back();
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Removes the projects without subscribers. Returns false if none is left, which ends the
    /// task.
    fn has_followers(&self) -> bool {
        let mut state = self.state();
        state
            .projects
            .retain(|_, project| project.sender.receiver_count() > 0);
        let is_needed = !state.projects.is_empty();
        if !is_needed {
            state.is_running = false;
            state.published = None;
            state.sure = None;
        }
        is_needed
    }

    /// Goes back to the place that no crash of the store takes back. No row between it and the
    /// published watermark was told.
    fn go_back(&self) {
        let mut state = self.state();
        if let Some(sure) = state.sure.clone() {
            state.published = Some(sure);
        }
    }

    /// Ends all streams.
    fn end_all(&self) {
        *self.state() = State::default();
    }

    /// Returns true if the store knows the place.
    pub(crate) async fn knows(&self, place: &Place) -> Result<bool, StoreError> {
        let nothing = Arrivals::new(Vec::new(), place.clone(), place.clone());
        match self.store.arrivals(nothing.created_after(i64::MAX)).await {
            Ok(_) => Ok(true),
            Err(StoreError::UnknownPlace { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn event(&self, place: Place, activity: Activity) -> Event {
        let body = ActivityBody::new(activity.clone(), &self.labels);
        Event {
            place,
            // A body of texts and JSON values always serializes.
            json: serde_json::to_string(&body).unwrap_or_default(),
            activity,
        }
    }

    /// Returns the rows of a project between two places, at most 1,000 at a time, without those
    /// recorded before `created_after`.
    pub(crate) async fn between(
        &self,
        project_id: &str,
        after: Place,
        until: Place,
        created_after: i64,
    ) -> Result<Vec<Event>, StoreError> {
        let arrivals = Arrivals::new(vec![project_id.to_owned()], after, until);
        self.events(arrivals.created_after(created_after)).await
    }

    async fn events(&self, arrivals: Arrivals) -> Result<Vec<Event>, StoreError> {
        let rows = self.store.arrivals(arrivals).await?;
        let events = rows
            .into_iter()
            .map(|(place, activity)| self.event(place, activity));
        Ok(events.collect())
    }
}

struct Rounds<'a> {
    hub: &'a Arc<Hub>,
    /// The point that had settled when the last round began.
    settled: Option<Place>,
    /// The earliest time of recording of newly announced rows, in milliseconds.
    fresh: i64,
    /// The same for earlier announcements. Each is kept until all transactions that had begun at
    /// the announcement are published.
    pending: VecDeque<(Place, i64)>,
    /// The pause before the next round.
    rest: Duration,
}

impl Rounds<'_> {
    async fn next(&mut self, watch: &mut Option<Box<dyn Watch>>) -> Result<(), StoreError> {
        let store = &self.hub.store;
        let watching = match watch {
            Some(watching) => watching,
            None => watch.insert(store.watch().await?),
        };
        sleep(self.rest).await;
        // The order matters: once the store delivers announcements, any that it has not yet
        // delivered is still to be read below.
        let hears = watching.is_listening();
        let finds_any_age = watching.finds_any_age();
        let published = self.hub.state().published.clone();
        // Rows that have settled meanwhile are published at once; announcements are taken all the
        // same.
        let is_behind = self.settled.is_some() && self.settled != published;
        let wait = if is_behind { Duration::ZERO } else { ROUND_MAX };
        let news = async {
            tokio::select! {
                biased;
                news = watching.changed() => news.map(Some),
                () = self.hub.joined.notified() => Ok(None),
            }
        };
        match timeout(wait, news).await {
            Ok(Ok(Some(earliest))) => {
                let earliest = earliest.unwrap_or_else(|| now_ms() - LATE_MS);
                self.fresh = self.fresh.min(earliest);
            }
            Ok(Ok(None)) | Err(_) => {}
            Ok(Err(error)) => return Err(error),
        }
        let now = store.watermarks().await?;
        self.note(now.begun);
        let until = self.settled.replace(now.settled);
        let (Some(published), Some(until)) = (published, until) else {
            return Ok(());
        };
        // One of several servers may lag another.
        let until = if published.is_past(&until) {
            published.clone()
        } else {
            until
        };
        let noted = self.pending.iter().map(|(_, earliest)| *earliest).min();
        let unannounced = match (finds_any_age, hears) {
            (true, _) => i64::MIN,
            (false, true) => now_ms() - UNANNOUNCED_AGE_MS,
            (false, false) => now_ms() - LATE_MS,
        };
        let began = Instant::now();
        self.publish(
            published,
            until,
            noted.map_or(unannounced, |noted| noted.min(unannounced)),
        )
        .await?;
        self.rest = if hears {
            ROUND_MIN
        } else {
            ROUND_MIN.max(began.elapsed() * REST_FACTOR)
        };
        Ok(())
    }

    /// Keeps new announcements until all transactions that have begun by now are published.
    fn note(&mut self, begun: Place) {
        let fresh = std::mem::replace(&mut self.fresh, i64::MAX);
        let is_full = self.pending.len() >= NEWS_MAX;
        match self.pending.back_mut() {
            _ if fresh == i64::MAX => {}
            Some((last, earliest)) if *last == begun || *earliest == fresh || is_full => {
                *last = begun;
                *earliest = fresh.min(*earliest);
            }
            _ => self.pending.push_back((begun, fresh)),
        }
    }

    async fn publish(
        &mut self,
        published: Place,
        until: Place,
        earliest: i64,
    ) -> Result<(), StoreError> {
        let hub = self.hub;
        let projects: Vec<_> = hub.state().projects.keys().cloned().collect();
        let mut events = Vec::new();
        let mut after = published.clone();
        let reached = loop {
            let arrivals = Arrivals::new(projects.clone(), after.clone(), until.clone());
            let arrived = hub.events(arrivals.created_after(earliest)).await?;
            let Some(last) = arrived.last() else {
                break until;
            };
            after = last.place.clone();
            events.extend(arrived);
            if events.len() >= ROUND_ROWS_MAX {
                break after;
            }
        };
        self.pending.retain(|(begun, _)| !reached.is_past(begun));
        let mut sure = events.last().map(|event| event.place.clone());
        let read: HashSet<_> = projects.iter().collect();
        let mut state = hub.state();
        for event in events {
            let project = event.activity.project_id.as_ref();
            if let Some(project) = project.and_then(|id| state.projects.get(id)) {
                // The last subscriber may have gone.
                let _ = project.sender.send(Message::Arrived(Arc::new(event)));
            }
        }
        // Streams that joined during the round missed a part of it, and read that by themselves.
        for (id, project) in &mut state.projects {
            if !std::mem::replace(&mut project.is_followed, true) {
                // They tell all rows before the round, or before its end.
                let told = if read.contains(id) {
                    &published
                } else {
                    &reached
                };
                if sure.as_ref().is_none_or(|sure| told.is_past(sure)) {
                    sure = Some(told.clone());
                }
                let _ = project.sender.send(Message::FollowedFrom {
                    place: reached.clone(),
                    created_after: earliest,
                });
            }
        }
        if sure.is_some() {
            state.sure = sure;
        }
        state.published = Some(reached);
        Ok(())
    }
}
