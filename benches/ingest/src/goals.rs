//! The goals of writing.

use tracker_bench_support::Goal;

pub(crate) const GOALS: [Goal; 6] = [
    Goal::at_most("bytes_per_queued", 260.0),
    Goal::at_most("memory_cpu_us", 1.5),
    Goal::at_most("process_cpu_us", 4.5),
    Goal::at_least("copy_vs_before", 1.4),
    Goal::at_most("row_bytes_vs_before", 0.65),
    Goal::at_most("p999_down_vs_up_max", 1.3),
];
