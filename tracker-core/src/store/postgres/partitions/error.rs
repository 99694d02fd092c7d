//! Why a table could not be partitioned: [`PartitionError`].

use thiserror::Error;

use super::Period;
use crate::store::StoreError;

/// Why a table could not be partitioned. It is in use as before; what of a conversion was done is kept, and the next one goes on from there, or
/// [`abandon_partitioning`](crate::PostgresStore::abandon_partitioning) takes it back.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// The table has something that the partitioned one would not have, or that would end the conversion half-way. A conversion that had not begun has
    /// changed nothing.
    #[error("the table {table} can't be partitioned as it is: {obstacle}")]
    Obstacle {
        /// The table, with its schema.
        table: String,
        /// What it has, and what to do about it.
        obstacle: String,
    },
    /// A conversion to another period has begun, and not ended.
    #[error(
        "the table {table} is on its way to partitions by {is}: ask for {is} to go on with that, or take it back first (`tracker migrate --abandon`, `PostgresStore::abandon_partitioning`)"
    )]
    UnderWay {
        /// The table, with its schema.
        table: String,
        /// The period that it is to have.
        is: Period,
    },
    /// It is partitioned by another period.
    #[error(
        "the table {table} is partitioned by {is} already: another period needs another table, so export, and import into another schema"
    )]
    AnotherPeriod {
        /// The table, with its schema.
        table: String,
        /// The period that it has.
        is: Period,
    },
    /// There is nothing to take back: the table is partitioned, and nothing was changed.
    #[error(
        "the table {table} is partitioned already, which can't be taken back: export, and import into another schema"
    )]
    Finished {
        /// The table, with its schema.
        table: String,
    },
    /// Somebody else partitioned it, in another way. Nothing was changed.
    #[error("the table {table} is partitioned in another way: leave it so, or set another schema")]
    AnotherWay {
        /// The table, with its schema.
        table: String,
    },
    /// The database sorts IDs in another order than that of their times. Nothing was changed.
    #[error(
        "the collation of {table}.action_id does not sort hexadecimal numbers letter by letter: give the column the collation \"C\""
    )]
    Collation {
        /// The table, with its schema.
        table: String,
    },
    /// The lock for a change of some milliseconds was not to be had, as somebody holds the table in a long transaction.
    #[error(
        "{step}: the table {table} is needed for some milliseconds and others hold it for longer: end what holds it (pg_stat_activity tells), and run this again"
    )]
    InUse {
        /// The table, with its schema.
        table: String,
        /// What was to be done.
        step: &'static str,
    },
    /// Anything that can happen with a store.
    #[error(transparent)]
    Store(#[from] StoreError),
}
