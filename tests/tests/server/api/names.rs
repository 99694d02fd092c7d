//! The names of users, projects and related records.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::{StatusCode, request};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tracker_core::{ActionType, Activity, MemoryStore, Store as _};
use tracker_server::{Audience, Name, Named, Names, NamesError, Open, Origin, Settings, router};
use tracker_tests::api::Api;

use super::OwnProject;

const PATH: &str = "/api/projects/project_7/names";

/// The behaviour of a test's names.
type Told = dyn Fn(&Named) -> Option<Name> + Send + Sync;

/// Tells names by a function, and counts how often it is asked for how many.
#[derive(Clone)]
struct Counted {
    told: Arc<Told>,
    audience: fn(&request::Parts) -> Audience,
    asked: Arc<Mutex<Vec<usize>>>,
}

impl Counted {
    fn new(told: impl Fn(&Named) -> Option<Name> + Send + Sync + 'static) -> Self {
        Self {
            told: Arc::new(told),
            audience: |_| Audience::Reader,
            asked: Arc::default(),
        }
    }

    fn asked(&self) -> Vec<usize> {
        self.asked.lock().unwrap().clone()
    }
}

impl Names for Counted {
    fn names<'a>(
        &'a self,
        request: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        self.asked.lock().unwrap().push(wanted.len());
        Box::pin(async move {
            let reader = request.headers.get("user").map(|user| user.to_str());
            let reader = reader.transpose()?.unwrap_or("nobody");
            let named = wanted.iter().filter_map(|named| {
                let name = (self.told)(named)?;
                Some((named.clone(), name.link(format!("/of/{reader}"))))
            });
            Ok(named.collect())
        })
    }

    fn audience(&self, request: &request::Parts) -> Audience {
        (self.audience)(request)
    }
}

fn api(settings: Settings) -> Api {
    Api::of(router(Arc::new(MemoryStore::new()), settings))
}

fn named(names: &Counted) -> Api {
    api(Settings::open().names(Arc::new(names.clone())))
}

fn label(named: &Named) -> Option<Name> {
    match named {
        Named::Project { id } => Some(Name::new(format!("Project {id}"))),
        Named::User { project_id, id } if id != "stranger" => {
            Some(Name::new(format!("User {id} of {project_id}")))
        }
        Named::Reference { name, id, .. } => Some(Name::new(format!("{name} {id}"))),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_known_of_all_that_is_wanted_is_told_at_once() {
    let names = Counted::new(label);
    let path = format!(
        "{PATH}?user=u1&user=stranger&user=u%202&user=u1&reference.deployment_id=d1&reference.deployment_id=d2&reference.a.b=c"
    );
    let name = |label: &str| json!({ "label": label, "picture": null, "link": "/of/nobody" });
    assert_eq!(
        named(&names).json(&path).await,
        json!({
            "has_names": true,
            "project": name("Project project_7"),
            "users": {
                "u1": name("User u1 of project_7"),
                "u 2": name("User u 2 of project_7"),
            },
            "references": {
                "a.b": { "c": name("a.b c") },
                "deployment_id": { "d1": name("deployment_id d1"), "d2": name("deployment_id d2") },
            },
        })
    );
    assert_eq!(names.asked(), [7]);
}

#[tokio::test]
async fn the_projects_of_a_list_are_named_at_once() {
    let store = MemoryStore::new();
    let rows = ["a", "b", "c"].map(|id| Activity::new(ActionType::Deployment).project_id(id));
    store.write(rows.into_iter().collect()).await.unwrap();
    let names = Counted::new(|named| {
        let is_known = matches!(named, Named::Project { id } if id != "b");
        is_known.then(|| Name::new("A project"))
    });
    let settings = Settings::open().names(Arc::new(names.clone()));
    let answer = Api::of(router(Arc::new(store), settings))
        .json("/api/projects")
        .await;
    let projects = answer["projects"].as_array().unwrap().iter();
    let told: Vec<_> = projects
        .map(|project| json!([project["project_id"], project["label"], project["link"]]))
        .collect();
    let of_nobody = "/of/nobody";
    assert_eq!(
        told,
        [
            json!(["a", "A project", of_nobody]),
            json!(["b", null, null]),
            json!(["c", "A project", of_nobody]),
        ]
    );
    assert_eq!(names.asked(), [3]);
}

#[tokio::test]
async fn a_server_without_names_says_so() {
    let answer = api(Settings::open()).json(&format!("{PATH}?user=u1")).await;
    let nothing = json!({ "has_names": false, "project": null, "users": {}, "references": {} });
    assert_eq!(answer, nothing);
}

#[tokio::test]
async fn a_hundred_ids_are_taken_and_no_more_nor_anything_else() {
    let names = Counted::new(label);
    let api = named(&names);
    let ids = |count: usize| {
        let ids: Vec<_> = (0..count).map(|id| format!("user={id}")).collect();
        format!("{PATH}?{}", ids.join("&"))
    };
    let users = api.json(&ids(100)).await;
    assert_eq!(users["users"].as_object().unwrap().len(), 100);
    let long = "a".repeat(4_097);
    for (path, parameter) in [
        (ids(101), "user"),
        (format!("{PATH}?user={long}"), "user"),
        (format!("{PATH}?users=a"), "users"),
        (format!("{PATH}?reference.=a"), "reference."),
        (format!("{PATH}?reference=a:b"), "reference"),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.json()["parameter"], parameter, "{path}");
    }
    assert_eq!(names.asked(), [101]);
}

#[tokio::test]
async fn only_those_who_may_see_a_project_are_told_names_in_it() {
    let names = Counted::new(label);
    let settings = Settings::new(Arc::new(OwnProject)).names(Arc::new(names.clone()));
    let api = api(settings);
    let status = async |path: &str, headers: &[(&str, &str)]| api.get_with(path, headers).await;
    let path = format!("{PATH}?user=u1");
    assert_eq!(status(&path, &[]).await.status, StatusCode::UNAUTHORIZED);
    let other = path.replace("project_7", "project_8");
    let denied = status(&other, &[("user", "user_1")]).await;
    assert_eq!(denied.status, StatusCode::NOT_FOUND);
    assert_eq!(names.asked(), [0; 0]);
    let own = status(&path, &[("user", "user_1")]).await.json();
    assert_eq!(own["users"]["u1"]["link"], "/of/user_1");
}

#[tokio::test]
async fn names_are_kept_for_those_who_are_told_the_same_alone() {
    let of_each: fn(&request::Parts) -> Audience = |_| Audience::Reader;
    let of_team: fn(&request::Parts) -> Audience = |request| {
        let team = request.headers["user"].to_str().unwrap();
        Audience::Group(team.to_owned())
    };
    let of_all: fn(&request::Parts) -> Audience = |_| Audience::Everyone;
    for (audience, readers, asked) in [
        (of_each, ["a", "b", "a"], vec![3, 3, 3]),
        (of_team, ["a", "b", "b"], vec![3, 3]),
        (of_all, ["a", "a", "a"], vec![3]),
    ] {
        let mut names = Counted::new(label);
        names.audience = audience;
        let api = named(&names);
        for reader in readers {
            // What is unknown is kept as well.
            let path = format!("{PATH}?user=u1&user=stranger");
            let answer = api.get_with(&path, &[("user", reader)]).await.json();
            let link = format!("/of/{reader}");
            assert_eq!(answer["users"]["u1"]["link"], Value::from(link));
            assert!(answer["users"].get("stranger").is_none());
        }
        assert_eq!(names.asked(), asked);
    }
}

#[tokio::test]
async fn only_what_is_not_kept_is_looked_up_and_a_kept_name_has_an_end() {
    let mut names = Counted::new(label);
    names.audience = |_| Audience::Everyone;
    let api_of = |settings: Settings| api(settings.names(Arc::new(names.clone())));
    let api = api_of(Settings::open());
    api.json(&format!("{PATH}?user=u1")).await;
    let both = api.json(&format!("{PATH}?user=u1&user=u2")).await;
    assert_eq!(both["users"].as_object().unwrap().len(), 2);
    assert_eq!(names.asked(), [2, 1]);
    let api = api_of(Settings::open().names_kept_for(Duration::ZERO));
    api.json(PATH).await;
    api.json(PATH).await;
    assert_eq!(names.asked(), [2, 1, 1, 1]);
}

/// Fails in a way, until it is mended.
struct Failing {
    way: Way,
    times: AtomicUsize,
}

#[derive(Clone, Copy)]
enum Way {
    Error,
    PanicAtOnce,
    PanicLater,
    Never,
}

impl Names for Failing {
    fn names<'a>(
        &'a self,
        _: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        let fails = self.times.fetch_add(1, Ordering::Relaxed) == 0;
        if !fails {
            let named = wanted.iter().map(|named| (named.clone(), Name::new("A")));
            return Box::pin(std::future::ready(Ok(named.collect())));
        }
        match self.way {
            Way::Error => Box::pin(async { Err("the directory is away".into()) }),
            Way::PanicAtOnce => panic!("a test's panic"),
            Way::PanicLater => Box::pin(async { panic!("a test's panic") }),
            Way::Never => Box::pin(std::future::pending()),
        }
    }

    fn audience(&self, _: &request::Parts) -> Audience {
        Audience::Everyone
    }
}

#[tokio::test]
async fn names_that_cannot_be_told_are_left_out_and_asked_for_again() {
    for way in [Way::Error, Way::PanicAtOnce, Way::PanicLater, Way::Never] {
        let names = Failing {
            way,
            times: AtomicUsize::new(0),
        };
        let settings = Settings::open().names(Arc::new(names));
        let api = api(settings.names_within(Duration::from_millis(100)));
        let answer = api.json(PATH).await;
        assert_eq!(answer["project"], Value::Null);
        let answer = api.json(PATH).await;
        assert_eq!(answer["project"]["label"], "A");
    }
}

#[tokio::test]
async fn an_address_that_could_do_harm_is_left_out() {
    let names = Counted::new(|named| {
        let name = Name::new("<b>A</b>").picture("http://tracks.example.org/a.png");
        matches!(named, Named::User { .. }).then_some(name)
    });
    let answer = named(&names).json(&format!("{PATH}?user=u1")).await;
    let safe = json!({ "label": "<b>A</b>", "picture": null, "link": "/of/nobody" });
    assert_eq!(answer["users"]["u1"], safe);
}

#[tokio::test]
async fn pictures_and_frames_of_other_sites_are_those_that_the_settings_name() {
    let settings = Settings::new(Arc::new(Open)).pictures_from([
        origin("https://faces.example.org"),
        origin("https://a.example.net"),
    ]);
    let answer = api(settings.clone()).get("/projects/project_7").await;
    let policy = answer.header("content-security-policy").to_owned();
    let pictures = "img-src 'self' data: https://faces.example.org https://a.example.net";
    assert!(policy.contains(pictures), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(answer.header("x-frame-options"), "DENY");

    let settings = settings.frame_ancestors([origin("https://app.example.org")]);
    let answer = api(settings).get("/projects/project_7").await;
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors https://app.example.org;"),
        "{policy}"
    );
    assert!(!answer.headers.contains_key("x-frame-options"));
}

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}
