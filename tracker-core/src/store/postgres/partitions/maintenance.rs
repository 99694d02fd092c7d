//! Routine work on partitions: creating the next ones, dropping the oldest, and listing all.

use tokio_postgres::{Error, types::Type};

use super::{
    super::{session::Session, transaction},
    sql::PartitionStatements,
};

/// A partition of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partition {
    /// The name of the partition's table.
    pub name: String,
    /// The range of its IDs, from the first to before the second, in the column's order. `None` for
    /// the default partition, which has all other IDs.
    pub ids: Option<(String, String)>,
    /// The first and the last time that its rows can have, in milliseconds since the Unix epoch.
    /// `None` for the default partition.
    pub times: Option<(i64, i64)>,
    /// True if it may have rows without a time.
    pub has_untimed: bool,
    /// The estimated number of its rows, from its statistics; `None` if it has rows and was never
    /// analysed.
    pub rows: Option<u64>,
    /// Its size on the disk, in bytes, including its indexes.
    pub bytes: u64,
}

/// The result for a missing partition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MadePartition {
    /// The partition was created.
    Made {
        /// The name of the partition's table.
        name: String,
    },
    /// The partition was not created, because more than 10,000 rows of its period are in the
    /// default partition, and moving them would block other sessions. They are read as before, but
    /// `prune` removes them one by one.
    Crowded,
}

/// Creates the partitions of the current period and of the next two.
pub(in crate::store::postgres) async fn ensure(
    client: &Session,
    begin: &str,
    statements: &PartitionStatements,
) -> Result<Vec<MadePartition>, Error> {
    let rows = client.query_typed(&statements.ensure, &[]);
    let rows = transaction::run(client, begin, rows).await?;
    let made = rows.iter().map(|row| {
        Ok(match row.try_get::<_, &str>(1)? {
            "made" => MadePartition::Made {
                name: row.try_get(0)?,
            },
            _ => MadePartition::Crowded,
        })
    });
    made.collect()
}

/// Drops a partition whose rows are all older than the time; returns its number of rows, or `None`
/// if there is no such partition.
pub(in crate::store::postgres) async fn prune(
    client: &Session,
    begin: &str,
    statements: &PartitionStatements,
    created_before: i64,
) -> Result<Option<u64>, Error> {
    let parameters: [super::super::filter::Parameter<'_>; 1] = [(&created_before, Type::INT8)];
    let row = client.query_typed_one(&statements.prune, &parameters);
    let row = transaction::run(client, begin, row).await?;
    let pruned: Option<i64> = row.try_get(0)?;
    Ok(pruned.map(unsigned))
}

pub(in crate::store::postgres) async fn list(
    client: &Session,
    begin: &str,
    statements: &PartitionStatements,
    schema: &str,
) -> Result<Vec<Partition>, Error> {
    let parameters: [super::super::filter::Parameter<'_>; 1] = [(&schema, Type::TEXT)];
    let rows = client.query_typed(&statements.list, &parameters);
    let rows = transaction::run(client, begin, rows).await?;
    let partitions = rows.iter().map(|row| {
        let ids: (Option<String>, Option<String>) = (row.try_get(1)?, row.try_get(2)?);
        let times: (Option<i64>, Option<i64>) = (row.try_get(3)?, row.try_get(4)?);
        Ok(Partition {
            name: row.try_get(0)?,
            ids: ids.0.zip(ids.1),
            times: times.0.zip(times.1),
            has_untimed: row.try_get(5)?,
            rows: row.try_get::<_, Option<i64>>(6)?.map(unsigned),
            bytes: unsigned(row.try_get(7)?),
        })
    });
    partitions.collect()
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
