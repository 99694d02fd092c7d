//! The goals of reading.

use tracker_bench_support::Goal;

pub(crate) const GOALS: [Goal; 15] = [
    Goal::at_most("first_vs_before", 1.2),
    Goal::at_most("deep_vs_before", 1.2),
    Goal::at_most("rare_action_vs_before", 1.2),
    Goal::at_most("reference_vs_before", 1.2),
    Goal::at_least("load_first_vs_before", 2.0),
    Goal::at_most("load_first_p99_vs_p50", 3.0),
    Goal::at_most("load_first_errors", 0.0),
    Goal::at_most("total_vs_before", 0.03),
    Goal::at_most("histogram_vs_before", 0.03),
    Goal::at_most("load_total_errors", 0.0),
    Goal::at_most("load_histogram_errors", 0.0),
    Goal::at_most("load_total_p99_vs_first", 50.0),
    Goal::at_most("load_histogram_p99_vs_first", 50.0),
    Goal::at_most("total_large_vs_small", 1.5),
    Goal::at_most("histogram_large_vs_small", 1.5),
];
