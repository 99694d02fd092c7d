//! A test process to be ended from outside. It makes each kind of server, prints one on each line,
//! and returns from `main` once its standard input ends. The line of a Postgres has the data
//! directory, that of others the process and the directory.

use std::io::{Write as _, stdin, stdout};

use tracker_tests::nats::NatsCluster;
use tracker_tests::pgbouncer::PgBouncer;
use tracker_tests::postgres::{ExclusiveServer, ServerOptions, TestDatabase};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let database = TestDatabase::create().await;
    let server = ExclusiveServer::new(&ServerOptions::default());
    for client in [database.connect().await, server.connect().await] {
        let row = client.query_one("SHOW data_directory", &[]).await?;
        writeln!(stdout(), "{}", row.get::<_, String>(0))?;
    }
    let mut nats = NatsCluster::single();
    let mut node = nats.node(0);
    let process = node.id().expect("it runs");
    writeln!(stdout(), "{process} {}", node.directory().display())?;
    let bouncer = PgBouncer::before(&server.url(), 2);
    let process = bouncer.id().expect("it runs");
    writeln!(stdout(), "{process} {}", bouncer.directory().display())?;
    std::io::copy(&mut stdin().lock(), &mut std::io::sink())?;
    Ok(())
}
