//! `tracker relay`.

use anyhow::Context as _;
use clap::Args;
use tracker_core::{StoreError, nats::Relay};

use super::{
    age::Age,
    failure::{UsageError, line, note},
    listen::ListenAddress,
    metrics_page,
    nats::Servers,
    number::{activities, counted},
    settings::Settings,
    signals,
};

const EXAMPLES: &str = "\
Examples:
  tracker relay --nats nats://relay@nats.example --store postgres://writer@db.example.org/app
  TRACKER_NATS=nats://localhost tracker relay --metrics 127.0.0.1:9464

Any number of relays share a stream. Each takes what has arrived, up to a batch, writes it, and acknowledges it once it is committed; when it is told to end (an \
interrupt or a termination signal), it finishes what it has. While the store is away it waits, and so does what is in the stream.

The streams are made by `tracker nats setup`. The user needs the permission to publish to \
$JS.API.CONSUMER.INFO.STREAM.relay, $JS.API.CONSUMER.MSG.NEXT.STREAM.relay, $JS.ACK.STREAM.relay.> and SUBJECT_dead.*, and to \
subscribe to _INBOX.>.";

/// Brings activities from a NATS stream to the store
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    servers: Servers,
    /// How many activities are written at once at most
    #[arg(long, value_name = "N", default_value_t = 4_000, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    batch: u16,
    /// How long it may finish what it has when it is told to end
    #[arg(long, value_name = "AGE", default_value = "20s")]
    end_deadline: Age,
    /// Where its figures are shown, as http://ADDRESS/metrics; nowhere unless this is given
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "TRACKER_RELAY_METRICS",
        hide_env_values = true
    )]
    metrics: Option<ListenAddress>,
}

/// Relays until a signal ends it.
pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let options = arguments.servers.options(settings)?;
    if settings.is_stream() {
        let message = "a relay brings activities out of a stream: name the Postgres that they are to be in with --store, not a stream";
        return Err(UsageError::new(message).into());
    }
    let store = settings.open_for_requests()?;
    let (from, to) = (options.describe(), store.describe());
    match store.check().await {
        Ok(()) => {}
        // The store may come back, and the stream keeps its activities until then.
        Err(
            error @ (StoreError::Unreachable { .. }
            | StoreError::Exhausted { .. }
            | StoreError::Busy { .. }
            | StoreError::Timeout { .. }),
        ) => {
            note(&format!("waiting for the store: {}", line(&error)));
        }
        Err(error) => return Err(error).with_context(|| format!("{to} is not ready")),
    }
    let end = signals::end()?;
    let page = match &arguments.metrics {
        Some(address) => Some(metrics_page::start(address).await?),
        None => None,
    };
    let relay = Relay::builder(options, store)
        .batch_rows(arguments.batch.into())
        .end_deadline(arguments.end_deadline.0)
        .build();
    note(&format!("relaying from {from} to {to}"));
    if let Some(page) = &page {
        note(&format!(
            "its figures are at http://{}/metrics",
            page.address()
        ));
    }
    let ended = async {
        end.await;
        note(&format!(
            "ending: what is under way is finished, for {} at most",
            humantime::format_duration(arguments.end_deadline.0)
        ));
    };
    relay.run(ended).await?;
    let stats = relay.stats();
    note(&format!(
        "stored {}, put {} aside, gave {} back",
        activities(stats.stored),
        counted(stats.dead_lettered, "dead letter", "dead letters"),
        counted(stats.given_back, "message", "messages"),
    ));
    Ok(())
}
