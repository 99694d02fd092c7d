//! `tracker nats setup`.

use bytesize::ByteSize;
use clap::Args;
use tracker_core::{
    JetStreamStore,
    nats::{NatsError, StreamSettings},
};

use super::Servers;
use crate::cli::{age::Age, failure::UsageError, output::print, settings::Settings};

const EXAMPLES: &str = "\
Examples:
  tracker nats setup --nats nats://admin@nats.example
  tracker nats setup --nats nats://localhost --replicas 1 --max-bytes 1GiB
  tracker nats setup --max-bytes 50GiB --update     changes what is there
  tracker nats setup --check                        exit code 1 where anything differs

It makes the stream of activities, the stream of dead letters, and the consumer that relays share, and can be run again: what is there \
is left as it is, or named where it differs. The user needs the permission to publish to $JS.API.> and to subscribe to _INBOX.>.

What a full stream means: the workers keep their activities, in their journals or queues, until relays have made room.";

/// Makes the streams, or tells how they differ
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    servers: Servers,
    /// How many servers have each activity: 3 in a cluster, 1 on a single server
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    replicas: u8,
    /// How large the stream may become on each of them, which is how long relays may be away
    #[arg(long, value_name = "SIZE", default_value = "10GiB")]
    max_bytes: ByteSize,
    /// For how long the stream knows what it has taken in, to drop what is published twice; the table does so later
    #[arg(long, value_name = "AGE", default_value = "2min")]
    duplicate_window: Age,
    /// How large the stream of dead letters may become
    #[arg(long, value_name = "SIZE", default_value = "1GiB")]
    dead_letter_max_bytes: ByteSize,
    /// How long the activities of a relay that died are held up
    #[arg(long, value_name = "AGE", default_value = "30s")]
    ack_wait: Age,
    /// How many activities all relays together may have at once
    #[arg(long, value_name = "N", default_value_t = 40_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_ack_pending: u32,
    /// Changes nothing, and tells what differs
    #[arg(long)]
    check: bool,
    /// Changes what differs
    #[arg(long, conflicts_with = "check")]
    update: bool,
}

pub(crate) async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<()> {
    let url = arguments.servers.url(settings)?;
    let place = arguments.servers.options(settings)?.describe();
    let store = JetStreamStore::new(&url).map_err(UsageError::from)?;
    let wanted = wanted(arguments);
    if arguments.check {
        let differences = store.differences(&wanted).await?;
        for difference in &differences {
            print(&difference.to_string())?;
        }
        anyhow::ensure!(
            differences.is_empty(),
            "{place} is not set up so: run the command without --check, or with --update where something is there"
        );
        return Ok(print(&format!("{place} is set up"))?);
    }
    let done = if arguments.update {
        store.update(&wanted).await
    } else {
        store.set_up(&wanted).await
    };
    for what in &done.map_err(advised)? {
        print(what)?;
    }
    Ok(print(&format!("{place} is set up"))?)
}

fn wanted(arguments: &Arguments) -> StreamSettings {
    StreamSettings::default()
        .replicas(arguments.replicas.into())
        .bytes_max(arguments.max_bytes.as_u64())
        .duplicate_window(arguments.duplicate_window.0)
        .dead_letter_bytes_max(arguments.dead_letter_max_bytes.as_u64())
        .acknowledge_wait(arguments.ack_wait.0)
        .unacknowledged_max(arguments.max_ack_pending)
}

fn advised(error: NatsError) -> anyhow::Error {
    let advice = match &error {
        NatsError::Different { .. } => {
            "the streams are there and differ: --update changes them, or name the settings that they have"
        }
        NatsError::Refused { source, .. } if source.description.contains("replicas") => {
            "there are not as many servers as replicas: start them, or use --replicas 1"
        }
        NatsError::Refused { source, .. }
            if source.description.contains("resource")
                || source.description.contains("storage") =>
        {
            "the servers have not as much room: raise their limits (max_file_store), or use a smaller --max-bytes"
        }
        _ => "the streams could not be set up",
    };
    anyhow::Error::new(error).context(advice)
}
