//! The build time of a crate of many tracked functions, beside the same crate with
//! `#[tracing::instrument]` and without an attribute.
//!
//! The crates are generated into a workspace of their own and built by `cargo build` from nothing,
//! but for their dependencies. They take turns, and the shortest time of each counts, because the
//! machine's other work only makes it longer.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tracker_bench_support::Figures;

/// The crates to be built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crates {
    /// The number of functions of each crate.
    pub(crate) functions: u32,
    /// The number of builds of each crate.
    pub(crate) rounds: u32,
}

struct Kind {
    name: &'static str,
    dependencies: &'static str,
    /// The attribute of the type that the functions return.
    derive: &'static str,
    id: &'static str,
    /// The attribute of each function.
    attribute: &'static str,
}

/// The kinds of crates. Their functions are like those of `deploy.rs`.
const KINDS: [Kind; 3] = [
    Kind {
        name: "plain",
        dependencies: "",
        derive: "",
        id: "",
        attribute: "",
    },
    Kind {
        name: "tracked",
        dependencies: r#"tracker-core = { path = "../../../../tracker-core", default-features = false, features = ["call-sites", "enable"] }"#,
        derive: "#[derive(tracker_core::ReferenceIds)]",
        id: r#"#[reference(rename = "deployment_id")]"#,
        attribute: r#"#[tracker_core::tracked(action = "deployment", details = "deployed {image} to {output.url}")]"#,
    },
    Kind {
        name: "instrument",
        dependencies: r#"tracing = { version = "0.1", default-features = false, features = ["attributes", "std"] }"#,
        derive: "",
        id: "",
        attribute: r#"#[tracing::instrument(skip(image, url), fields(details = %format_args!("deployed {image} to {url}")))]"#,
    },
];

/// Generates the crates in `folder` and measures their builds.
pub(crate) fn measure(folder: &Path, crates: Crates, figures: &mut Figures) -> anyhow::Result<()> {
    generate(folder, crates.functions)?;
    // This builds the dependencies.
    build(folder, &["--workspace"])?;
    let mut shortest = [Duration::MAX; KINDS.len()];
    for _ in 0..crates.rounds {
        for (kind, shortest) in KINDS.iter().zip(&mut shortest) {
            forget(folder, kind)?;
            let started = Instant::now();
            build(folder, &["--package", kind.name])?;
            *shortest = started.elapsed().min(*shortest);
        }
    }
    ensure_tracked(folder, crates.functions)?;
    figures.set("build_functions", crates.functions.into());
    for (kind, shortest) in KINDS.iter().zip(shortest) {
        figures.set(format!("build_{}_s", kind.name), shortest.as_secs_f64());
    }
    let ratio = figures.get("build_tracked_s") / figures.get("build_instrument_s");
    figures.set("build_vs_instrument", ratio);
    Ok(())
}

/// Writes a workspace with a crate of each kind.
fn generate(folder: &Path, functions: u32) -> anyhow::Result<()> {
    let members = KINDS.map(|kind| format!("{:?}", kind.name)).join(", ");
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("Cargo.toml"),
        format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"),
    )?;
    // The versions are those of this workspace; cargo removes what is not needed.
    fs::copy("Cargo.lock", folder.join("Cargo.lock"))
        .context("there is no Cargo.lock here: run this in the workspace's root")?;
    for kind in &KINDS {
        fs::create_dir_all(folder.join(kind.name).join("src"))?;
        fs::write(folder.join(kind.name).join("Cargo.toml"), manifest(kind))?;
        fs::write(source_file(folder, kind), source(kind, functions)?)?;
    }
    Ok(())
}

fn source_file(folder: &Path, kind: &Kind) -> PathBuf {
    folder.join(kind.name).join("src/lib.rs")
}

fn manifest(kind: &Kind) -> String {
    format!(
        "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{}\n",
        kind.name, kind.dependencies
    )
}

fn source(kind: &Kind, functions: u32) -> anyhow::Result<String> {
    let Kind {
        derive,
        id,
        attribute,
        ..
    } = kind;
    let mut source = format!(
        "pub struct Refused;\n\n{derive}\npub struct Deployment<'a> {{\n    {id}\n    pub id: &'a str,\n    pub url: &'a str,\n}}\n\n\
         async fn push(path: &str, by: &str, request: &str) -> Result<(), Refused> {{\n    \
         std::future::ready(()).await;\n    \
         if path.is_empty() || by == request {{ Err(Refused) }} else {{ Ok(()) }}\n}}\n"
    );
    for number in 0..functions {
        write!(
            source,
            "
{attribute}
pub async fn deploy_{number}<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Refused> {{
    let name = image.split(':').next().unwrap_or(image);
    let path = format!(\"{{project_id}}/{{name}}/{number}\");
    push(&path, user_id, request_id).await?;
    Ok(Deployment {{ id: deployment_id, url }})
}}
"
        )?;
    }
    Ok(source)
}

/// Makes the next build of the crate start from nothing.
fn forget(folder: &Path, kind: &Kind) -> anyhow::Result<()> {
    let incremental = folder.join("target/debug/incremental");
    if incremental.exists() {
        fs::remove_dir_all(incremental)?;
    }
    // Cargo compares times of modification.
    let file = source_file(folder, kind);
    let source = fs::read(&file)?;
    fs::write(file, source)?;
    Ok(())
}

fn build(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new("cargo")
        .args(["build", "--quiet", "--lib"])
        .args(arguments)
        .arg("--manifest-path")
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.join("target"))
        // The variable that cargo sets for this program does not apply to another workspace.
        .env_remove("CARGO_MANIFEST_DIR")
        .output()
        .context("can't start cargo")?;
    ensure!(
        output.status.success(),
        "the generated crates do not build: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Returns an error if the attribute left the functions unchanged, as it does while recording is
/// switched off.
fn ensure_tracked(folder: &Path, functions: u32) -> anyhow::Result<()> {
    let size = |name: &str| {
        let file = folder.join(format!("target/debug/lib{name}.rlib"));
        fs::metadata(&file)
            .with_context(|| format!("cargo left no {}", file.display()))
            .map(|metadata| metadata.len())
    };
    let (plain, tracked) = (size("plain")?, size("tracked")?);
    ensure!(
        tracked > plain + 500 * u64::from(functions),
        "the tracked functions are as small as plain ones ({tracked} and {plain} bytes): is recording switched off?"
    );
    Ok(())
}
