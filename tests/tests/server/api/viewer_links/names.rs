//! The names that a link is told.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};
use serde_json::{Value, json};
use tracker_core::{Activity, MemoryStore, Store as _};
use tracker_server::{Audience, Name, Named, Names, NamesError, Replaceable, Settings, router};
use tracker_tests::api::Api;

use super::{
    super::{OwnProject, row},
    HOUR, one_key, rows,
};

/// Calls everything by its ID, and all readers may be told the same.
struct ById;

impl Names for ById {
    fn names<'a>(
        &'a self,
        _: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        let names = wanted.iter().map(|named| {
            let label = match named {
                Named::Project { id } | Named::User { id, .. } | Named::Reference { id, .. } => id,
                _ => "another",
            };
            (named.clone(), Name::new(label))
        });
        Box::pin(ready(Ok(names.collect())))
    }

    fn audience(&self, _: &request::Parts) -> Audience {
        Audience::Everyone
    }
}

fn ids(names: &Value) -> Vec<&String> {
    names.as_object().unwrap().keys().collect()
}

/// Returns an API of these rows, whose reader is `user_1`.
async fn named(rows: Vec<Activity>) -> Api {
    let store = MemoryStore::new();
    store.write(rows.into()).await.unwrap();
    let settings = Settings::new(Arc::new(OwnProject))
        .viewer_links(Arc::new(Replaceable::new(Arc::new(one_key()))))
        .names(Arc::new(ById));
    Api::of(router(Arc::new(store), settings))
}

#[tokio::test]
async fn a_link_is_told_the_names_of_all_that_it_shows_however_old() {
    let mut rows = vec![
        row("old", 1).user_id("u1").reference("deployment_id", "d1"),
        row("hidden", 2)
            .user_id("u2")
            .reference("deployment_id", "d2")
            .environment("staging"),
    ];
    rows.extend((0..1_500).map(|number| row(&format!("new-{number}"), 10 + number).user_id("u3")));
    for row in &mut rows {
        row.environment
            .get_or_insert_with(|| "production".to_owned());
    }
    let api = named(rows).await;
    let link = one_key().link(
        "project_7",
        [("environment", "production")],
        SystemTime::now() + HOUR,
    );
    let path = "/api/projects/project_7/names?user=u1&user=u2&user=u3&user=u4\
        &reference.deployment_id=d1&reference.deployment_id=d2";
    let bearer = format!("Bearer {}", link.unwrap().token());
    let names = api
        .get_with(path, &[("authorization", &bearer)])
        .await
        .json();
    assert_eq!(ids(&names["users"]), ["u1", "u3"]);
    assert_eq!(ids(&names["references"]["deployment_id"]), ["d1"]);
}

#[tokio::test]
async fn a_link_is_told_the_names_of_what_it_shows_alone() {
    let api = named(rows()).await;
    let path = "/api/projects/project_7/names?user=u1&user=u2&reference.deployment_id=d1";
    let get = async |headers: &[(&str, &str)]| api.get_with(path, headers).await.json();
    let whole = get(&[("user", "user_1")]).await;
    assert_eq!(ids(&whole["users"]), ["u1", "u2"]);
    assert_eq!(ids(&whole["references"]["deployment_id"]), ["d1"]);

    let link = async |user: &str| {
        let link = one_key().link("project_7", [("user_id", user)], SystemTime::now() + HOUR);
        let link = link.unwrap();
        get(&[("authorization", &format!("Bearer {}", link.token()))]).await
    };
    let first = link("u1").await;
    assert_eq!(ids(&first["users"]), ["u1"]);
    assert_eq!(first["references"], json!({}));
    assert_eq!(first["project"]["label"], "project_7");
    let second = link("u2").await;
    assert_eq!(ids(&second["users"]), ["u2"]);
    assert_eq!(ids(&second["references"]["deployment_id"]), ["d1"]);
}
