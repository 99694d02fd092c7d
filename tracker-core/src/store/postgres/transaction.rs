//! Runs one statement in a transaction of its own, with a time limit that the server enforces:
//! [`run`].
//!
//! A client that stops waiting leaves its statement running until the server is done, or for ever
//! behind a lock. The server therefore gets the limit too. It applies to the transaction alone, so
//! a pooler in between can't carry it into another client's session.

use std::time::Duration;

use futures_util::future::{join, join3};
use tokio_postgres::Error;

use super::session::{Session, milliseconds};

/// Returns the SQL that begins a transaction whose statement may take at most `limit`.
///
/// The transaction is READ COMMITTED, whatever the role's default is: a serializable one may be
/// aborted because of another, and a deferrable one waits for the writers.
///
/// The limit is part of the text because SET takes no parameters.
pub(super) fn begin(mode: &str, limit: Duration) -> String {
    let ms = milliseconds(limit);
    format!("BEGIN ISOLATION LEVEL READ COMMITTED {mode}; SET LOCAL statement_timeout = {ms}")
}

/// Follows the SQL of [`begin`] if the statement's rows come off an index in the order of their
/// seconds. They are sorted as they come, although a plan that expects few of them would read and
/// sort all that there are. The sort that is left looks expensive then, so the server would compile
/// the statement for longer than it runs.
pub(super) const IN_ORDER: &str = "; SET LOCAL enable_sort = off; SET LOCAL jit = off";

/// Replaces the SQL of [`begin`] if a transaction is under way that continues afterwards.
pub(super) const UNDER_WAY: &str = "";

/// Sends the SQL of [`begin`], by its first poll.
pub(super) async fn open(client: &Session, begin: &str) -> Result<(), Error> {
    if client.has_settings() {
        // In a box because it is rare, and each transaction's future would be larger by it.
        return Box::pin(open_with_role_settings(client, begin)).await;
    }
    client.batch_execute(begin).await
}

async fn open_with_role_settings(client: &Session, begin: &str) -> Result<(), Error> {
    // Joined futures are polled in their order, so the statements are sent in that order.
    let (reset, opened) = join(client.reset(), client.batch_execute(begin)).await;
    reset?;
    opened
}

/// Runs `statement` between `begin` and COMMIT, all sent at once, in one round trip.
///
/// `statement` must be sent by its first poll. If it fails, the COMMIT rolls back.
pub(super) async fn run<T>(
    client: &Session,
    begin: &str,
    statement: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    if begin == UNDER_WAY {
        return statement.await;
    }
    // Joined futures are polled in their order, so the statements are sent in that order.
    let (opened, outcome, ended) = join3(
        open(client, begin),
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
