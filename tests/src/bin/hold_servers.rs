//! A test process to be ended from outside: makes both kinds of server, prints where their data is, one path a line,
//! and returns from `main` once its standard input ends.

use std::io::{Write as _, stdin, stdout};

use tracker_tests::postgres::{ExclusiveServer, ServerOptions, TestDatabase};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let database = TestDatabase::create().await;
    let server = ExclusiveServer::new(&ServerOptions::default());
    for client in [database.connect().await, server.connect().await] {
        let row = client.query_one("SHOW data_directory", &[]).await?;
        writeln!(stdout(), "{}", row.get::<_, String>(0))?;
    }
    std::io::copy(&mut stdin().lock(), &mut std::io::sink())?;
    Ok(())
}
