//! A server that knows names, from a file.

use std::fs;

use rustix::process::Signal;
use serde_json::Value;

use crate::serve::{Server, migrated};

const PATH: &str = "/api/projects/project_7/names?user=user_42&reference.deployment_id=d1";

fn told(server: &Server) -> Value {
    let (status, _, body) = server.get(PATH, "");
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn labels_are_those_of_the_file_also_when_it_has_changed() {
    let place = migrated().await;
    let file = place.path().join("labels.toml");
    fs::write(
        &file,
        "[projects]\nproject_7 = 'Console'\n[users]\nuser_42 = 'Ada'\n\
         [references.deployment_id]\n'*' = { link = 'https://app.example.org/deployments/{id}' }\n",
    )
    .unwrap();
    let labels = file.to_str().unwrap();
    let faces = ["--pictures-from", "https://faces.example.org"];
    let server = Server::start(&place, &[&["--labels", labels], &faces[..]].concat());
    let names = told(&server);
    assert_eq!(names["project"]["label"], "Console");
    assert_eq!(names["users"]["user_42"]["label"], "Ada");
    assert_eq!(
        names["references"]["deployment_id"]["d1"]["link"],
        "https://app.example.org/deployments/d1"
    );
    let (_, head, _) = server.get("/projects/project_7", "");
    assert!(head.contains("img-src 'self' data: https://faces.example.org"));

    fs::write(&file, "[users]\nuser_42 = 'Ada Lovelace'\n").unwrap();
    server.signal(Signal::HUP);
    server.says("the file of labels was read again");
    let names = told(&server);
    assert_eq!(names["users"]["user_42"]["label"], "Ada Lovelace");
    assert_eq!(names["project"], Value::Null);

    // One that can't be used changes nothing.
    fs::write(&file, "[users]\nuser_42 = 7\n").unwrap();
    server.signal(Signal::HUP);
    server.says("line 2: ");
    assert_eq!(told(&server)["users"]["user_42"]["label"], "Ada Lovelace");
}

#[tokio::test]
async fn a_file_of_labels_with_a_mistake_keeps_the_server_from_starting() {
    let place = migrated().await;
    let file = place.path().join("labels.toml");
    fs::write(&file, "[users]\n'*' = { link = 'javascript:alert(1)' }\n").unwrap();
    let labels = file.to_str().unwrap();
    let said = place.run(&["serve", "--labels", labels]).failed(1);
    assert!(said.contains("labels.toml"), "{said}");
    assert!(said.contains("line 2: a link begins with"), "{said}");
    let origin = ["serve", "--pictures-from", "faces.example.org"];
    let said = place.run(&origin).failed(2);
    assert!(said.contains("is not an origin"), "{said}");
}
