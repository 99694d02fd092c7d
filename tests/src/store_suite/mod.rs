//! The behaviours of every store, and a macro that tests a store for each of them.
//!
//! ```
//! use tracker_core::MemoryStore;
//!
//! tracker_tests::store_suite!(memory, || async { ((), MemoryStore::new()) });
//! # fn main() {}
//! ```
//!
//! The function creates an empty store, not yet migrated, and a guard: the value that must live as
//! long as the store and cleans up when it is dropped, even by a panic. Each behaviour has a store
//! of its own.

pub mod blocks;
pub mod counting;
pub mod paging;
pub mod projects;
pub mod reading;
pub mod set_up;
pub mod writing;

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use anyhow::Context as _;
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};
use tracker_core::{
    ActionType, Activity, Store, StoreError,
    store::Batch,
    timeline::{Cursor, Query},
};

/// The store of a behaviour.
pub type Subject = Arc<dyn Store>;

/// The longest time of a behaviour; the slowest takes a few seconds on a busy machine.
const BEHAVIOUR_TIME_MAX: Duration = Duration::from_mins(2);

/// The most retries of a batch.
const RETRIES_MAX: usize = 10;

/// The most pages that a behaviour reads through.
const PAGES_MAX: usize = 100;

/// Creates a module of tests, one for each behaviour, with the attributes before its name.
#[macro_export]
macro_rules! store_suite {
    ($(#[$attribute:meta])* $store:ident, $make:expr) => {
        $crate::store_suite!(@ [$(#[$attribute])*] $store, $make, {
            blocks: [
                pages_of_blocks_are_those_of_plain_rust_whatever_arrives,
                newer_arrivals_neither_repeat_nor_change_a_block,
                a_long_request_is_one_block_of_its_newest_rows,
                a_block_has_rows_of_its_own_request_and_project_alone,
            ],
            paging: [
                the_newest_activity_comes_first,
                equal_times_are_ordered_by_id,
                all_projects_are_read_page_by_page_in_the_order_of_time,
                all_projects_are_narrowed_by_time_and_by_other_conditions,
                a_cursor_with_a_nul_is_behind_what_is_before_the_nul,
                ids_that_come_before_all_others_are_read_from_both_ends,
                rows_with_no_time_come_last_and_are_paged_through,
                pages_neither_repeat_nor_skip_while_rows_arrive,
                a_page_has_no_more_rows_than_its_limit,
                a_last_page_that_is_full_leads_nowhere,
                activities_of_other_projects_are_unseen,
                a_project_without_activities_is_an_empty_page,
                pages_put_together_are_the_sorted_rows,
            ],
            projects: [
                each_project_is_on_one_page_while_others_arrive,
                a_search_finds_a_part_of_the_id_without_the_case_of_a_to_z,
                any_project_is_summarized_as_its_rows_say,
            ],
            reading: [
                any_filter_finds_what_it_means,
                an_activity_is_found_in_its_own_project_alone,
                a_filter_that_no_row_can_meet_finds_nothing,
                all_rows_are_read_by_their_ids,
                pruning_removes_the_older_rows_in_bounded_steps,
                what_arrives_is_read_once_in_its_order_however_old_it_is,
                a_place_of_another_store_is_unknown,
                who_watches_has_news_of_what_is_written,
            ],
            counting: [
                days_are_those_of_the_offset,
                days_are_as_long_as_changes_of_clocks_make_them,
                counts_tell_what_arrived_before_a_place,
            ],
            set_up: [
                before_migrating_all_operations_agree,
                after_migrating_the_check_passes,
                migrating_again_applies_nothing_and_keeps_the_rows,
                many_may_migrate_at_once,
            ],
            writing: [
                written_rows_read_back_equal,
                any_text_reads_back_equal,
                a_row_of_nothing_but_its_id_is_written,
                a_batch_written_again_writes_nothing_twice,
                a_row_that_is_there_is_left_as_it_is,
                an_id_repeated_in_a_batch_is_written_once,
                an_empty_batch_is_written,
                writers_of_overlapping_batches_all_succeed,
                a_dropped_write_leaves_the_store_usable,
                it_works_from_an_executor_that_is_not_tokio,
                its_description_is_one_line_and_lasts,
            ],
        });
    };
    (@ $attributes:tt $store:ident, $make:expr, { $($file:ident: [$($behaviour:ident),* $(,)?]),* $(,)? }) => {
        mod $store {
            #[allow(unused_imports, reason = "the function may name nothing of its surroundings")]
            use super::*;

            $($(
                $crate::store_suite!(@test $attributes $behaviour, $make, $file);
            )*)*
        }
    };
    (@test [$($attribute:tt)*] $behaviour:ident, $make:expr, $file:ident) => {
        #[test]
        $($attribute)*
        fn $behaviour() -> ::std::result::Result<(), $crate::store_suite::Failure> {
            $crate::store_suite::run($make, $crate::store_suite::$file::$behaviour)
        }
    };
}

/// The reason why a behaviour was not shown.
pub type Failure = anyhow::Error;

/// Tests a behaviour on a new store.
///
/// # Errors
///
/// Returns the behaviour's error, or another one after two minutes.
pub fn run<G, S, Made, Shown>(
    make: impl FnOnce() -> Made,
    behaviour: impl FnOnce(Subject) -> Shown,
) -> anyhow::Result<()>
where
    S: Store,
    Made: Future<Output = (G, S)>,
    Shown: Future<Output = anyhow::Result<()>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (_guard, store) = make().await;
        tokio::time::timeout(BEHAVIOUR_TIME_MAX, behaviour(Arc::new(store)))
            .await
            .context("the behaviour takes too long")?
    })
}

/// Returns an activity of the project with this time and ID.
fn activity(project_id: &str, created_at: impl Into<Option<i64>>, id: &str) -> Activity {
    let mut activity = Activity::new(ActionType::Deployment).project_id(project_id);
    id.clone_into(&mut activity.action_id);
    activity.created_at = created_at.into();
    activity
}

/// Writes like the pipeline: a failed batch is written again as a retry, for as long as its failure
/// is transient. A retry may fail so too: a database that locks row by row may choose it as the
/// victim of a deadlock.
async fn write(store: &dyn Store, batch: impl Into<Batch>) -> Result<(), StoreError> {
    let batch = batch.into();
    if store.write(batch.clone()).await.is_ok() {
        return Ok(());
    }
    for _ in 1..RETRIES_MAX {
        match store.write(batch.clone().retry()).await {
            Err(error) if error.is_transient() => {}
            outcome => return outcome,
        }
    }
    store.write(batch.retry()).await
}

/// Returns all activities of the project, read in pages of this many rows, with the cursors as text
/// between them.
async fn read(store: &dyn Store, project_id: &str, limit: u32) -> anyhow::Result<Vec<Activity>> {
    let mut query = Query::project(project_id).limit(limit);
    let mut found = Vec::new();
    // A cursor that leads back would never end.
    for _ in 0..PAGES_MAX {
        let page = store.timeline(query.clone()).await?;
        let rows = page.activities.len();
        anyhow::ensure!(rows <= limit as usize, "{rows} rows for a limit of {limit}");
        found.extend(page.activities);
        let Some(next) = page.next else {
            return Ok(found);
        };
        anyhow::ensure!(rows == limit as usize, "only the last page is not full");
        query = query.after(next.to_string().parse::<Cursor>()?);
    }
    anyhow::bail!("more than {PAGES_MAX} pages")
}

fn ids(activities: &[Activity]) -> Vec<&str> {
    activities.iter().map(|a| &*a.action_id).collect()
}

fn distinct_ids(activities: &[Activity]) -> BTreeSet<&str> {
    activities.iter().map(|a| &*a.action_id).collect()
}

/// Shows a property of so many random values.
fn property<T: std::fmt::Debug + Send + Sync + 'static>(
    cases: u32,
    values: impl Strategy<Value = T>,
    shown: impl AsyncFn(T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    block_in_place(|| {
        TestRunner::new(config).run(&values, |value| {
            Handle::current()
                .block_on(shown(value))
                .map_err(|error| TestCaseError::fail(format!("{error:?}")))
        })
    })?;
    Ok(())
}
