//! Links that show a part of a project.

use std::fs;

use rustix::process::Signal;

use crate::serve::{PATH, Server, entry, migrated};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_link_is_made_without_a_server_and_opens_what_its_filters_let_through() {
    let place = migrated().await;
    let tokens = place.path().join("tokens.toml");
    fs::write(&tokens, entry("a token")).unwrap();
    let keys = place.path().join("viewer-keys");
    fs::write(&keys, format!("# of now\nmain {SECRET}\n")).unwrap();
    let (tokens, keys_file) = (tokens.to_str().unwrap(), keys.to_str().unwrap());
    let server = Server::start(&place, &["--tokens", tokens, "--viewer-keys", keys_file]);
    let link = |filters: &[&str]| {
        let arguments = [
            "viewer-link",
            "--project",
            "project_7",
            "--expires-in",
            "1h",
            "--keys",
            keys_file,
            "--url",
            "https://console.example.org/tracker/",
        ];
        let link = place.run(&[&arguments, filters].concat()).printed();
        let page = "https://console.example.org/tracker/projects/project_7#viewer=";
        link.trim().strip_prefix(page).unwrap().to_owned()
    };
    let bearer = |token: &str| format!("authorization: Bearer {token}\r\n");
    let rows = |token: &str| {
        let (status, _, body) = server.get(PATH, &bearer(token));
        assert_eq!(status, 200, "{body}");
        body.matches("\"action_id\"").count()
    };
    let all = link(&[]);
    assert_eq!(rows(&all), 1);
    assert_eq!(rows(&link(&["--action-type", "github_push"])), 0);
    assert_eq!(
        rows(&link(&["--since", "2000-01-01", "--text", "deployed"])),
        1
    );
    assert_eq!(
        server.status("/api/projects/project_8/activities", &all),
        404
    );

    fs::write(&keys, format!("next {SECRET}\n")).unwrap();
    server.signal(Signal::HUP);
    server.says("the file of viewer keys was read again");
    assert_eq!(server.status(PATH, &all), 401);
    assert_eq!(rows(&link(&[])), 1);
}

#[tokio::test]
async fn a_link_that_cannot_be_made_is_refused() {
    let place = migrated().await;
    let keys = place.path().join("viewer-keys");
    fs::write(&keys, "main short\n").unwrap();
    let file = keys.to_str().unwrap();
    let link = [
        "viewer-link",
        "-p",
        "p",
        "--expires-in",
        "1h",
        "--keys",
        file,
    ];
    let said = place.run(&link).failed(1);
    assert!(said.contains("line 1: the secret has fewer"), "{said}");
    assert!(!said.contains("short\n"), "{said}");
    fs::write(&keys, format!("main {SECRET}\n")).unwrap();
    let long = "a".repeat(4_200);
    let said = place
        .run(&[&link[..], &["--user", &long]].concat())
        .failed(2);
    assert!(said.contains("at most 4096 bytes"), "{said}");
    let expired = ["viewer-link", "-p", "p", "--expires-in", "999ms"];
    let said = place.run(&[&expired[..], &["--keys", file]].concat());
    let said = said.failed(2);
    assert!(said.contains("would show nothing"), "{said}");
}
