//! A test process to be ended from outside. It starts the browser that its argument names, prints
//! the path of its files, and returns from `main` once its standard input ends.

use std::env;
use std::io::{Write as _, stdin, stdout};

use anyhow::Context as _;
use tracker_tests::browser::{Browser, Kind, Viewer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let name = env::args().nth(1).context("no kind of browser")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let kind = kind.context("no such kind of browser")?;
    let browser = Browser::start_as(kind, Viewer::default()).await;
    writeln!(stdout(), "{}", browser.directory().display())?;
    std::io::copy(&mut stdin().lock(), &mut std::io::sink())?;
    Ok(())
}
