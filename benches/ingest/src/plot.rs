//! The rates as a picture.

use tracker_bench_support::{Bar, Figures, Plot};

use crate::cases::Case;

/// One bar for the rate of each case.
pub(crate) fn rates(figures: &Figures) -> Plot {
    let bars = Case::ALL.into_iter().map(|case| {
        let rate = figures.get(&format!("{}_rows_s", case.name()));
        Bar {
            title: case.title().replace('`', ""),
            value: rate,
            high: rate,
            text: format!("{rate:.0}"),
        }
    });
    Plot {
        label: "Activities a second",
        left: 290.0,
        right: 80.0,
        bars: bars.collect(),
    }
}
