//! Running code of others where a panic must not get through: [`caught`] and [`quietly`].

use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Logs, or does something else that is not worth a panic. A subscriber can panic, as one that
/// writes to a pipe whose reader is gone.
pub(crate) fn quietly(log: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(log)) {
        // Dropping it could panic again.
        mem::forget(panic);
    }
}

/// The message of a panic. Its payload is not dropped: that could panic again.
pub(crate) fn panic_message(panic: Box<dyn Any + Send>) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("no message").to_owned();
    mem::forget(panic);
    message
}
