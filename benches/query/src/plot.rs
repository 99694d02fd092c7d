//! The times as a picture.

use std::fmt::Write as _;

use crate::Figures;

const WIDTH: f64 = 640.0;
const BAR: f64 = 26.0;
const LEFT: f64 = 230.0;

/// What is asked, by the names of the figures and for people.
pub(crate) const QUESTIONS: [(&str, &str); 5] = [
    ("first", "the first page"),
    ("deep", "the page at row 100,000"),
    ("rare_action", "a rare action type"),
    ("reference", "a reference ID"),
    ("small", "the first page of a small project"),
];

/// Bars for the median and the 99th percentile, as SVG, in colours that can be told apart on light and dark.
pub(crate) fn bars(figures: &Figures) -> String {
    let figure = |name: &str, percentile: &str| {
        let name = format!("{name}_{percentile}_ms");
        figures.get(&name).copied().unwrap_or_default()
    };
    let most = QUESTIONS.iter().map(|(name, _)| figure(name, "p99"));
    let most = most.fold(0.1, f64::max);
    let mut svg = String::new();
    let mut top = 0.0;
    for (name, title) in QUESTIONS {
        let middle = top + BAR * 0.65;
        let [p50, p99] = ["p50", "p99"].map(|percentile| figure(name, percentile));
        let [median, high] = [p50, p99].map(|ms| (WIDTH - LEFT - 110.0) * ms / most);
        let _ = writeln!(
            svg,
            r##"<text x="{}" y="{middle}" text-anchor="end">{title}</text><rect x="{LEFT}" y="{}" width="{high:.1}" height="{height}" fill="#3b82c4" fill-opacity="0.45"/><rect x="{LEFT}" y="{}" width="{median:.1}" height="{height}" fill="#3b82c4"/><text x="{:.1}" y="{middle}">{p50:.1} / {p99:.1} ms</text>"##,
            LEFT - 8.0,
            top + 4.0,
            top + 4.0,
            LEFT + high + 6.0,
            height = BAR - 8.0,
        );
        top += BAR;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#808080\" role=\"img\" aria-label=\"Milliseconds, median and 99th percentile\">\n{svg}</svg>\n"
    )
}
