//! Figures as a picture: [`Plot`].

use std::{fmt::Write as _, path::PathBuf};

use crate::figures::write;

const WIDTH: f64 = 640.0;
const ROW: f64 = 26.0;

/// Horizontal bars, as SVG, in colours that can be told apart on light and dark.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The description of the picture for screen readers.
    pub label: &'static str,
    /// The width of the titles, in pixels of the 640.
    pub left: f64,
    /// The width of the texts after the bars, in pixels of the 640.
    pub right: f64,
    /// The bars, from the top.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// The text before the bar.
    pub title: String,
    /// The part of the bar that is drawn in full colour.
    pub value: f64,
    /// The length of the bar; its rest is drawn in a pale colour. It is the value or more.
    pub high: f64,
    /// The text after the bar.
    pub text: String,
}

impl Plot {
    /// Writes the picture, and returns the path of the file, which is `target/bench/NAME.svg`.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn write(&self, name: &str) -> anyhow::Result<PathBuf> {
        write(&format!("{name}.svg"), &self.svg())
    }

    fn svg(&self) -> String {
        let Self { label, left, .. } = self;
        let most = self.bars.iter().map(|bar| bar.high);
        let scale = (WIDTH - left - self.right) / most.fold(f64::MIN_POSITIVE, f64::max);
        let (mut svg, mut top) = (String::new(), 0.0);
        for bar in &self.bars {
            let [value, high] = [bar.value, bar.high].map(|value| scale * value);
            let (title, text) = (&bar.title, &bar.text);
            let (right, middle) = (left - 8.0, top + ROW * 0.65);
            let _ = write!(
                svg,
                r#"<text x="{right}" y="{middle}" text-anchor="end">{title}</text>"#
            );
            if bar.high > bar.value {
                svg.push_str(&rectangle(*left, top, high, 0.45));
            }
            svg.push_str(&rectangle(*left, top, value, 1.0));
            let after = left + high + 6.0;
            let _ = writeln!(svg, r#"<text x="{after:.1}" y="{middle}">{text}</text>"#);
            top += ROW;
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" \
             font-family=\"sans-serif\" font-size=\"12\" fill=\"#808080\" role=\"img\" \
             aria-label=\"{label}\">\n{svg}</svg>\n"
        )
    }
}

/// A rectangle of a row, with its left end at `x`.
fn rectangle(x: f64, top: f64, width: f64, opacity: f64) -> String {
    let (y, height) = (top + 4.0, ROW - 8.0);
    format!(
        r##"<rect x="{x}" y="{y}" width="{width:.1}" height="{height}" fill="#3b82c4" fill-opacity="{opacity}"/>"##
    )
}
