//! Every shape of function that `#[tracked]` accepts. Recording is the attribute's only effect.
//!
//! Each function is written once and compiled twice. The macro `twins!` puts it into a module
//! `tracked` with the real attribute, and into a module `plain` with one that only removes itself.
//! `compare!` calls both in the same way and demands the same observations: the returned value, the
//! number of polls, the order of drops, the payload of a panic. It returns the rows that the
//! tracked twin recorded.
//!
//! The two packages beside this folder compile these files in editions 2021 and 2024, with clippy's
//! pedantic and nursery lints and with every warning denied.

#![forbid(unsafe_code)]

extern crate tracker_core as renamed;

#[macro_use]
mod support;
#[macro_use]
mod auto_traits;

mod async_trait_methods;
mod attributes;
mod attributes_of_tests;
mod bodies;
mod drops;
mod drops_of_values_on_the_way;
mod futures;
mod futures_made_elsewhere;
mod futures_of_one_expression;
mod generics;
mod lifetimes;
mod lints;
mod lints_of_whole_functions;
mod macros;
mod macros_with_block_fragments;
mod names;
mod names_of_items;
mod no_implicit_prelude;
mod panics;
mod parameters;
mod parameters_set_to_locals;
mod polls;
mod raw_placeholders;
mod receivers;
mod reexports;
mod send;
mod sizes;
mod synchronous;
mod synchronous_drops;
mod track_caller;
mod traits;
