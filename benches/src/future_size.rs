//! The sizes of the futures of tracked functions, beside plain and instrumented ones: with borrowed
//! and owned arguments, alone and under two further functions with the same attribute.
//!
//! A function's future is a part of its caller's, so an attribute's addition counts at every level.

mod instrumented;
mod plain;
mod tracked;

use std::{convert::Infallible, fmt::Display, future::ready};

/// The bytes of the futures under one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FutureSizes {
    /// A function with borrowed arguments.
    pub borrowed: usize,
    /// A function that awaits one that awaits that one.
    pub borrowed_three_levels: usize,
    /// A function with owned arguments.
    pub owned: usize,
    /// A function that awaits one that awaits that one.
    pub owned_three_levels: usize,
}

type Returned = Result<u64, Infallible>;

/// Waits, and uses its arguments afterwards.
async fn work(parts: &[&(dyn Display + Sync)]) -> Returned {
    ready(()).await;
    Ok(parts.len() as u64)
}

/// Measures the futures of a module's functions without polling them.
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

/// The functions without an attribute.
#[must_use]
pub fn plain() -> FutureSizes {
    sizes!(plain)
}

/// The functions under `#[tracked]`.
#[must_use]
pub fn tracked() -> FutureSizes {
    sizes!(tracked)
}

/// The functions under `#[tracing::instrument]`.
#[must_use]
pub fn instrumented() -> FutureSizes {
    sizes!(instrumented)
}
