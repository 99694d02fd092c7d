//! `publish URL REPLICAS ROWS` sets up a stream with so many replicas on NATS servers, publishes
//! activities by a tracker, and prints their number in a second. `scale publish` runs it, and that
//! of another build.

use std::{
    env,
    io::{Write as _, stdout},
    time::Instant,
};

use anyhow::bail;
use tracker_bench_publish::record;
use tracker_core::{JetStreamStore, Tracker, nats::StreamSettings};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [url, replicas, rows] = &*arguments else {
        bail!("usage: publish URL REPLICAS ROWS");
    };
    let rows: u32 = rows.parse()?;
    let settings = StreamSettings::default().replicas(replicas.parse()?);
    let settings = settings.bytes_max(3 << 30).dead_letter_bytes_max(1 << 20);
    let store = JetStreamStore::new(url)?;
    store.set_up(&settings).await?;
    let tracker = Tracker::builder().store(store).build()?;
    let began = Instant::now();
    record(&tracker, usize::try_from(rows)?).await?;
    let rate = f64::from(rows) / began.elapsed().as_secs_f64();
    writeln!(stdout(), "{rate}")?;
    Ok(())
}
