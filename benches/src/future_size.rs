//! How large the futures of tracked functions are, beside plain and instrumented ones: for borrowed and owned arguments, alone
//! and under two further functions with the same attribute.
//!
//! A function's future is part of its caller's, so whatever an attribute adds is added at every level.

mod instrumented;
mod plain;
mod tracked;

use std::{convert::Infallible, fmt::Display, future::ready};

/// The bytes of the futures under one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FutureSizes {
    /// Of a function with borrowed arguments.
    pub borrowed: usize,
    /// Of one that awaits one that awaits that one.
    pub borrowed_three_levels: usize,
    /// Of a function with owned arguments.
    pub owned: usize,
    /// Of one that awaits one that awaits that one.
    pub owned_three_levels: usize,
}

type Returned = Result<u64, Infallible>;

/// Waits, and needs its arguments afterwards.
async fn work(parts: &[&(dyn Display + Sync)]) -> Returned {
    ready(()).await;
    Ok(parts.len() as u64)
}

/// Measures the futures of a module's functions. None is polled.
macro_rules! sizes {
    ($module:ident) => {{
        let owned = || String::new();
        FutureSizes {
            borrowed: size_of_val(&$module::borrowed("", "", "", "")),
            borrowed_three_levels: size_of_val(&$module::borrowed_three_levels("", "", "", "")),
            owned: size_of_val(&$module::owned(owned(), owned(), owned(), owned())),
            owned_three_levels: size_of_val(&$module::owned_three_levels(
                owned(),
                owned(),
                owned(),
                owned(),
            )),
        }
    }};
}

/// Without an attribute.
#[must_use]
pub fn plain() -> FutureSizes {
    sizes!(plain)
}

/// Under `#[tracked]`.
#[must_use]
pub fn tracked() -> FutureSizes {
    sizes!(tracked)
}

/// Under `#[tracing::instrument]`.
#[must_use]
pub fn instrumented() -> FutureSizes {
    sizes!(instrumented)
}
