//! TLS with real Postgres servers: the outcome of each `sslmode`, compared with `psql`'s outcome
//! for the same URL.

mod binding;
mod identity;
mod impostor;
mod libpq;
mod modes;

use std::{process::Command, sync::LazyLock};

use deadpool_postgres::{Pool, PoolError};
use tempfile::TempDir;
use tracker_core::store::postgres::ConnectionOptions;
use tracker_tests::{errors::all_text, postgres::binary};

const QUESTION: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// Connects and returns whether the connection is encrypted.
async fn encrypted(options: &ConnectionOptions) -> Result<bool, PoolError> {
    let pool = Pool::builder(options.manager().unwrap())
        .max_size(1)
        .build()
        .unwrap();
    let row = pool.get().await?.query_one(QUESTION, &[]).await?;
    Ok(row.get(0))
}

/// Like [`encrypted`], with errors as text.
async fn ours(url: &str) -> Result<bool, String> {
    let options = ConnectionOptions::parse(url).unwrap();
    if let Err(error) = options.manager() {
        return Err(error.to_string());
    }
    let connected = encrypted(&options).await;
    connected.map_err(|error| all_text(&error))
}

/// Like [`ours`], with libpq, which gets an empty environment.
fn psql(url: &str) -> Result<bool, String> {
    static HOME: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());
    let output = Command::new(binary("psql"))
        .args(["--no-psqlrc", "--tuples-only", "--no-align", "--command"])
        .args([QUESTION, url])
        .env_clear()
        .env("HOME", HOME.path())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match (output.status.success(), text(&output.stdout).as_str()) {
        (true, "t") => Ok(true),
        (true, "f") => Ok(false),
        _ => Err(text(&output.stderr)),
    }
}

/// Returns the outcome of both clients for a URL: `Some(true)` with TLS, `Some(false)` without, and
/// `None` if the connection fails.
async fn both(url: &str) -> [Option<bool>; 2] {
    let told = [ours(url).await, psql(url)];
    told.map(|told| told.inspect_err(|error| eprintln!("{error}")).ok())
}
