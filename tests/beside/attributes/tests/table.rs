//! The effect of `#[tracked]` above and below the attributes of other crates, as a table in the
//! documentation.
//!
//! Each file in `cases/tests` tests one attribute on one side, and prints a description of the
//! recorded activities. `UPDATE_EXPECT=1` rewrites the table. `BESIDE=short` builds and compares
//! only the six attributes that most projects use.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const SHORT: [&str; 6] = [
    "async_recursion",
    "async_trait",
    "debug_handler",
    "instrument",
    "rstest",
    "tokio_test",
];

/// The cells of a row: the other attribute above and below `#[tracked]`.
type Cells = [Option<String>; 2];

#[test]
fn each_attribute_has_the_documented_effect() {
    let is_short = env::var("BESIDE").is_ok_and(|value| value == "short");
    let executables = build(is_short);
    let mut table = BTreeMap::<String, Cells>::new();
    for (name, label) in labels() {
        if is_short && !is_of_short(&name) {
            continue;
        }
        let (side, attribute) = side_of(&label);
        let cell = match executables.get(&name) {
            Some(executable) => recorded(executable),
            None => "does not compile".to_owned(),
        };
        let cells = table.entry(attribute.to_owned()).or_default();
        assert_eq!(cells[side].replace(cell), None, "{name} is there twice");
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tracker-core/src/beside.md");
    if env::var("UPDATE_EXPECT").is_ok_and(|value| value == "1") {
        assert!(!is_short, "a table is written as a whole");
        fs::write(&file, written(&table)).expect("the table can be written");
    }
    let documented = fs::read_to_string(&file).expect("the documented table");
    if is_short {
        for row in table.iter().map(row) {
            assert!(documented.contains(&row), "not documented: {row}");
        }
    } else {
        assert_eq!(written(&table), documented, "UPDATE_EXPECT=1 updates it");
    }
}

fn is_of_short(name: &str) -> bool {
    SHORT.iter().any(|short| {
        [format!("{short}_above"), format!("{short}_below")].contains(&name.to_owned())
    })
}

/// Builds the cases and returns the executables of those that compile, by name.
fn build(is_short: bool) -> HashMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--locked", "--package=cases", "--keep-going"])
        .arg("--message-format=json");
    if is_short {
        cargo.arg("--no-default-features");
        for name in SHORT {
            cargo.arg(format!("--test={name}_above"));
            if name != "async_trait" {
                cargo.arg(format!("--test={name}_below"));
            }
        }
    } else {
        cargo.arg("--tests");
    }
    let output = cargo.output().expect("cargo runs");
    let messages = String::from_utf8(output.stdout).expect("messages in UTF-8");
    let messages = messages
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a message"));
    let executables: HashMap<_, _> = messages
        .filter(|message| message["target"]["kind"][0] == "test")
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, message["executable"].as_str()?.into()))
        })
        .collect();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!executables.is_empty(), "nothing was built: {errors}");
    executables
}

/// Returns the first line of each case, by name.
fn labels() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/tests");
    let files = fs::read_dir(folder).expect("the cases");
    let label = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a case");
        let first = text.lines().next().unwrap_or_default();
        let label = first
            .strip_prefix("//! ")
            .expect("a first line that says what it is");
        let name = path.file_stem().expect("a name").to_string_lossy();
        (name.into_owned(), label.to_owned())
    };
    files
        .map(|file| label(file.expect("a case").path()))
        .collect()
}

fn side_of(label: &str) -> (usize, &str) {
    match (
        label.strip_suffix(", above."),
        label.strip_suffix(", below."),
    ) {
        (Some(attribute), _) => (0, attribute),
        (None, Some(attribute)) => (1, attribute),
        (None, None) => panic!("on neither side: {label}"),
    }
}

/// Returns the description that a case prints.
fn recorded(executable: &Path) -> String {
    let output = Command::new(executable)
        .args(["--exact", "report", "--nocapture"])
        // A case with a database gets one of its own, in memory.
        .env("DATABASE_URL", "sqlite::memory:")
        .output()
        .expect("a case runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("recorded: "));
    assert!(
        output.status.success() && line.is_some(),
        "{} failed: {text}{}",
        executable.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    line.unwrap_or_default().to_owned()
}

fn written(table: &BTreeMap<String, Cells>) -> String {
    let rows: String = table.iter().map(row).collect();
    format!("| attribute | above `#[tracked]` | below `#[tracked]` |\n| --- | --- | --- |\n{rows}")
}

fn row((attribute, [above, below]): (&String, &Cells)) -> String {
    let cell = |cell: &Option<String>| cell.clone().unwrap_or_default();
    format!("| {attribute} | {} | {} |\n", cell(above), cell(below))
}
