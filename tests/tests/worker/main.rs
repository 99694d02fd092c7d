//! Whole programs: the examples at work, and workers on a machine that fails them.

mod disk_and_clock;
mod example;
mod quickstart;
