//! A process that migrates the SQLite file that it is given once its standard input ends, and
//! prints the name of each migration that it applied.

use std::{env, io, path::PathBuf};

use anyhow::Context as _;
use tracker_core::{SqliteStore, Store};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let path = env::args_os().nth(1).map(PathBuf::from);
    let path = path.context("usage: sqlite_migrator FILE")?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    let store = SqliteStore::open(path)?;
    for name in store.migrate().await? {
        println!("{name}");
    }
    Ok(())
}
