//! Times as rows and answers have them: milliseconds since the Unix epoch.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time now.
pub(crate) fn now_ms() -> i64 {
    i64::try_from(unix_ms(SystemTime::now())).unwrap_or(i64::MAX)
}

/// Converts a time to milliseconds since the Unix epoch. Returns 0 for times before it.
pub(crate) fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
