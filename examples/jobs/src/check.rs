//! The work: checking that a service can be reached.

use std::{io, time::Duration};

use tokio::{net::TcpStream, time::timeout};
use tracker_core::{ActionSet, tracked};

const LIMIT: Duration = Duration::from_secs(5);

/// The worker's own action types.
#[derive(ActionSet)]
pub(crate) enum Operations {
    ServiceChecked,
}

/// Connects to a service, and disconnects.
///
/// Each attempt is an activity, a failed one too. User and request come from the job's context.
#[tracked(
    action = Operations::ServiceChecked,
    project = "shop",
    record = "always",
    details = "{address} can be reached, attempt {attempt}",
    error_details = "{address} can't be reached, attempt {attempt}: {error}"
)]
pub(crate) async fn check(address: &str, attempt: i32) -> io::Result<()> {
    timeout(LIMIT, TcpStream::connect(address)).await??;
    Ok(())
}
