//! The summaries of projects, kept for a while: [`Summaries`].

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tracker_core::{Store, StoreError, timeline::ProjectSummary};

/// The time for which activities are counted.
const COUNTED_OVER: Duration = Duration::from_hours(30 * 24);

/// The time for which a summary is kept.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// The number of summaries that are kept.
const KEPT_MAX: usize = 10_000;

/// The number of projects that one statement summarizes, so that it ends in time.
const COUNTED_AT_ONCE: usize = 50;

/// Summaries by project. Only those are asked for that the reader may see.
#[derive(Default)]
pub(crate) struct Summaries {
    kept: Mutex<HashMap<String, Entry>>,
    /// The turn to count. Requests that need the same counts find them when it is theirs.
    turn: tokio::sync::Mutex<()>,
}

struct Entry {
    summary: ProjectSummary,
    read_at: Instant,
}

impl Summaries {
    /// Returns the summaries of the projects that have an activity, in the order of the IDs.
    pub(crate) async fn of(
        &self,
        store: &dyn Store,
        project_ids: &[String],
    ) -> Result<Vec<ProjectSummary>, StoreError> {
        let mut summaries = Vec::with_capacity(project_ids.len());
        for ids in project_ids.chunks(COUNTED_AT_ONCE) {
            let mut known = self.known(ids);
            if known.len() < ids.len() {
                let _turn = self.turn.lock().await;
                known = self.known(ids);
                let missing = ids.iter().filter(|id| !known.contains_key(*id));
                let missing: Vec<_> = missing.cloned().collect();
                let counted = store.project_summaries(missing, counted_after()).await?;
                self.keep(&counted);
                known.extend(by_id(counted));
            }
            summaries.extend(ids.iter().filter_map(|id| known.remove(id)));
        }
        Ok(summaries)
    }

    fn known(&self, project_ids: &[String]) -> HashMap<String, ProjectSummary> {
        let kept = self.kept();
        let entries = project_ids.iter().filter_map(|id| kept.get(id));
        let recent = entries.filter(|entry| entry.is_recent());
        by_id(recent.map(|entry| entry.summary.clone())).collect()
    }

    fn keep(&self, summaries: &[ProjectSummary]) {
        let mut kept = self.kept();
        if kept.len() + summaries.len() > KEPT_MAX {
            kept.retain(|_, entry| entry.is_recent());
        }
        let read_at = Instant::now();
        let room = KEPT_MAX.saturating_sub(kept.len());
        kept.extend(summaries.iter().take(room).map(|summary| {
            let summary = summary.clone();
            (summary.project_id.clone(), Entry { summary, read_at })
        }));
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // No code that can panic runs under the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_recent(&self) -> bool {
        self.read_at.elapsed() < KEPT_FOR
    }
}

fn by_id(
    summaries: impl IntoIterator<Item = ProjectSummary>,
) -> impl Iterator<Item = (String, ProjectSummary)> {
    let summaries = summaries.into_iter();
    summaries.map(|summary| (summary.project_id.clone(), summary))
}

/// Returns the time since which activities are counted, in milliseconds since the Unix epoch.
pub(super) fn counted_after() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let after = now.unwrap_or_default().saturating_sub(COUNTED_OVER);
    i64::try_from(after.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use tracker_core::{ActionType, Activity, MemoryStore};

    use super::*;

    async fn write(store: &MemoryStore, project_id: &str) {
        let row = Activity::new(ActionType::Deployment).project_id(project_id);
        store.write(vec![row].into()).await.unwrap();
    }

    #[tokio::test]
    async fn a_project_is_counted_once_for_all_who_ask_in_a_while() {
        let store = MemoryStore::new();
        write(&store, "p").await;
        let summaries = Summaries::default();
        let ids = ["q", "p"].map(str::to_owned);
        let first = summaries.of(&store, &ids).await.unwrap();
        assert_eq!((first.len(), first[0].activities), (1, 1));
        write(&store, "p").await;
        write(&store, "q").await;
        let second = summaries.of(&store, &ids).await.unwrap();
        let counts: Vec<_> = second
            .iter()
            .map(|summary| (&*summary.project_id, summary.activities))
            .collect();
        // A project that is new is there at once.
        assert_eq!(counts, [("q", 1), ("p", 1)]);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let summaries = Summaries::default();
        for batch in 0..3 {
            let many = (0..KEPT_MAX / 2 + 1)
                .map(|number| ProjectSummary::new(format!("{batch} {number}"), None, 0, 0));
            summaries.keep(&many.collect::<Vec<_>>());
        }
        assert_eq!(summaries.kept().len(), KEPT_MAX);
    }
}
