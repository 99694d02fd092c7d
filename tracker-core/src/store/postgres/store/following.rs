//! Follows arrivals, and finds out if the server supports that.

use std::sync::Arc;

use super::work::{Fault, Work};
use crate::{
    Activity,
    store::{
        StoreError,
        postgres::{
            characters,
            class::Class,
            engine::{self, Feature},
            error::PostgresError,
            statements::NumberedStatements,
        },
    },
    timeline::{Arrivals, Arrived, Place},
};

impl Work {
    pub(super) async fn watermarks(&self) -> Result<Arrived, StoreError> {
        self.make_sure_to_follow().await?;
        let task = self.reading("reading");
        loop {
            let is_plain = self.engine.lacks(Feature::Clusters);
            let numbered = self.numbered(is_plain);
            let arrived = self
                .on_lease(task, async |client| {
                    self.reading_on(client).watermarks(numbered).await
                })
                .await;
            match arrived {
                Err(Fault::Postgres(error)) if !is_plain && does_not_tell(&error) => {
                    let because = error.to_string();
                    self.engine.found_lacking(Feature::Clusters, &because);
                }
                arrived => return self.explained(task, arrived).await,
            }
        }
    }

    pub(super) async fn arrivals(
        self: &Arc<Self>,
        query: Arrivals,
    ) -> Result<Vec<(Place, Activity)>, StoreError> {
        self.make_sure_to_follow().await?;
        let work = Arc::clone(self);
        let arrivals = self.read(move |reading| {
            Box::pin(
                async move { characters::arrivals(reading, work.numbered_here(), query).await },
            )
        });
        arrivals.await?.ok_or_else(|| self.unknown_place())
    }

    /// Fails if the place does not belong to the table as it is now.
    pub(super) async fn make_sure_of(self: &Arc<Self>, place: Place) -> Result<(), StoreError> {
        self.make_sure_to_follow().await?;
        let work = Arc::clone(self);
        let is_known = self.read(move |reading| {
            Box::pin(async move { reading.has(work.numbered_here(), &place).await })
        });
        if is_known.await? {
            Ok(())
        } else {
            Err(self.unknown_place())
        }
    }

    fn unknown_place(&self) -> StoreError {
        StoreError::UnknownPlace {
            store: self.context.store.clone(),
        }
    }

    /// Returns the statements that fit the server, as far as is known.
    fn numbered_here(&self) -> &NumberedStatements {
        self.numbered(self.engine.lacks(Feature::Clusters))
    }

    fn numbered(&self, is_plain: bool) -> &NumberedStatements {
        if is_plain {
            &self.statements.numbered_plainly
        } else {
            &self.statements.numbered
        }
    }

    /// Fails if the server does not support following. The server is asked once for all calls.
    pub(super) async fn make_sure_to_follow(&self) -> Result<(), StoreError> {
        if self.engine.can_follow() {
            return Ok(());
        }
        if !self.engine.lacks(Feature::Arrivals) {
            match self.obstacle().await {
                Ok(Some(because)) => self.engine.found_lacking(Feature::Arrivals, &because),
                Ok(None) => {
                    self.engine.found_followable();
                    return Ok(());
                }
                // The table is missing or may not be read; the next statement reports that.
                Err(_) => return Ok(()),
            }
        }
        Err(StoreError::Unsupported {
            operation: "following what arrives, as it does not tell which transaction wrote a row",
            store: self.context.store.clone(),
        })
    }

    async fn obstacle(&self) -> Result<Option<String>, Fault> {
        let asked = self
            .on_lease(self.reading("reading"), async |client| {
                let reading = self.reading_on(client);
                reading.obstacle_to_following(&self.schema).await
            })
            .await;
        match asked {
            // An unknown column here is xmin.
            Err(Fault::Postgres(error))
                if engine::is_lack(&error) || error.class() == Class::Shape =>
            {
                Ok(Some(error.to_string()))
            }
            asked => asked,
        }
    }
}

/// Returns whether the error says that the server does not tell its identity, or not to this role.
fn does_not_tell(error: &PostgresError) -> bool {
    let is_answer = matches!(
        error.class(),
        Class::Denied | Class::Shape | Class::Unsupported | Class::Other
    );
    is_answer && error.sqlstate().is_some()
}
