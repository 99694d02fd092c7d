//! What arrives in the store, told to everybody who follows: [`Hub`].
//!
//! One task looks for all streams together, in rounds: when there is news, and once a second in any case. A round reads what came
//! behind the last round's end and up to what had settled when the round before began; what has come since is read by the next one. So each row is told once and in its
//! order, with a place from which a stream can be resumed without a gap or a repeat.
//!
//! A store that does not know the last round's end any more, because a backup was restored for instance, may have rows that nobody was told of. Then all streams
//! end: whoever comes back with a place that is unknown is told so, and begins anew.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
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

use crate::activity::{ActivityBody, Labels};

/// How long a round waits for news.
const ROUND_MAX: Duration = Duration::from_secs(1);

/// How long there is between two rounds at least.
const ROUND_MIN: Duration = Duration::from_millis(150);

/// So many times longer than a look takes is the pause before the next, where each has to be for rows of any age.
const REST_FACTOR: u32 = 4;

/// How long a store that failed is left alone.
const RETRY: Duration = Duration::from_secs(1);

/// How old a row of which there was no news may be when it comes, in milliseconds, where the store hears of news: other programs tell nobody.
const UNTOLD_AGE_MS: i64 = 15_000;

/// How old a row may be when it comes that there would have been news of, had somebody listened or the store delivered it, in milliseconds: a journal
/// brings rows that are hours old.
pub(crate) const LATE_MS: i64 = 24 * 3_600_000;

/// How many events a stream can be behind before it is ended, to be resumed.
const BEHIND_MAX: usize = 1_024;

/// How much news is kept apart; more makes one piece, which only has more rows looked through.
const NEWS_MAX: usize = 64;

/// The most rows of one round; the next one goes on.
const ROUND_ROWS_MAX: usize = 20_000;

/// A row that arrived.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) place: Place,
    pub(crate) activity: Activity,
    /// The activity as clients see it, as JSON.
    pub(crate) json: String,
}

/// What a stream is told.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Arrived(Arc<Event>),
    /// The project is followed from here on; whoever waits for this has to read what came before by itself.
    FollowedFrom(Place),
}

/// A stream's part of it.
pub(crate) struct Following {
    /// What is told from now on.
    pub(crate) told: broadcast::Receiver<Told>,
    /// Behind which place it begins.
    pub(crate) from: Place,
    /// Whether it begins now, or with [`Told::FollowedFrom`].
    pub(crate) is_followed: bool,
}

pub(crate) struct Hub {
    store: Arc<dyn Store>,
    labels: Arc<Labels>,
    state: Mutex<State>,
    /// Wakes the task for a project that is new.
    joined: Notify,
}

#[derive(Default)]
struct State {
    projects: HashMap<String, Project>,
    /// How far everything was told; `None` while the task does not run.
    told: Option<Place>,
    is_running: bool,
}

struct Project {
    sender: broadcast::Sender<Told>,
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
        // Every change under the lock is complete before anything could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to follow a project, from now on.
    pub(crate) async fn follow(
        self: &Arc<Self>,
        project_id: &str,
    ) -> Result<Following, StoreError> {
        // Where nobody follows yet, everything that comes from here on is told.
        let told = self.state().told.clone();
        let now = match told {
            Some(told) => told,
            None => self.store.watermarks().await?.settled,
        };
        let mut state = self.state();
        let from = state.told.get_or_insert(now).clone();
        let project = state.projects.entry(project_id.to_owned());
        let project = project.or_insert_with(|| Project {
            sender: broadcast::channel(BEHIND_MAX).0,
            is_followed: false,
        });
        let following = Following {
            told: project.sender.subscribe(),
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

    /// Goes on until nobody follows any more.
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
                        "what arrives can't be followed; it is told when the store is back"
                    );
                    watch = None;
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Forgets the projects that nobody follows; where there is none left, the task ends.
    fn has_followers(&self) -> bool {
        let mut state = self.state();
        state
            .projects
            .retain(|_, project| project.sender.receiver_count() > 0);
        let is_needed = !state.projects.is_empty();
        if !is_needed {
            state.is_running = false;
            state.told = None;
        }
        is_needed
    }

    /// Ends all streams.
    fn end_all(&self) {
        *self.state() = State::default();
    }

    /// Whether the store can go on behind the place.
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
            // A body of texts and JSON values can't fail to become JSON.
            json: serde_json::to_string(&body).unwrap_or_default(),
            activity,
        }
    }

    /// What came into a project between two places, in parts of 1,000 rows at most; of what was recorded before `created_after`, nothing.
    pub(crate) async fn between(
        &self,
        project_id: &str,
        behind: Place,
        until: Place,
        created_after: i64,
    ) -> Result<Vec<Event>, StoreError> {
        let arrivals = Arrivals::new(vec![project_id.to_owned()], behind, until);
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
    /// What had arrived for good when the last round began.
    settled: Option<Place>,
    /// Since when, at the earliest, what there is fresh news of was recorded.
    fresh: i64,
    /// The same of older news, each until all is told that had begun when the news came.
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
        // Asked before the news is taken: where it hears by now, what it has not heard is news that is there.
        let hears = watching.is_listening();
        let told = self.hub.state().told.clone();
        // What has settled meanwhile is told at once; news that is there is taken all the same.
        let is_behind = self.settled.is_some() && self.settled != told;
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
        let (Some(told), Some(until)) = (told, until) else {
            return Ok(());
        };
        // One of several servers may be behind another.
        let until = if told.is_past(&until) {
            told.clone()
        } else {
            until
        };
        let noted = self.pending.iter().map(|(_, earliest)| *earliest).min();
        let untold = now_ms() - if hears { UNTOLD_AGE_MS } else { LATE_MS };
        let began = Instant::now();
        self.tell(told, until, noted.map_or(untold, |noted| noted.min(untold)))
            .await?;
        self.rest = if hears {
            ROUND_MIN
        } else {
            ROUND_MIN.max(began.elapsed() * REST_FACTOR)
        };
        Ok(())
    }

    /// Keeps fresh news until everything that has begun by now is told.
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

    async fn tell(&mut self, told: Place, until: Place, earliest: i64) -> Result<(), StoreError> {
        let hub = self.hub;
        let projects: Vec<_> = hub.state().projects.keys().cloned().collect();
        let mut events = Vec::new();
        let mut behind = told;
        let reached = loop {
            let arrivals = Arrivals::new(projects.clone(), behind.clone(), until.clone());
            let arrived = hub.events(arrivals.created_after(earliest)).await?;
            let Some(last) = arrived.last() else {
                break until;
            };
            behind = last.place.clone();
            events.extend(arrived);
            if events.len() >= ROUND_ROWS_MAX {
                break behind;
            }
        };
        // A store that finds what came by its place alone says so once, for ever.
        self.pending
            .retain(|(begun, earliest)| *earliest == i64::MIN || !reached.is_past(begun));
        let mut state = hub.state();
        for event in events {
            let project = event.activity.project_id.as_ref();
            if let Some(project) = project.and_then(|id| state.projects.get(id)) {
                // Nobody may follow any more.
                let _ = project.sender.send(Told::Arrived(Arc::new(event)));
            }
        }
        // Those that came during the round missed a part of it; they read it by themselves.
        for project in state.projects.values_mut() {
            if !std::mem::replace(&mut project.is_followed, true) {
                let _ = project.sender.send(Told::FollowedFrom(reached.clone()));
            }
        }
        state.told = Some(reached);
        Ok(())
    }
}

/// The time in milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}
