//! Adding the changes of the kept counts to the counts, now and then.
//!
//! Whoever writes or counts does so, beside the work. The server lets one session do it at a time.

use std::sync::Arc;

use super::work::{Task, Work};
use crate::store::postgres::{connections::Purpose, engine::Feature, transaction};

impl Work {
    /// Starts to add the changes if they are due. A failure leaves them as they are, and reading
    /// adds them up itself.
    pub(super) fn fold_counts(self: &Arc<Self>) {
        if self.engine.lacks(Feature::KeptCounts) || !self.folding_turns.is_due() {
            return;
        }
        let work = Arc::clone(self);
        tokio::spawn(async move {
            let task = Task {
                purpose: Purpose::Write,
                operation: "adding up counts",
                limit: work.limits.write,
            };
            let folded = work
                .on_lease(task, async |client| {
                    let fold = client.query_typed(&work.statements.fold_counts, &[]);
                    transaction::run(client, &work.begin_write, fold).await
                })
                .await;
            if let Err(fault) = folded {
                let error = work.store_error(task, fault);
                tracing::debug!(%error, "the changes of counts could not be added up yet");
            }
        });
    }
}
