//! One statement in a transaction of its own, which the server itself ends at the time limit: [`run`].
//!
//! A client that stops waiting leaves its statement running: until the server is done, or for ever behind a lock. So
//! the server is told the limit too, in the transaction alone, where a pooler between the two can't carry it to somebody
//! else's session.

use std::time::Duration;

use futures_util::future::join3;
use tokio_postgres::{Client, Error};

/// What begins a transaction whose statement may take at most `limit`.
///
/// It is READ COMMITTED whatever is the default of the role: in a serializable one a statement may be given up for another's, and one that is
/// deferrable waits for the writers.
///
/// The limit is written into the text, as SET takes no parameters; it is a number of milliseconds, 1 to the server's
/// greatest, as 0 is none.
pub(super) fn begin(mode: &str, limit: Duration) -> String {
    let ms = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).max(1);
    format!("BEGIN ISOLATION LEVEL READ COMMITTED {mode}; SET LOCAL statement_timeout = {ms}")
}

/// In place of what begins a transaction, where one is under way that goes on afterwards.
pub(super) const UNDER_WAY: &str = "";

/// Runs `statement` between `begin` and COMMIT, all sent at once: one round trip.
///
/// `statement` must be sent by its first poll. Where it fails, the COMMIT rolls back.
pub(super) async fn run<T>(
    client: &Client,
    begin: &str,
    statement: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    if begin == UNDER_WAY {
        return statement.await;
    }
    // Joined futures are polled in their order, and what is polled first is sent first.
    let (opened, outcome, ended) = join3(
        client.batch_execute(begin),
        statement,
        client.batch_execute("COMMIT"),
    )
    .await;
    opened?;
    let outcome = outcome?;
    ended?;
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_at_least_a_millisecond_and_at_most_the_servers_greatest() {
        let end = |limit| {
            begin("READ ONLY", limit)
                .rsplit(' ')
                .next()
                .unwrap()
                .to_owned()
        };
        assert_eq!(end(Duration::ZERO), "1");
        assert_eq!(end(Duration::from_secs(10)), "10000");
        assert_eq!(end(Duration::MAX), "2147483647");
    }
}
