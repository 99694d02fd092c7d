//! Migrations, and the check.

#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use tracker_core::{StoreError, timeline::Query};

use super::{Subject, activity, read, write};

/// A store with a table reports a missing one; a store without writes at once.
pub async fn before_migrating_all_operations_agree(store: Subject) -> anyhow::Result<()> {
    let check = store.check().await;
    let written = write(&*store, vec![activity("p", 1, "a")]).await;
    let read = store.timeline(Query::project("p")).await.map(drop);
    for outcome in [&written, &read] {
        match (&check, outcome) {
            (Ok(()), Ok(()))
            | (Err(StoreError::NotMigrated { .. }), Err(StoreError::NotMigrated { .. })) => {}
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

pub async fn after_migrating_the_check_passes(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    store.check().await?;
    Ok(())
}

pub async fn migrating_again_applies_nothing_and_keeps_the_rows(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let written = vec![activity("p", 1, "a")];
    write(&*store, written.clone()).await?;
    assert_eq!(store.migrate().await?, Vec::<String>::new());
    assert_eq!(read(&*store, "p", 10).await?, written);
    Ok(())
}

pub async fn many_may_migrate_at_once(store: Subject) -> anyhow::Result<()> {
    let applied = try_join_all((0..8).map(|_| store.migrate())).await?;
    let applied = applied.concat();
    let distinct: BTreeSet<_> = applied.iter().collect();
    assert_eq!(distinct.len(), applied.len(), "{applied:?}");
    store.check().await?;
    Ok(())
}
