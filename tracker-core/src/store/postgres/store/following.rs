//! Whether what arrives can be followed on this server.

use super::{Fault, Work};
use crate::store::{
    StoreError,
    postgres::{
        engine::{self, Feature},
        error::Class,
    },
};

impl Work {
    /// Fails where the server can't tell what arrives; asked once for all.
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
                // The table is missing, or may not be read: what is asked for next says so.
                Err(_) => return Ok(()),
            }
        }
        Err(StoreError::Unsupported {
            operation: "following what arrives, as it does not tell which transaction wrote a row",
            store: self.place.store.clone(),
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
            // A column that is unknown is xmin.
            Err(Fault::Postgres(error))
                if engine::is_lack(&error) || error.class() == Class::Shape =>
            {
                Ok(Some(error.to_string()))
            }
            asked => asked,
        }
    }
}
