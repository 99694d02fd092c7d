//! The README's example, which is the code of `examples/quickstart.rs`, works.

use std::{fs, process::Command};

use serde_json::{Value, json};
use tracker_tests::examples::{build_example, workspace};

/// Returns the README's first block of Rust.
fn example_of_the_readme() -> String {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, behind) = readme.split_once("```rust,no_run\n").unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_readmes_example_is_the_quickstart() {
    let file = workspace().join("tracker-core/examples/quickstart.rs");
    let quickstart = fs::read_to_string(file).unwrap();
    let code = quickstart.split_once("\n\n").unwrap().1;
    assert_eq!(example_of_the_readme(), code);
}

#[test]
fn the_readmes_example_records_and_prints_its_activity() {
    let directory = tempfile::tempdir().unwrap();
    let program = build_example("quickstart", workspace(), None);
    let output = Command::new(program)
        .current_dir(&directory)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut activity: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fields = activity.as_object_mut().unwrap();
    assert!(fields.remove("action_id").unwrap().is_string());
    assert!(fields.remove("created_at").unwrap().is_number());
    assert_eq!(
        activity,
        json!({
            "project_id": "project_7",
            "user_id": "user_1",
            "request_id": "req_9f2",
            "action_type": "deployment",
            "action_details": "deployed api:4 to https://project_7.example.org",
            "status": "success",
            "environment": "production",
            "reference_ids": { "deployment_id": "deploy_xyz789" },
        })
    );
}
