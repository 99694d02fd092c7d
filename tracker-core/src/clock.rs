//! Times as a row has them: milliseconds since the Unix epoch.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time now.
pub(crate) fn now_ms() -> i64 {
    unix_ms(SystemTime::now())
}

/// Converts a time to milliseconds since the Unix epoch. Returns 0 for times before it.
pub(crate) fn unix_ms(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| {
            let seconds = i64::try_from(since.as_secs()).ok()?;
            seconds
                .checked_mul(1_000)?
                .checked_add(since.subsec_millis().into())
        })
        .unwrap_or(0)
}
