//! `#[tracked]` and its derives, in programs that are compiled with them. Mistakes are in `ui`.

mod action_set;
mod capturing;
mod clients;
mod context;
mod disabled;
mod outcomes;
mod postgres;
mod recording;
mod required;
mod texts;
mod tower;
mod trace;
mod values;
