//! Pages of projects, of a store that reads IDs in their order: [`projects_by_ids`].

use super::{boxed::BoxFuture, error::StoreError};
use crate::timeline::{ProjectIds, ProjectsQuery};

/// The number of IDs that a search reads at once.
const SEARCHED_AT_ONCE: u32 = 1_000;

/// Reads a page of projects. `ids` reads at most so many IDs from after one of them.
pub(super) async fn projects_by_ids<'a>(
    ids: impl Fn(Option<String>, u32) -> BoxFuture<'a, Result<Vec<String>, StoreError>>,
    query: ProjectsQuery,
) -> Result<ProjectIds, StoreError> {
    // One more than the page may have shows that there is a next page.
    let limit = query.page_limit() as usize;
    let at_once = if query.is_search() {
        SEARCHED_AT_ONCE
    } else {
        query.page_limit() + 1
    };
    let mut page = ProjectIds::default();
    let mut after = query.place().map(str::to_owned);
    let mut searched = 0;
    loop {
        let some = ids(after.take(), at_once).await?;
        let is_last = some.len() < at_once as usize;
        after = some.last().cloned();
        for id in some.into_iter().filter(|id| query.finds(id)) {
            if page.project_ids.len() == limit {
                page.next = page.project_ids.last().cloned();
                return Ok(page);
            }
            page.project_ids.push(id);
        }
        searched += at_once;
        if is_last {
            return Ok(page);
        }
        if searched >= ProjectsQuery::SEARCHED_MAX {
            page.next = after;
            return Ok(page);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionType, Activity, MemoryStore, Store};

    async fn with(projects: u32) -> MemoryStore {
        let store = MemoryStore::new();
        let rows = (0..projects).map(|number| {
            Activity::new(ActionType::Deployment).project_id(format!("project_{number:05}"))
        });
        store.write(rows.collect::<Vec<_>>().into()).await.unwrap();
        store
    }

    #[tokio::test]
    async fn a_search_that_finds_little_ends_at_its_bound_and_goes_on_from_there() {
        let store = with(12_000).await;
        let query = ProjectsQuery::default().search("7777");
        let first = store.projects(query.clone()).await.unwrap();
        assert_eq!(first.project_ids, [""; 0]);
        assert_eq!(first.next.as_deref(), Some("project_04999"));
        let second = query.clone().after(first.next.unwrap());
        let second = store.projects(second).await.unwrap();
        assert_eq!(second.project_ids, ["project_07777"]);
        let third = query.after(second.next.unwrap());
        let third = store.projects(third).await.unwrap();
        assert_eq!(third, ProjectIds::default());
    }

    #[tokio::test]
    async fn a_page_that_is_full_at_the_end_leads_nowhere() {
        let store = with(4).await;
        let query = ProjectsQuery::default().limit(2);
        let first = store.projects(query.clone()).await.unwrap();
        let second = query.after(first.next.unwrap());
        let second = store.projects(second).await.unwrap();
        assert_eq!(second.project_ids, ["project_00002", "project_00003"]);
        assert_eq!(second.next, None);
    }
}
