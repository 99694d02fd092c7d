//! Reads activities back, newest first. A [`Query`] is answered by a [`Page`], and the page's
//! [`Cursor`] leads to the next one.
//!
//! ```
//! use tracker_core::{ActionType, Activity, MemoryStore, Store, timeline::Query};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::new();
//! let activities = (0..3).map(|_| Activity::new(ActionType::Deployment).project_id("project_7"));
//! store.write(activities.collect()).await?;
//!
//! let first = store.timeline(Query::project("project_7").limit(2)).await?;
//! assert_eq!(first.activities.len(), 2);
//!
//! let next = first.next.ok_or("a second page")?;
//! let second = store.timeline(Query::project("project_7").limit(2).after(next)).await?;
//! assert_eq!(second.activities.len(), 1);
//! assert_eq!(second.next, None);
//! # Ok(())
//! # }
//! ```
//!
//! Activities are ordered by `created_at`, then by `action_id`, both descending. Rows without a
//! time, which only other programs write, come last. A cursor names the row after which it stands,
//! not a number of rows, so pages neither repeat nor skip a row when new ones arrive between them.
//!
//! A [`Filter`] narrows a timeline that is read in pages, or counted:
//!
//! ```
//! use tracker_core::timeline::{Filter, Order, Query};
//!
//! let filter = Filter::project("project_7")
//!     .action_type("deployment")
//!     .action_type("github_push")
//!     .status("failure")
//!     .reference("deployment_id", "deploy_xyz789")
//!     .created_after(1_766_000_000_000);
//! let query = Query::from(filter).order(Order::Oldest).limit(20);
//! # let _ = query;
//! ```
//!
//! A [`BlockQuery`] reads the same activities by their requests: its [`BlockPage`] has a [`Block`]
//! for each request, at the place of the request's newest activity.

mod arrivals;
mod block_cursor;
mod block_query;
mod blocks;
mod bucket;
mod counting;
mod cursor;
mod filter;
mod projects;
mod query;
mod utc_offsets;
mod walk;

pub(crate) use self::arrivals::BY_ROWS;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use self::filter::Parts;
pub use self::{
    arrivals::{Arrivals, Arrived, InvalidPlace, Place},
    block_cursor::BlockCursor,
    block_query::BlockQuery,
    blocks::{BLOCK_ACTIVITIES_MAX, Block, BlockPage},
    bucket::Bucket,
    counting::{Counting, Counts, Tally},
    cursor::{Cursor, InvalidCursor},
    filter::Filter,
    projects::{ProjectIds, ProjectSummary, ProjectsQuery},
    query::{LIMIT_DEFAULT, LIMIT_MAX, OFFSET_MAX, Order, Page, Query},
    utc_offsets::UtcOffsets,
};
pub(crate) use self::{counting::Tallies, walk::Walk};
