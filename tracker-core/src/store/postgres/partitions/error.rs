//! The errors of partitioning a table: [`PartitionError`].

use thiserror::Error;

use super::Period;
use crate::store::StoreError;

/// The reason that a table could not be partitioned.
///
/// The table remains in use as before. The work of an unfinished conversion is kept: the next one
/// resumes from there, or [`abandon_partitioning`](crate::PostgresStore::abandon_partitioning)
/// undoes it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// The table has something that the partitioned one would not have, or that would stop the
    /// conversion half-way. If no conversion had begun, nothing was changed.
    #[error("the table {table} can't be partitioned as it is: {obstacle}")]
    Obstacle {
        /// The table, with its schema.
        table: String,
        /// The obstacles and their remedies, one per line. At most 50 are listed.
        obstacle: String,
    },
    /// A conversion to another period is unfinished.
    #[error(
        "the table {table} is on its way to partitions by {is}: ask for {is} to go on with that, or take it back first with `tracker migrate --abandon` or from your program"
    )]
    UnderWay {
        /// The table, with its schema.
        table: String,
        /// The period of that conversion.
        is: Period,
    },
    /// The table is already partitioned by another period.
    #[error(
        "the table {table} is partitioned by {is} already: another period needs another table, so export, and import into another schema"
    )]
    AnotherPeriod {
        /// The table, with its schema.
        table: String,
        /// The table's period.
        is: Period,
    },
    /// There is no conversion to undo: the table is partitioned. Nothing was changed.
    #[error(
        "the table {table} is partitioned already, which can't be taken back: export, and import into another schema"
    )]
    Finished {
        /// The table, with its schema.
        table: String,
    },
    /// The table was partitioned by other means. Nothing was changed.
    #[error("the table {table} is partitioned in another way: leave it so, or set another schema")]
    AnotherWay {
        /// The table, with its schema.
        table: String,
    },
    /// The database does not sort IDs in the order of their times. Nothing was changed.
    #[error(
        "the collation of {table}.action_id does not sort hexadecimal numbers letter by letter: give the column the collation \"C\""
    )]
    Collation {
        /// The table, with its schema.
        table: String,
    },
    /// The lock for a change of some milliseconds was not granted, because a long transaction holds
    /// the table.
    #[error(
        "{step}: the table {table} is needed for some milliseconds and others hold it for longer: end what holds it (pg_stat_activity tells), and run this again"
    )]
    InUse {
        /// The table, with its schema.
        table: String,
        /// The step that needed the lock.
        step: &'static str,
    },
    /// Any error of a store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
