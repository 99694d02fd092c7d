//! `tracker nats setup`.

use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;
use tracker_core::{
    JetStreamStore,
    nats::{Limit, NatsError, StreamSettings},
};

use super::servers::Servers;
use crate::{age::Age, failure::UsageError, output::print, settings::Settings};

const EXAMPLES: &str = "\
Examples:
  tracker nats setup --nats nats://admin@nats.example
  tracker nats setup --nats nats://localhost --replicas 1 --max-bytes 1GiB
  tracker nats setup --max-bytes 50GiB --update     changes what is there
  tracker nats setup --check                        exit code 1 where anything differs, or nothing is delivered

It makes the stream of activities, the stream of dead letters, and the consumer that relays share, and can be run again: what is there \
is left as it is, or named where it differs from what is asked for; what is not named stays, but for what breaks a promise of the streams. \
What else limits the way of activities is told, and stays too. The user needs the permission to publish to $JS.API.> and to subscribe to _INBOX.>.

What a full stream means: the workers keep their activities, in their journals or queues, until relays have made room.";

/// Makes the streams, or tells how they differ
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    servers: Servers,
    /// How many servers have each activity: 3 in a cluster, 1 on a single server [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    replicas: Option<u8>,
    /// How large the stream may become on each of them, which is how long relays may be away
    /// [default: 10GiB]
    #[arg(long, value_name = "SIZE")]
    max_bytes: Option<ByteSize>,
    /// For how long the stream knows what it has taken in, to drop what is published twice; the
    /// table does so later [default: 2min]
    #[arg(long, value_name = "AGE")]
    duplicate_window: Option<Age>,
    /// How large the stream of dead letters may become [default: 1GiB]
    #[arg(long, value_name = "SIZE")]
    dead_letter_max_bytes: Option<ByteSize>,
    /// How long the activities of a relay that died are held up [default: 30s]
    #[arg(long, value_name = "AGE")]
    ack_wait: Option<Age>,
    /// How many activities all relays together may have at once [default: 40000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_ack_pending: Option<u32>,
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
    check_bounds(arguments)?;
    let wanted = wanted(arguments, store.settings().await?);
    if arguments.check {
        let differences = store.differences(&wanted).await?;
        for difference in &differences {
            print(&difference.to_string())?;
        }
        anyhow::ensure!(
            differences.is_empty(),
            "{place} is not set up as asked: run this without --check to make what is missing, and with --update to change what differs"
        );
        let limits = tell_limits(&store).await?;
        anyhow::ensure!(
            !limits.iter().any(|limit| limit.is_stop),
            "{place} is set up, and delivers nothing now"
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
    tell_limits(&store).await?;
    Ok(print(&format!("{place} is set up"))?)
}

/// Tells what an operator, or the server, has set that holds up or limits the way of activities.
async fn tell_limits(store: &JetStreamStore) -> anyhow::Result<Vec<Limit>> {
    let limits = store.stream_limits().await?;
    for limit in &limits {
        print(&limit.to_string())?;
    }
    Ok(limits)
}

/// Returns the present settings, changed by the named ones.
fn wanted(arguments: &Arguments, mut settings: StreamSettings) -> StreamSettings {
    if let Some(replicas) = arguments.replicas {
        settings = settings.replicas(replicas.into());
    }
    if let Some(size) = arguments.max_bytes {
        settings = settings.bytes_max(size.as_u64());
    }
    if let Some(window) = arguments.duplicate_window {
        settings = settings.duplicate_window(window.0);
    }
    if let Some(size) = arguments.dead_letter_max_bytes {
        settings = settings.dead_letter_bytes_max(size.as_u64());
    }
    if let Some(wait) = arguments.ack_wait {
        settings = settings.acknowledge_wait(wait.0);
    }
    if let Some(messages) = arguments.max_ack_pending {
        settings = settings.unacknowledged_max(messages);
    }
    settings
}

/// Refuses what would be set to something else.
fn check_bounds(arguments: &Arguments) -> Result<(), UsageError> {
    let is_small = |size: Option<ByteSize>| size.is_some_and(|size| size < ByteSize::mib(1));
    let is_short = |age: Option<Age>, least| age.is_some_and(|age| age.0 < least);
    let wrong = if is_small(arguments.max_bytes) {
        "--max-bytes is 1MiB or more"
    } else if is_small(arguments.dead_letter_max_bytes) {
        "--dead-letter-max-bytes is 1MiB or more"
    } else if is_short(arguments.duplicate_window, Duration::from_millis(100)) {
        "--duplicate-window is 100ms or more"
    } else if is_short(arguments.ack_wait, Duration::from_secs(1)) {
        "--ack-wait is 1s or more"
    } else {
        return Ok(());
    };
    Err(UsageError::new(wrong))
}

fn advised(error: NatsError) -> anyhow::Error {
    let advice = match &error {
        NatsError::Different { .. } => {
            "the streams are there and differ: --update changes them, or name the settings that they have"
        }
        NatsError::SingleServer { .. } => {
            "a single server has one replica: use --replicas 1, or make it a cluster first"
        }
        NatsError::Refused { source, .. } if source.description.contains("can not") => {
            "no server changes this of a stream that is there: name another one in the URL (?stream=NAME), or remove this one once relays have emptied it"
        }
        NatsError::Refused { source, .. } if source.description.contains("max ack pending") => {
            "a limit of the server, the account or the stream is lower: raise it, or use a smaller --max-ack-pending"
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
