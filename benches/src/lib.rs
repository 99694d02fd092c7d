//! What a tracked call costs, beside the same function under the attributes of `tracing` and `fastrace`.
//!
//! [`deploy`] holds the function once under each attribute, [`discard`] what each attribute hands its values to, and
//! [`cases`] how calls of them are timed. `benches/call.rs` runs the cases under criterion, `call-loop` runs one of them for
//! callgrind, and `call-report` puts the results together. `docs/benchmarks.md` says what is compared and why that is fair.

pub mod cases;
pub mod deploy;
pub mod discard;
pub mod future_size;
