//! Many streams on one server: the delay of an activity, its delivery once, and the memory of the
//! streams.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::{task::JoinSet, time::timeout};
use tracker_bench_support::{Figures, statistics::percentile_ms};
use tracker_core::{ActionType, Activity, PostgresStore, Store};

use crate::{client::Client, extent::Extent, server::Server};

/// The longest wait, far above any ordinary one.
const LIMIT: Duration = Duration::from_mins(1);

/// The number of activities that each stream receives.
const ROUNDS: usize = 5;

pub(crate) async fn measure(
    url: &str,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let server = Server::start(url).await?;
    let store = PostgresStore::new(url)?;
    let mut streams = Vec::new();
    for number in 0..extent.streams {
        let mut client = Client::connect(&server.address).await?;
        let path = format!("/api/projects/followed_{number}/activities/stream");
        client.begin(&path).await?;
        // This is the event with which a stream begins.
        client.chunk().await?;
        streams.push(client);
    }
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let activities = (0..extent.streams).map(|number| {
            let activity = Activity::new(ActionType::Deployment);
            activity
                .project_id(format!("followed_{number}"))
                .details(format!("round {round}"))
        });
        let activities: Vec<_> = activities.collect();
        let began = Instant::now();
        store.write(activities.clone().into()).await?;
        let mut told = JoinSet::new();
        for (number, (mut client, activity)) in streams.drain(..).zip(activities).enumerate() {
            told.spawn(timeout(LIMIT, async move {
                let id = activity.action_id;
                let event = loop {
                    let chunk = String::from_utf8(client.chunk().await?)?;
                    if chunk.contains("event: activity") {
                        break chunk;
                    }
                };
                // A repeated event would take the place of the next one.
                ensure!(event.contains(&id), "{event} instead of {id}");
                anyhow::Ok((number, client, began.elapsed()))
            }));
        }
        let mut back = Vec::new();
        while let Some(done) = told.join_next().await {
            let (number, client, time) = done?.context("nothing was told")??;
            back.push((number, client));
            times.push(time);
        }
        back.sort_by_key(|(number, _)| *number);
        streams = back.into_iter().map(|(_, client)| client).collect();
    }
    let (memory, _) = server.memory_mb()?;
    figures.set("streams_rss_mb", memory);
    figures.set("streams_p50_ms", percentile_ms(&mut times, 0.5));
    figures.set("streams_max_ms", percentile_ms(&mut times, 1.0));
    Ok(())
}
