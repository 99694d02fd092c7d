//! Partitions from day to day: making the next, dropping the last, and telling which there are.

use tokio_postgres::{Client, Error, types::Type};

use super::{super::transaction, sql::PartitionStatements};

/// A partition of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Partition {
    /// Its table.
    pub name: String,
    /// The IDs that lie in it: from the first one to before the second one, in the order of the column. `None` for the default partition, which has all
    /// that no other has.
    pub ids: Option<(String, String)>,
    /// The first and the last time that a row of it can have, in milliseconds since the Unix epoch; `None` for the default partition.
    pub times: Option<(i64, i64)>,
    /// Whether there can be rows without a time.
    pub has_untimed: bool,
    /// How many rows it has, as its statistics estimate; 0 where there are none yet.
    pub rows: u64,
    /// What it takes on the disk, with its indexes.
    pub bytes: u64,
}

/// A partition that was to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MadePartition {
    /// It is there now.
    Made {
        /// Its table.
        name: String,
    },
    /// More than 10,000 rows of its time lie in the default partition, and stay there: moving them would keep others waiting. They are read as ever; only,
    /// `prune` removes them one by one.
    Crowded,
}

/// Makes the partitions of now and of the next two periods.
pub(in crate::store::postgres) async fn ensure(
    client: &Client,
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

/// Drops a partition of which all rows are from before the time; how many these were, `None` where there is none.
pub(in crate::store::postgres) async fn prune(
    client: &Client,
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
    client: &Client,
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
            rows: unsigned(row.try_get(6)?),
            bytes: unsigned(row.try_get(7)?),
        })
    });
    partitions.collect()
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
