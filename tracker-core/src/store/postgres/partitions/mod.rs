//! A table in partitions: one for each month or day, by the time that is in its rows' UUIDv7.
//!
//! The table stays `project_actions`, with its ten columns and its primary key. Since a UUIDv7 sorts by its time, ranges of `action_id` are ranges of
//! time, and a partition of one is read, kept in memory and dropped as a whole. IDs of other kinds, and those of a time that has no
//! partition yet, lie in the partition `project_actions_default`.
//!
//! [`PostgresStore::partition`](super::PostgresStore::partition) makes it so, also of a table with rows, while it is in use; until it is done,
//! [`PostgresStore::abandon_partitioning`](super::PostgresStore::abandon_partitioning) takes it back.
//! [`PostgresStore::ensure_partitions`](super::PostgresStore::ensure_partitions) makes the next partitions, which whoever writes does by itself, and
//! [`prune`](crate::Store::prune) drops whole ones.
//!
//! # Times and IDs
//!
//! The time in an ID need not be that in `created_at`: other programs may write both as they like. So a table `project_actions_partitions` keeps for each partition which
//! times its rows can have. That is its own period with a day on either side, and a trigger widens it for a row that lies outside. A
//! partition is passed over only where none of its rows can be meant.

// `zones` and `page_scan` decide what is looked at, without SQL; `layout_cache` remembers what the table is like; `convert` makes a partitioned table of another.

mod convert;
mod error;
mod layout_cache;
mod maintenance;
mod page_scan;
mod period;
mod progress;
mod sql;
mod zones;

pub(super) use self::{
    convert::{abandon, convert, renew},
    layout_cache::{Layout, LayoutCache},
    maintenance::{ensure, list, prune},
    page_scan::PageScan,
    sql::{PartitionStatements, excluded},
    zones::{Excluded, Zones},
};
pub use self::{
    error::PartitionError,
    maintenance::{MadePartition, Partition},
    period::{Period, UnknownPeriod},
    progress::{Abandoned, Partitioned, Partitioning, Progress, Step},
};
