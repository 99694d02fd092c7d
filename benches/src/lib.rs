//! The cost of a tracked call, beside the same function under the attributes of `tracing` and
//! `fastrace`.
//!
//! [`deploy`] holds the function once under each attribute, [`discard`] the receivers of the
//! values, and [`cases`] the timing of calls. `benches/call.rs` runs the cases under criterion,
//! `call-loop` runs one of them for callgrind, and `call-report` combines the results.
//! `docs/benchmarks.md` explains the comparison and why it is fair.

pub mod cases;
pub mod deploy;
pub mod discard;
pub mod future_size;
