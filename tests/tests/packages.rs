//! The packages for the registry: each describes itself and has its files and no others, the links
//! of each README lead to packaged files or to the web, and each library's documentation lists its
//! features.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use serde_json::Value;
use tracker_tests::examples::workspace;

/// A published crate.
struct Package {
    name: String,
    directory: PathBuf,
    features: BTreeSet<String>,
    library: Option<PathBuf>,
    metadata: Value,
}

fn cargo(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(workspace()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn published() -> Vec<Package> {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1", "--locked"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let packages = packages.filter(|package| package["publish"].is_null());
    packages.map(Package::read).collect()
}

impl Package {
    fn read(package: &Value) -> Self {
        let path = |value: &Value| PathBuf::from(value.as_str().unwrap());
        let mut targets = package["targets"].as_array().unwrap().iter();
        let library = targets.find(|target| {
            let kinds = target["kind"].as_array().unwrap();
            kinds
                .iter()
                .any(|kind| kind == "lib" || kind == "proc-macro")
        });
        let features = package["features"].as_object().unwrap().keys();
        Self {
            name: package["name"].as_str().unwrap().to_owned(),
            directory: path(&package["manifest_path"]).parent().unwrap().to_owned(),
            features: features
                .filter(|name| *name != "default")
                .cloned()
                .collect(),
            library: library.map(|target| path(&target["src_path"])),
            metadata: package.clone(),
        }
    }

    /// Returns the packaged files, by their paths in the package.
    fn files(&self) -> BTreeSet<String> {
        let list = [
            "package",
            "--list",
            "--allow-dirty",
            "--locked",
            "--package",
            &self.name,
        ];
        cargo(&list).lines().map(str::to_owned).collect()
    }

    /// Returns the names in the list of features of the library's documentation.
    fn documented_features(&self) -> BTreeSet<String> {
        let Some(library) = &self.library else {
            return BTreeSet::new();
        };
        let source = fs::read_to_string(library).unwrap();
        let lines = source.lines().skip_while(|line| *line != "//! # Features");
        let points = lines.filter_map(|line| line.strip_prefix("//! - `"));
        points
            .map(|point| point.split_once('`').unwrap().0.to_owned())
            .collect()
    }
}

/// Returns the targets of a Markdown text's links.
fn links(markdown: &str) -> impl Iterator<Item = &str> {
    let behind = markdown.split("](").skip(1);
    behind.filter_map(|rest| Some(rest.split_once(')')?.0))
}

#[test]
fn the_four_crates_are_published() {
    let names: BTreeSet<_> = published()
        .into_iter()
        .map(|package| package.name)
        .collect();
    let expected = [
        "tracker-cli",
        "tracker-core",
        "tracker-core-macros",
        "tracker-server",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
}

/// The bounds are those of crates.io.
#[test]
fn each_package_tells_a_registry_what_it_is() {
    for Package { name, metadata, .. } in published() {
        for field in [
            "description",
            "documentation",
            "license",
            "readme",
            "rust_version",
        ] {
            let text = metadata[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} has no {field}");
        }
        for (field, most) in [("keywords", 5), ("categories", 5)] {
            let count = metadata[field].as_array().unwrap().len();
            assert!((1..=most).contains(&count), "{name}: {count} {field}");
        }
    }
}

#[test]
fn each_package_has_what_it_is_built_from_and_nothing_else() {
    let always = [
        ".cargo_vcs_info.json",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "src",
    ];
    for package in published() {
        let own: &[&str] = match package.name.as_str() {
            "tracker-core" => &["examples", "migrations", "tests"],
            "tracker-server" => &["assets", "openapi-3.0.json", "openapi.json"],
            _ => &[],
        };
        let expected: BTreeSet<_> = always.iter().chain(own).copied().collect();
        let files = package.files();
        let top = files.iter().map(|file| file.split('/').next().unwrap());
        assert_eq!(top.collect::<BTreeSet<_>>(), expected, "{}", package.name);
    }
}

/// With the drivers, but for sqlx and SeaORM, which need a newer Rust.
#[test]
fn each_dependency_builds_with_the_rust_that_the_packages_name() {
    let metadata = cargo(&[
        "metadata",
        "--locked",
        "--format-version=1",
        "--features=tracker-core/diesel-async",
    ]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let named = published()[0].metadata["rust_version"].clone();
    let named = rust(named.as_str().unwrap());
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.iter().any(|package| package["name"] == "diesel"));
    for package in packages {
        let needed = package["rust_version"].as_str().map(rust);
        let (name, version) = (&package["name"], &package["version"]);
        assert!(
            needed <= Some(named),
            "{name} {version} needs Rust {needed:?}"
        );
    }
}

/// Returns the numbers of a version of Rust, such as 1.92.
fn rust(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or(0))
}

/// Texts only, each of a size that a person reads: no picture, no database, no archive.
#[test]
fn each_packaged_file_is_a_text_of_less_than_a_hundred_thousand_bytes() {
    for package in published() {
        for file in package.files() {
            // Cargo makes some files while it packages.
            let Ok(content) = fs::read(package.directory.join(&file)) else {
                continue;
            };
            let place = format!("{}: {file}", package.name);
            assert!(content.len() < 100_000, "{place}: {} bytes", content.len());
            assert!(str::from_utf8(&content).is_ok(), "{place} is no text");
        }
    }
}

#[test]
fn each_link_of_a_packaged_readme_leads_to_a_file_of_the_package_or_to_the_web() {
    for package in published() {
        let files = package.files();
        assert!(files.contains("README.md"), "{}: {files:?}", package.name);
        let readme = fs::read_to_string(package.directory.join("README.md")).unwrap();
        for link in links(&readme) {
            let path = link.split_once('#').map_or(link, |(path, _)| path);
            let leads = link.starts_with("https://") || path.is_empty() || files.contains(path);
            assert!(leads, "{}: {link} is not in the package", package.name);
        }
    }
}

#[test]
fn each_package_has_its_licences() {
    for package in published() {
        let files = package.files();
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(files.contains(licence), "{}: {licence}", package.name);
        }
    }
}

#[test]
fn the_documentation_of_each_library_names_all_of_its_features_and_no_others() {
    for package in published() {
        let documented = package.documented_features();
        assert_eq!(package.features, documented, "{}", package.name);
    }
}
