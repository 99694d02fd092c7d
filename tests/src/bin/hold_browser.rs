//! A test process to be ended from outside. It starts a browser, prints the path of its files, and
//! returns from `main` once its standard input ends.

use std::io::{Write as _, stdin, stdout};

use tracker_tests::browser::Browser;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let browser = Browser::start().await;
    writeln!(stdout(), "{}", browser.directory().display())?;
    std::io::copy(&mut stdin().lock(), &mut std::io::sink())?;
    Ok(())
}
