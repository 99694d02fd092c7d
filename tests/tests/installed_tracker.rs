//! The tracker of the process. It can be installed once, so one test in a process of its own covers
//! it all.

use std::time::Duration;

use tracker_core::{ActionType, Activity, Installed, MemoryStore, Tracker, tracked};

#[tracked(action = "deployment")]
async fn deploy(user_id: &str) -> &str {
    user_id
}

/// Moves `name` in the body, which also installs the tracker. Only before the body could the
/// attribute read `name`.
#[tracked(action = "deployment", details = "{name} {output}")]
async fn boot(name: String, store: &MemoryStore) -> Booted {
    Booted(tracker(store).install().unwrap(), name)
}

struct Booted(Installed, String);

impl std::fmt::Display for Booted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1)
    }
}

fn tracker(store: &MemoryStore) -> Tracker {
    Tracker::builder().store(store.clone()).build().unwrap()
}

#[tokio::test]
async fn the_first_installation_wins_and_the_loser_comes_back_usable() {
    let (first, second) = (MemoryStore::new(), MemoryStore::new());
    assert!(Tracker::current().is_none());
    assert_eq!(deploy("nobody hears").await, "nobody hears");

    // A call that began without a tracker is not recorded, because its row would be incomplete.
    let Booted(installed, _) = boot("worker".to_owned(), &first).await;
    let error = tracker(&second).install().unwrap_err();
    assert!(error.to_string().contains("Tracker::scope"), "{error}");
    let loser = error.into_inner();
    loser.record(Activity::new(ActionType::Deployment));

    deploy("here").await;
    tokio::spawn(deploy("in another task")).await.unwrap();
    loser.scope(deploy("in a scope")).await;

    installed.shutdown(Duration::from_secs(10)).await;
    loser.shutdown(Duration::from_secs(10)).await;
    let users = |store: &MemoryStore| -> Vec<_> {
        store
            .activities()
            .into_iter()
            .map(|activity| activity.user_id)
            .collect()
    };
    assert_eq!(
        users(&first),
        [Some("here".into()), Some("in another task".into())]
    );
    assert_eq!(users(&second), [None, Some("in a scope".into())]);
}
