//! A program that knows `tracker-core` by another name alone. An expansion that contains
//! `::tracker_core` would not compile here.

use std::{future::Future, pin::Pin, time::Duration};

use tracking::{ActionType, Context, MemoryStore, ReferenceIds, Tracker, tracked};

#[derive(ReferenceIds)]
#[reference(crate = tracking)]
struct Deployment {
    #[reference]
    deployment_id: u8,
}

#[tracked(action = "deployment", details = "{image} {output.deployment_id}", crate = tracking)]
async fn deploy(user_id: &str, image: String) -> Result<Deployment, ()> {
    drop(image);
    tokio::task::yield_now().await;
    Ok(Deployment {
        deployment_id: u8::from(!user_id.is_empty()),
    })
}

#[tracked(action = ActionType::GithubPush, references(output), crate = ::tracking)]
fn push(user_id: &str) -> Deployment {
    let deployment_id = u8::from(user_id.is_empty());
    Deployment { deployment_id }
}

#[tracked(action = "deployment", tracker = tracker, details = "{count}", crate = tracking)]
fn boxed(tracker: &Tracker, count: u8) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
    Box::pin(async move { count })
}

#[tokio::test]
async fn the_attribute_works_with_the_crate_under_another_name() {
    let store = MemoryStore::new();
    let tracker = Tracker::builder().store(store.clone()).build().unwrap();
    let work = async {
        let deployment = deploy("user_1", "api".into()).await.unwrap();
        assert_eq!(deployment.deployment_id, 1);
        assert_eq!(push("user_2").deployment_id, 0);
        assert_eq!(boxed(&tracker, 3).await, 3);
    };
    let context = Context::new().with_project_id("project_3");
    tracker.scope(context.scope(work)).await;
    tracker.shutdown(Duration::from_secs(10)).await;
    let rows: Vec<_> = store
        .activities()
        .into_iter()
        .map(|activity| {
            (
                activity.user_id,
                activity.project_id,
                activity.action_details,
            )
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows,
        [
            (text("user_1"), text("project_3"), text("api 1")),
            (text("user_2"), text("project_3"), None),
            (None, text("project_3"), text("3")),
        ]
    );
}
