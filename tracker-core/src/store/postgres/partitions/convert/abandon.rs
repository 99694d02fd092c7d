//! Undoes an unfinished conversion: the table stays as it was, and nothing that was created for the
//! conversion is left.
//!
//! One transaction ends the writing to both tables. The new tables are then unused, and are removed
//! some partitions at a time. This can be stopped anywhere: as long as the map of the partitions
//! exists, the next conversion or abandonment removes the rest first.

use tokio_postgres::types::Type;

use super::{
    super::{
        super::{
            connections::Connections, dedicated_session::dedicated_session,
            error_context::ErrorContext, filter::Parameter,
        },
        Abandoned, PartitionError, Partitioning, Period,
    },
    Converter, Session, Stage,
};

/// The number of partitions that are dropped at once. Each takes some ten locks, with its indexes,
/// and a server has room for 6,400 by default.
const PARTITIONS: i64 = 50;

const OPERATION: &str = "taking a conversion back";

/// Undoes an unfinished conversion.
pub(in crate::store::postgres) async fn abandon(
    connections: &Connections,
    schema: &str,
    context: &ErrorContext,
) -> Result<Abandoned, PartitionError> {
    let client = dedicated_session(connections, context, OPERATION).await?;
    let converter = Converter {
        session: Session::new(&client, schema, context),
        schema,
        context,
        // The period is not used: a conversion to any period is undone.
        partitioning: Partitioning::by(Period::Month),
        progress: &|_| (),
    };
    let outcome = converter.take_back().await;
    client.end(context, OPERATION, outcome).await
}

impl Converter<'_> {
    async fn take_back(&self) -> Result<Abandoned, PartitionError> {
        match self.prepare().await?.stage {
            Stage::Plain => return Ok(Abandoned::Nothing),
            Stage::Partitioned => {
                let table = self.context.table.clone();
                return Err(PartitionError::Finished { table });
            }
            Stage::Converting | Stage::Abandoned => {}
        }
        let end = self.sql(include_str!("../sql/abandon.sql"));
        self.session.change(OPERATION, &end).await?;
        self.remove_abandoned().await?;
        Ok(Abandoned::TakenBack)
    }

    /// Removes the unused tables, triggers and functions.
    pub(super) async fn remove_abandoned(&self) -> Result<(), PartitionError> {
        let partitions = include_str!("../sql/abandoned_partitions.sql");
        let parent = self.parent();
        let parameters: [Parameter<'_>; 2] = [(&parent, Type::TEXT), (&PARTITIONS, Type::INT8)];
        loop {
            let drops = self.session.texts(partitions, &parameters).await?;
            let Some(drop) = drops.first() else {
                break;
            };
            self.session.change("dropping partitions", drop).await?;
        }
        let rest = self.sql(include_str!("../sql/abandon_rest.sql"));
        self.session.change("dropping what is left", &rest).await
    }
}
