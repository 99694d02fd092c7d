//! The rates as a picture.

use std::fmt::Write as _;

use crate::{Figures, cases::Case};

const WIDTH: f64 = 640.0;
const BAR: f64 = 26.0;
const LEFT: f64 = 290.0;

/// Bars for the rates, as SVG, in colours that can be told apart on light and dark.
pub(crate) fn bars(figures: &Figures) -> String {
    let rate = |case: Case| {
        let name = format!("{}_rows_s", case.name());
        figures.get(&name).copied().unwrap_or_default()
    };
    let most = Case::ALL.into_iter().map(rate).fold(1.0, f64::max);
    let mut svg = String::new();
    let mut top = 0.0;
    for case in Case::ALL {
        let width = (WIDTH - LEFT - 80.0) * rate(case) / most;
        let middle = top + BAR * 0.65;
        let title = case.title().replace('`', "");
        let _ = writeln!(
            svg,
            r##"<text x="{}" y="{middle}" text-anchor="end">{title}</text><rect x="{LEFT}" y="{}" width="{width:.1}" height="{}" fill="#3b82c4"/><text x="{:.1}" y="{middle}">{:.0}</text>"##,
            LEFT - 8.0,
            top + 4.0,
            BAR - 8.0,
            LEFT + width + 6.0,
            rate(case),
        );
        top += BAR;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#808080\" role=\"img\" aria-label=\"Activities a second\">\n{svg}</svg>\n"
    )
}
