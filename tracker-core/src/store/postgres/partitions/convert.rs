//! Converts a table to a partitioned one while it is in use.
//!
//! A partitioned table is created beside the old one. From then on, triggers write each new row to
//! both tables, in the writer's transaction, and note the IDs of changed and removed rows.
//! Meanwhile the existing rows are copied in the order of their IDs, and the noted rows are copied
//! again. When nothing is left, the two tables swap names in one short transaction.
//!
//! The progress is stored in the database, so the next conversion resumes from there. Each step
//! that blocks other sessions takes milliseconds; if it doesn't get its lock soon, it gives up and
//! is retried.

mod abandon;
mod session;

use tokio_postgres::types::Type;

use self::session::{Attempts, Session};
use super::{
    super::{
        connections::Connections,
        dedicated_session::{DedicatedSession, dedicated_session},
        engine,
        error::PostgresError,
        error_context::ErrorContext,
        filter::Parameter,
        identifier::quote_identifier,
    },
    PartitionError, Partitioned, Partitioning, Period, Progress, Step,
    sql::{fill, for_schema, literal},
};

pub(in crate::store::postgres) use self::abandon::abandon;

/// The number of rows that are copied at once, which takes some tenths of a second.
const BATCH_ROWS: i64 = 20_000;

/// The number of changed rows that are copied again at once.
const CHANGED_ROWS: i64 = 5_000;

/// Partitions the table, and reports the progress.
pub(in crate::store::postgres) async fn convert(
    connections: &Connections,
    schema: &str,
    context: &ErrorContext,
    partitioning: Partitioning,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Partitioned, PartitionError> {
    // Closing the session, whatever the outcome, releases the lock.
    let client = dedicated_session(connections, context, "partitioning").await?;
    let converter = Converter {
        session: Session::new(&client, schema, context),
        schema,
        context,
        partitioning,
        progress,
    };
    let outcome = converter.run().await;
    client.end(context, "partitioning", outcome).await
}

/// Replaces the functions of a partitioned table, or of one under conversion, by those of this
/// version; leaves any other table unchanged.
pub(in crate::store::postgres) async fn renew(
    client: &DedicatedSession,
    schema: &str,
) -> Result<(), PostgresError> {
    let parameters: [Parameter<'_>; 1] = [(&schema, Type::TEXT)];
    let state = include_str!("sql/state.sql");
    let row = match client.query_typed_one(state, &parameters).await {
        // An engine that lacks these queries has no partitioned table either.
        Err(error) => {
            let error = PostgresError::from(error);
            return if engine::is_lack(&error) {
                Ok(())
            } else {
                Err(error)
            };
        }
        Ok(row) => row,
    };
    let (has_map, has_progress): (bool, bool) = (row.try_get(1)?, row.try_get(3)?);
    let owner: Option<String> = row.try_get(4)?;
    let Some(owner) = owner.filter(|_| has_map) else {
        return Ok(());
    };
    // The table's owner then owns all new objects.
    let role = format!("SET LOCAL ROLE {}", quote_identifier(&owner));
    let sql = format!("{role};\n{}", functions(schema, has_progress));
    Ok(client.batch_execute(&sql).await?)
}

/// Returns the SQL that creates or replaces the functions of a partitioned table, and those of the
/// conversion if it is under way.
fn functions(schema: &str, has_progress: bool) -> String {
    let mut steps = vec![include_str!("sql/functions.sql")];
    if has_progress {
        steps.push(include_str!("sql/conversion_functions.sql"));
    }
    for_schema(&steps.join(";\n"), schema)
}

/// The state of a table's conversion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No conversion has begun.
    Plain,
    Converting,
    /// A conversion was being undone, and remains of it are left.
    Abandoned,
    Partitioned,
}

/// The state of a schema's tables.
struct ConversionState {
    stage: Stage,
    /// The period of the existing partitions, or of the conversion.
    period: Option<Period>,
    has_old: bool,
    owner: Option<String>,
}

struct Converter<'a> {
    session: Session<'a>,
    schema: &'a str,
    context: &'a ErrorContext,
    partitioning: Partitioning,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
}

impl Converter<'_> {
    async fn run(self) -> Result<Partitioned, PartitionError> {
        let mut state = self.prepare().await?;
        if state.stage == Stage::Abandoned {
            self.remove_abandoned().await?;
            state = self.state().await?;
        }
        if let Some(is) = state.period.filter(|is| *is != self.partitioning.period) {
            let table = self.context.table.clone();
            return Err(match state.stage {
                Stage::Converting => PartitionError::UnderWay { table, is },
                _ => PartitionError::AnotherPeriod { table, is },
            });
        }
        if state.stage == Stage::Partitioned {
            if state.period.is_none() {
                let table = self.context.table.clone();
                return Err(PartitionError::AnotherWay { table });
            }
            self.finish(state.has_old).await?;
            return Ok(Partitioned::Already);
        }
        if state.has_old {
            let old = format!("{}_unpartitioned", self.table());
            return Err(self.obstacle(format!("there is a table {old}: drop it, or rename it")));
        }
        let is_beginning = state.stage == Stage::Plain;
        self.look_for_obstacles(is_beginning).await?;
        if is_beginning {
            self.begin().await?;
        } else {
            // An older version may have begun the conversion.
            let functions = functions(self.schema, true);
            self.session.change("going on", &functions).await?;
        }
        let rows = self.copy().await?;
        self.build_indexes().await?;
        self.look_for_obstacles(false).await?;
        self.swap().await?;
        self.finish(true).await?;
        Ok(Partitioned::Converted { rows })
    }

    /// Locks out other conversions, takes on the role of the table's owner, and reads the state.
    async fn prepare(&self) -> Result<ConversionState, PartitionError> {
        self.session.prepare().await?;
        let state = self.state().await?;
        let Some(owner) = &state.owner else {
            return Err(self.context.not_migrated().into());
        };
        // The table's owner then owns all new objects.
        self.session.become_role(owner).await?;
        let parameters: [Parameter<'_>; 1] = [(&self.table(), Type::TEXT)];
        let tablespace = include_str!("sql/tablespace.sql");
        self.session.row(tablespace, &parameters).await?;
        Ok(state)
    }

    /// The qualified, quoted name of the table.
    fn table(&self) -> String {
        format!("{}.project_actions", quote_identifier(self.schema))
    }

    /// The qualified, quoted name of the partitioned table beside it.
    fn parent(&self) -> String {
        format!("{}_partitioned", self.table())
    }

    fn sql(&self, sql: &str) -> String {
        let period = literal(self.partitioning.period.as_str());
        // The period is filled in before the schema, whose name may look like anything.
        for_schema(&fill(sql, &[("period", &period)]), self.schema)
    }

    fn obstacle(&self, obstacle: String) -> PartitionError {
        let table = self.context.table.clone();
        PartitionError::Obstacle { table, obstacle }
    }

    async fn state(&self) -> Result<ConversionState, PartitionError> {
        let session = &self.session;
        let row = session
            .row(include_str!("sql/state.sql"), &[(&self.schema, Type::TEXT)])
            .await?;
        let (is_partitioned, has_map, has_progress) = (
            session.value(&row, 0)?,
            session.value(&row, 1)?,
            session.value(&row, 3)?,
        );
        let stage = match (is_partitioned, has_map, has_progress) {
            (true, ..) => Stage::Partitioned,
            (false, true, true) => Stage::Converting,
            (false, true, false) => Stage::Abandoned,
            (false, false, _) => Stage::Plain,
        };
        let mut period = None;
        if has_map {
            let sql = self.sql(include_str!("sql/period.sql"));
            let found = session.texts(&sql, &[]).await?;
            period = found.first().and_then(|text| text.parse().ok());
        }
        Ok(ConversionState {
            stage,
            period,
            has_old: session.value(&row, 2)?,
            owner: session.value(&row, 4)?,
        })
    }

    /// Refuses anything that a partitioned table would not have, or that would stop a conversion
    /// half-way.
    async fn look_for_obstacles(&self, is_beginning: bool) -> Result<(), PartitionError> {
        let obstacles = include_str!("sql/obstacles.sql");
        let parameters: [Parameter<'_>; 2] =
            [(&self.table(), Type::TEXT), (&is_beginning, Type::BOOL)];
        let found = self.session.texts(obstacles, &parameters).await?;
        if found.is_empty() {
            return Ok(());
        }
        Err(self.obstacle(match &*found {
            [only] => only.clone(),
            all => format!("\n  {}", all.join("\n  ")),
        }))
    }

    /// Creates the partitioned table, and the triggers that write new rows to both tables, all or
    /// nothing.
    async fn begin(&self) -> Result<(), PartitionError> {
        let steps = [
            include_str!("sql/map.sql"),
            include_str!("sql/functions.sql"),
            include_str!("sql/sorts.sql"),
            include_str!("sql/set_up.sql"),
            include_str!("sql/needed_partitions.sql"),
            include_str!("sql/conversion_functions.sql"),
            include_str!("sql/conversion.sql"),
        ];
        let sql = self.sql(&steps.join(";\n"));
        self.session.change("beginning", &sql).await
    }

    /// Copies the existing rows; returns their number, including those of earlier runs.
    async fn copy(&self) -> Result<u64, PartitionError> {
        let so_far = self.sql(include_str!("sql/converting.sql"));
        let row = self.session.row(&so_far, &[]).await?;
        let mut copied_to: Option<String> = self.session.value(&row, 0)?;
        let mut copied: i64 = self.session.value(&row, 1)?;
        let total: i64 = self.session.value(&row, 2)?;
        let batch = self.sql(include_str!("sql/copy_batch.sql"));
        loop {
            let total = unsigned(total.max(copied));
            self.tell(Step::Copying, unsigned(copied), total);
            self.reconcile().await?;
            let parameters: [Parameter<'_>; 2] =
                [(&copied_to, Type::TEXT), (&BATCH_ROWS, Type::INT8)];
            let rows = self.session.rows(&batch, &parameters).await?;
            let Some(row) = rows.first() else {
                return Ok(unsigned(copied));
            };
            copied_to = self.session.value(row, 0)?;
            copied = self.session.value(row, 1)?;
        }
    }

    /// Copies the rows again that were changed meanwhile.
    async fn reconcile(&self) -> Result<(), PartitionError> {
        let sql = self.sql(include_str!("sql/reconcile.sql"));
        loop {
            let row = self
                .session
                .row(&sql, &[(&CHANGED_ROWS, Type::INT8)])
                .await?;
            if self.session.value::<i64>(&row, 0)? < CHANGED_ROWS {
                return Ok(());
            }
        }
    }

    /// Builds the table's indexes on the filled partitions, which takes a fraction of the time of
    /// filling indexed partitions. Writers continue meanwhile.
    async fn build_indexes(&self) -> Result<(), PartitionError> {
        let (old, new) = (self.table(), self.parent());
        let invalid = include_str!("sql/invalid_indexes.sql");
        for name in self.session.texts(invalid, &[(&new, Type::TEXT)]).await? {
            self.session
                .execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))
                .await?;
        }
        let tables: [Parameter<'_>; 2] = [(&old, Type::TEXT), (&new, Type::TEXT)];
        let obsolete = include_str!("sql/obsolete_indexes.sql");
        for name in self.session.texts(obsolete, &tables).await? {
            let drop = format!("DROP INDEX IF EXISTS {name}");
            self.session.change("dropping indexes", &drop).await?;
        }
        let missing = include_str!("sql/missing_indexes.sql");
        let builds = self.session.texts(missing, &tables).await?;
        let total = builds.len() as u64;
        for (done, build) in builds.iter().enumerate() {
            self.tell(Step::Indexing, done as u64, total);
            self.session.execute(build).await?;
            // Keeps the list of changed rows from growing without bound.
            self.reconcile().await?;
        }
        self.tell(Step::Indexing, total, total);
        let missing = include_str!("sql/missing_parent_indexes.sql");
        for build in self.session.texts(missing, &tables).await? {
            self.session.change("building indexes", &build).await?;
        }
        self.session.execute(&format!("ANALYZE {new}")).await
    }

    async fn swap(&self) -> Result<(), PartitionError> {
        // Another period may have begun since the conversion began.
        let ahead = self.sql(include_str!("sql/needed_partitions.sql"));
        self.session
            .change("making the next partitions", &ahead)
            .await?;
        let swap = self.sql(include_str!("sql/swap.sql"));
        let mut attempts = Attempts::new("changing the names");
        loop {
            // Leaves little to copy again while everybody waits.
            self.reconcile().await?;
            if self.session.attempt(&mut attempts, &swap).await? {
                return Ok(());
            }
        }
    }

    /// Removes everything that is no longer needed.
    async fn finish(&self, has_old: bool) -> Result<(), PartitionError> {
        let clean = self.sql(include_str!("sql/clean_up.sql"));
        self.session.change("cleaning up", &clean).await?;
        if has_old && !self.partitioning.keeps_old {
            let old = format!("DROP TABLE {}_unpartitioned", self.table());
            self.session
                .change("dropping the former table", &old)
                .await?;
        }
        Ok(())
    }

    fn tell(&self, step: Step, done: u64, total: u64) {
        (self.progress)(Progress { step, done, total });
    }
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
