//! The summaries of projects, kept for a while: [`Summaries`].

use std::{collections::HashMap, time::Duration};

use tokio::sync::Mutex;
use tracker_core::{Store, StoreError, timeline::ProjectSummary};

use crate::{clock::now_ms, kept::Kept};

/// The time for which activities are counted, in milliseconds.
const COUNTED_OVER_MS: i64 = 30 * 24 * 3_600_000;

/// The time for which a summary is kept.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// The memory of all summaries that are kept, in bytes.
const KEPT_BYTES_MAX: u64 = 4 << 20;

/// The memory that a summary takes beside its ID, in bytes.
const SUMMARY_BYTES: usize = 256;

/// The number of projects that one statement summarizes, so that it ends in time.
const COUNTED_AT_ONCE: usize = 50;

/// Summaries by project. Only those are asked for that the reader may see.
pub(crate) struct Summaries {
    kept: Kept<String, ProjectSummary>,
    /// The turn to count. Requests that need the same counts find them when it is theirs.
    turn: Mutex<()>,
}

impl Default for Summaries {
    fn default() -> Self {
        Self {
            kept: Kept::new(KEPT_FOR, KEPT_BYTES_MAX),
            turn: Mutex::default(),
        }
    }
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
                known.extend(self.counted(store, ids, &known).await?);
            }
            summaries.extend(ids.iter().filter_map(|id| known.remove(id)));
        }
        Ok(summaries)
    }

    /// Counts the projects that are not known, and keeps their summaries.
    async fn counted(
        &self,
        store: &dyn Store,
        project_ids: &[String],
        known: &HashMap<String, ProjectSummary>,
    ) -> Result<HashMap<String, ProjectSummary>, StoreError> {
        let unknown = project_ids.iter().filter(|id| !known.contains_key(*id));
        let unknown: Vec<_> = unknown.cloned().collect();
        if unknown.is_empty() {
            return Ok(HashMap::new());
        }
        let counted = store.project_summaries(unknown, counted_after()).await?;
        for summary in &counted {
            let id = summary.project_id.clone();
            let bytes = SUMMARY_BYTES + 2 * id.len();
            self.kept.insert(id, summary.clone(), bytes);
        }
        Ok(by_id(counted).collect())
    }

    fn known(&self, project_ids: &[String]) -> HashMap<String, ProjectSummary> {
        by_id(project_ids.iter().filter_map(|id| self.kept.get(id))).collect()
    }
}

fn by_id(
    summaries: impl IntoIterator<Item = ProjectSummary>,
) -> impl Iterator<Item = (String, ProjectSummary)> {
    let summaries = summaries.into_iter();
    summaries.map(|summary| (summary.project_id.clone(), summary))
}

/// Returns the time since which activities are counted, in milliseconds since the Unix epoch.
pub(crate) fn counted_after() -> i64 {
    now_ms().saturating_sub(COUNTED_OVER_MS)
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
}
