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
        let name = module_name(page.strip_prefix(&workspace).map_err(Error::other)?);
        let _ = writeln!(code, "#[doc = include_str!({page:?})]\nmod {name} {{}}");
    }
    write("code.rs", &code)?;

    let mut commands = String::new();
    for page in guide.iter().chain([&readme]) {
        if has_commands(&fs::read_to_string(page)?) {
            let name = module_name(page.file_name().unwrap_or_default().as_ref());
            let _ = writeln!(
                commands,
                "#[test]\nfn {name}() {{ page::run(std::path::Path::new({page:?})) }}"
            );
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

fn has_commands(page: &str) -> bool {
    page.lines()
        .any(|line| line.starts_with("```sh") || line.starts_with("```console"))
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
