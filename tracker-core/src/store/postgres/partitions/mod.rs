//! Partitioned tables: a partition for each month or day, by the time in the rows' UUIDv7.
//!
//! The table remains `project_actions`, with its ten columns and its primary key. A UUIDv7 sorts by
//! its time, so ranges of `action_id` are ranges of time, and a partition of such a range is read,
//! cached and dropped as a whole. IDs of other kinds, and IDs of a time without a partition yet,
//! are in the partition `project_actions_default`.
//!
//! ```no_run
//! use tracker_core::{PostgresStore, store::postgres::partitions::{Partitioning, Period}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PostgresStore::new("postgres://owner@localhost/app")?;
//! let by_month = Partitioning::by(Period::Month);
//! store
//!     .partition(by_month, |progress| println!("{} of {}", progress.done, progress.total))
//!     .await?;
//!
//! for partition in store.partitions().await? {
//!     println!("{}", partition.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - [`PostgresStore::partition`](super::PostgresStore::partition) converts a table, also one with
//!   rows, while it is in use.
//! - [`PostgresStore::abandon_partitioning`](super::PostgresStore::abandon_partitioning) undoes an
//!   unfinished conversion.
//! - [`PostgresStore::ensure_partitions`](super::PostgresStore::ensure_partitions) creates the next
//!   partitions; a store that writes does so by itself.
//! - [`prune`](crate::Store::prune) drops whole partitions.
//!
//! # Times and IDs
//!
//! The time in an ID may differ from that in `created_at`, because other programs may write both as
//! they like. A table `project_actions_partitions` therefore keeps the times that each partition's
//! rows can have, its zone. A zone is initially the partition's own period with a day on either
//! side, and a trigger widens it for a row outside. A partition is skipped only if none of its rows
//! can match.

// `zones` and `page_scan` select the partitions to read, without SQL. `layout_cache` caches the
// table's layout. `convert` turns an ordinary table into a partitioned one.

mod convert;
mod error;
mod layout_cache;
mod maintenance;
mod page_scan;
mod period;
mod progress;
mod sql;
mod under_way;
mod zones;

pub(super) use self::{
    convert::{abandon, convert, renew},
    layout_cache::{Layout, LayoutCache},
    maintenance::{ensure, list, prune},
    page_scan::PageScan,
    sql::{PartitionStatements, excluded, for_schema as sql_for_schema},
    under_way::under_way,
    zones::{Excluded, Zones},
};
pub use self::{
    error::PartitionError,
    maintenance::{MadePartition, Partition},
    period::{Period, UnknownPeriod},
    progress::{Abandoned, Partitioned, Partitioning, Progress, Step},
    under_way::UnderWay,
};
