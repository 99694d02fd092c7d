//! Without the feature `enable`, `#[tracked]` leaves nothing behind.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tracker_tests::{attributes::without_attributes, examples::workspace};

/// Copies the fixture into `directory` as a crate that can be built there, and passes its code
/// through `code`.
fn fixture(directory: &Path, code: impl FnOnce(&str) -> String) {
    let original = workspace().join("tests/disabled");
    let dependency = workspace().join("tracker-core");
    let manifest = fs::read_to_string(original.join("Cargo.toml")).unwrap();
    let manifest = manifest.replace("../../tracker-core", dependency.to_str().unwrap());
    fs::create_dir_all(directory.join("src")).unwrap();
    fs::write(directory.join("Cargo.toml"), manifest).unwrap();
    // The copied lock file pins the versions of the workspace.
    fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
    let lib = fs::read_to_string(original.join("src/lib.rs")).unwrap();
    fs::write(directory.join("src/lib.rs"), code(&lib)).unwrap();
}

fn rustc(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--release", "--lib"])
        .arg("--target-dir")
        .arg(workspace().join("target/disabled"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

/// Returns the crate's assembly.
fn assembly(directory: &Path) -> String {
    let file = directory.join("disabled.s");
    let emit = format!("--emit=asm={}", file.display());
    let output = rustc(directory, &["--", &emit]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::read_to_string(file).unwrap()
}

#[test]
fn the_assembly_is_that_of_the_function_without_the_attribute() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fixture(directory, str::to_owned);
    let tracked = assembly(directory);
    let mut removed = 0;
    fixture(directory, |code| {
        let (code, count) = without_attributes(code, true);
        removed += count;
        code
    });
    assert_eq!(removed, 3);
    let plain = assembly(directory);
    // Each function is in the assembly, so equality is meaningful.
    for name in ["deploy", "deploy_later", "boxed", "sizes"] {
        assert!(plain.contains(name), "{name}");
    }
    assert!(
        tracked == plain,
        "the assembly differs: compare that of tests/disabled with and without its attributes"
    );
}

#[test]
fn mistakes_in_the_attribute_are_still_errors() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    fixture(directory, |code| {
        code.replace("\"deployment\"", "\"deploymnet\"")
    });
    let output = rustc(directory, &[]);
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("did you mean `deployment`?"), "{message}");
}
