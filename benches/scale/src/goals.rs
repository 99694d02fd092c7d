//! The goals of a large installation.

use tracker_bench_support::Goal;

pub(crate) const GOALS: [Goal; 1] = [Goal::at_least("three_replicas_batches_vs_before", 1.3)];
