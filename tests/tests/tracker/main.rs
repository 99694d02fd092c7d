//! The tracker: the way of an activity from `record` to the store.

mod backpressure;
mod deferral;
mod delivery;
mod durable_outcomes;
mod lost_activities;
mod memory_store;
mod panics_and_reentrancy;
