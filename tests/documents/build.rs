//! Makes a module for the code of each document, and a test for the commands of each guide page.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{Error, Result},
    path::{Path, PathBuf},
};

fn main() -> Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = workspace.canonicalize()?;
    let guide = pages_in(&workspace.join("docs/guide"))?;
    let reference = pages_in(&workspace.join("docs"))?;
    let readme = workspace.join("README.md");

    let mut code = String::new();
    for page in guide.iter().chain(&reference).chain([&readme]) {
        println!("cargo::rerun-if-changed={}", page.display());
        if has_block(page, &["rust"])? {
            let name = module_name(page.strip_prefix(&workspace).map_err(Error::other)?);
            let path = page.display().to_string();
            let _ = writeln!(code, "#[doc = include_str!({path:?})]\nmod {name} {{}}");
        }
    }
    write("code.rs", &code)?;

    let mut commands = String::new();
    for page in guide.iter().chain([&readme]) {
        if has_block(page, &["sh", "console"])? {
            let name = module_name(page.file_name().unwrap_or_default().as_ref());
            let path = page.display().to_string();
            let _ = writeln!(commands, "#[test]\nfn {name}() {{ page::run({path:?}) }}");
        }
    }
    write("commands.rs", &commands)
}

/// Returns the Markdown files of a folder, in the order of their names.
fn pages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut pages = entries.collect::<Result<Vec<_>>>()?;
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort_unstable();
    Ok(pages)
}

/// Returns true if a page has a block in one of the languages.
fn has_block(page: &Path, languages: &[&str]) -> Result<bool> {
    let text = fs::read_to_string(page)?;
    let mut fences = text.lines().filter_map(|line| line.strip_prefix("```"));
    Ok(fences.any(|fence| {
        let language = fence.split(',').next();
        language.is_some_and(|language| languages.contains(&language))
    }))
}

/// Returns a path as the name of a module: `docs/guide/nats.md` is `docs_guide_nats`.
fn module_name(path: &Path) -> String {
    let name = path.with_extension("").display().to_string();
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        .to_lowercase()
}

fn write(name: &str, text: &str) -> Result<()> {
    let folder = env::var_os("OUT_DIR").ok_or_else(|| Error::other("no OUT_DIR"))?;
    fs::write(Path::new(&folder).join(name), text)
}
