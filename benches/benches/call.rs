//! Times a call of each case. The cases are set up one after the other, so that the first two run
//! in a process without a tracker. `scripts/bench call` runs the whole several times, so that no
//! case alone meets a noisy moment.

use std::time::Duration;

use criterion::{Criterion, SamplingMode};
use tracker_benches::cases;

fn main() {
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .sample_size(50)
        // Only the medians are read.
        .nresamples(1_000)
        .configure_from_args();
    let mut group = criterion.benchmark_group("call");
    group.sampling_mode(SamplingMode::Flat);
    for name in cases::NAMES {
        let mut case = cases::set_up(name).expect("each case is set up once");
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|calls| case.time(calls).wall);
        });
        if let Err(problem) = case.check() {
            panic!("the figures of {name} are worth nothing: {problem:#}");
        }
    }
    group.finish();
    criterion.final_summary();
}
