//! Taking a conversion back: the table stays as it was, and nothing of what was made for it is left.
//!
//! One transaction ends that rows come into both tables. What there is then is used by nobody, and is removed some partitions at a time. It can be
//! stopped anywhere: while the map of the partitions is there, whoever abandons or converts next removes the rest first.

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

/// How many partitions are dropped at once. Each takes some ten locks, with its indexes, and a server has room for 6,400 unless set otherwise.
const PARTITIONS: i64 = 50;

const OPERATION: &str = "taking a conversion back";

/// Takes back what has been done of a conversion.
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
        // Not asked for: it is taken back whatever its period is.
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

    /// Removes what no rows come into any more.
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
