//! The goals of a call.

use tracker_bench_support::Goal;

/// Whatever is to stay as it was has some room for noise, if it is a time.
pub(crate) const GOALS: [Goal; 11] = [
    Goal::at_most("vs_before", 0.33),
    Goal::at_most("vs_tracing", 0.12),
    Goal::at_most("vs_fastrace", 0.06),
    Goal::at_most("tracked_instructions", 450.0),
    Goal::at_most("tracked_instructions_all_threads", 2_700.0),
    Goal::at_most("two_threads_vs_one", 1.15),
    Goal::at_most("always_vs_before", 0.5),
    Goal::at_most("durable_vs_before", 0.5),
    Goal::at_most("not_installed_vs_before", 1.05),
    Goal::at_most("future_bytes_tracked", 312.0),
    Goal::at_most("build_vs_instrument", 0.67),
];
