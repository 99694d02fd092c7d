//! The projects that have activities: a [`ProjectsQuery`] finds their IDs, and a
//! [`ProjectSummary`] counts the latest activities of one.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use super::{LIMIT_DEFAULT, LIMIT_MAX, cursor::position};
use crate::Activity;

/// A query for a page of the IDs of projects, in the order in which the store sorts them.
///
/// Only projects that have an activity are there.
///
/// ```
/// use tracker_core::{ActionType, Activity, MemoryStore, Store, timeline::ProjectsQuery};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::new();
/// let ids = ["project_7", "project_8", "website"];
/// let rows = ids.map(|id| Activity::new(ActionType::Deployment).project_id(id));
/// store.write(rows.to_vec().into()).await?;
///
/// let query = ProjectsQuery::default().search("Project").limit(1);
/// let first = store.projects(query.clone()).await?;
/// assert_eq!(first.project_ids, ["project_7"]);
///
/// let next = first.next.ok_or("a second page")?;
/// let second = store.projects(query.after(next)).await?;
/// assert_eq!(second.project_ids, ["project_8"]);
/// assert_eq!(second.next, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ProjectsQuery {
    /// In lower case.
    search: Option<String>,
    after: Option<String>,
    limit: u32,
}

impl Default for ProjectsQuery {
    /// Queries for the first [`LIMIT_DEFAULT`] projects.
    fn default() -> Self {
        Self {
            search: None,
            after: None,
            limit: LIMIT_DEFAULT,
        }
    }
}

impl ProjectsQuery {
    /// The most projects that a search looks at for one page. The page is then short, even empty,
    /// and leads to a next one.
    pub const SEARCHED_MAX: u32 = 5_000;

    /// Requires this text somewhere in the ID. The case of the letters A to Z is ignored.
    pub fn search(mut self, text: impl AsRef<str>) -> Self {
        self.search = Some(text.as_ref().to_ascii_lowercase());
        self
    }

    /// Continues after this ID, which need not be that of a project any more.
    pub fn after(mut self, project_id: impl Into<String>) -> Self {
        self.after = Some(project_id.into());
        self
    }

    /// Sets the most projects on a page. A value outside the range from 1 to [`LIMIT_MAX`] becomes
    /// the nearest bound.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, LIMIT_MAX);
        self
    }

    /// Returns whether the search finds a project.
    #[must_use]
    pub fn finds(&self, project_id: &str) -> bool {
        let search = self.search.as_ref();
        search.is_none_or(|text| project_id.to_ascii_lowercase().contains(text))
    }

    /// Returns the ID after which the page starts.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Returns the most projects that the page may have.
    #[must_use]
    pub fn page_limit(&self) -> u32 {
        self.limit
    }

    /// Returns whether there is a text to search.
    #[must_use]
    pub fn is_search(&self) -> bool {
        self.search.is_some()
    }
}

/// The result of a [`ProjectsQuery`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectIds {
    /// The IDs, in the order in which the store sorts them.
    pub project_ids: Vec<String>,
    /// The ID after which the next page starts; `None` on the last one.
    pub next: Option<String>,
}

impl ProjectIds {
    /// Returns the IDs after `after`, at most `limit`, of the projects that all of a store's rows
    /// have; for a store whose database can't find them. The IDs are in the order of their bytes.
    /// An empty one is left out.
    pub fn of_all<'a>(
        rows: impl IntoIterator<Item = &'a Activity>,
        after: Option<&str>,
        limit: u32,
    ) -> Vec<String> {
        let ids = rows.into_iter().filter_map(|row| row.project_id.as_deref());
        let ids: BTreeSet<_> = ids.filter(|id| *id > after.unwrap_or_default()).collect();
        let first = ids.into_iter().take(limit as usize);
        first.map(str::to_owned).collect()
    }
}

/// The latest activities of a project, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSummary {
    /// The project.
    pub project_id: String,
    /// The time of the newest activity, in milliseconds since the Unix epoch; `None` if no activity
    /// has a time.
    pub last_activity_at: Option<i64>,
    /// The number of activities since the time that was asked for, [`COUNTED_MAX`] at most.
    ///
    /// [`COUNTED_MAX`]: Self::COUNTED_MAX
    pub activities: u64,
    /// The number of those that failed, panicked or were cancelled.
    pub failures: u64,
    /// True if there are more than the newest [`COUNTED_MAX`] activities, which are counted.
    ///
    /// [`COUNTED_MAX`]: Self::COUNTED_MAX
    pub is_capped: bool,
}

impl ProjectSummary {
    /// The most activities of one project that are counted.
    pub const COUNTED_MAX: u32 = 10_000;

    /// Summarizes projects by all of a store's rows, for a store whose database can't. The
    /// summaries are in the order of the IDs, without those that no row has.
    pub fn of_all<'a>(
        rows: impl IntoIterator<Item = &'a Activity>,
        project_ids: &[String],
        created_after: i64,
    ) -> Vec<Self> {
        let mut of_projects: HashMap<&str, Vec<&Activity>> = HashMap::new();
        let wanted: BTreeSet<_> = project_ids.iter().map(String::as_str).collect();
        for row in rows {
            if let Some(id) = row.project_id.as_deref().filter(|id| wanted.contains(id)) {
                of_projects.entry(id).or_default().push(row);
            }
        }
        let found = project_ids.iter().filter_map(|id| {
            let rows = of_projects.get(&**id)?;
            Some(Self::of_rows(id, rows.clone(), created_after))
        });
        found.collect()
    }

    /// Makes a summary. More than [`COUNTED_MAX`](Self::COUNTED_MAX) activities become as many,
    /// with [`is_capped`](Self::is_capped), so a store counts no further than the next one. The
    /// failures are those among the newest `COUNTED_MAX`.
    #[must_use]
    pub fn new(
        project_id: String,
        last_activity_at: Option<i64>,
        activities: u64,
        failures: u64,
    ) -> Self {
        Self {
            project_id,
            last_activity_at,
            activities: activities.min(u64::from(Self::COUNTED_MAX)),
            failures,
            is_capped: activities > u64::from(Self::COUNTED_MAX),
        }
    }

    /// Summarizes a project by its rows.
    fn of_rows(project_id: &str, mut rows: Vec<&Activity>, created_after: i64) -> Self {
        rows.sort_by_key(|row| Reverse(position(row)));
        let last_activity_at = rows.first().and_then(|row| row.created_at);
        rows.retain(|row| row.created_at.is_some_and(|at| at >= created_after));
        let counted = rows.iter().take(Self::COUNTED_MAX as usize);
        let failed = counted.filter(|row| row.has_failed()).count();
        Self::new(
            project_id.to_owned(),
            last_activity_at,
            rows.len() as u64,
            failed as u64,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionType, Status};

    #[test]
    fn the_newest_activities_are_counted_if_there_are_too_many() {
        let most = i64::from(ProjectSummary::COUNTED_MAX);
        let rows = (0..most + 2).map(|at| {
            let mut row = Activity::new(ActionType::Deployment).project_id("p");
            row.created_at = Some(at);
            row.status(if at < 2 {
                Status::Failure
            } else {
                Status::Success
            })
        });
        let rows: Vec<_> = rows.collect();
        let ids = ["p".to_owned(), "q".to_owned()];
        let summary = |after| ProjectSummary::of_all(&rows, &ids, after);
        let mut expected = ProjectSummary {
            project_id: "p".to_owned(),
            last_activity_at: Some(most + 1),
            activities: 10_000,
            failures: 0,
            is_capped: true,
        };
        assert_eq!(summary(0), [expected.clone()]);
        assert_eq!(summary(1), [expected.clone()]);
        expected.is_capped = false;
        assert_eq!(summary(2), [expected.clone()]);
        expected.activities = 9_999;
        assert_eq!(summary(3), [expected.clone()]);
        expected.activities = 0;
        assert_eq!(summary(most + 2), [expected]);
    }
}
