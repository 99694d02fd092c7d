//! Medians, percentiles and spreads of what was measured.

use std::time::Duration;

/// The spread of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The least value.
    pub least: f64,
    /// The middle value, or the mean of the two middle ones.
    pub median: f64,
    /// The greatest value.
    pub greatest: f64,
}

impl Spread {
    /// Returns the spread of some values, all of which are NaN if there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<_> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&least), Some(&greatest)) = (sorted.first(), sorted.last()) else {
            return Self {
                least: f64::NAN,
                median: f64::NAN,
                greatest: f64::NAN,
            };
        };
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Self {
            least,
            median,
            greatest,
        }
    }
}

/// Returns the median of some values, which is NaN if there are none.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    Spread::of(values).median
}

/// Returns the time that a fraction of the times does not exceed, or `None` if there are none. It
/// sorts the times.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an index into a list of at most some hundred thousand"
)]
pub fn percentile(times: &mut [Duration], fraction: f64) -> Option<Duration> {
    times.sort_unstable();
    let index = (times.len() as f64 * fraction) as usize;
    times.get(index).or(times.last()).copied()
}

/// Returns a percentile in milliseconds, which is NaN if there are no times.
pub fn percentile_ms(times: &mut [Duration], fraction: f64) -> f64 {
    percentile(times, fraction).map_or(f64::NAN, ms)
}

/// Returns a time in milliseconds.
#[must_use]
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_number_of_values_has_the_mean_of_its_middle_as_median() {
        let spread = Spread::of([4.0, 1.0, 3.0, 2.0]);
        assert_eq!(
            spread,
            Spread {
                least: 1.0,
                median: 2.5,
                greatest: 4.0
            }
        );
    }

    #[test]
    fn the_last_percentile_is_the_longest_time() {
        let mut times = [3, 1, 2].map(Duration::from_millis);
        assert_eq!(percentile(&mut times, 1.0), Some(Duration::from_millis(3)));
        assert_eq!(percentile(&mut times, 0.5), Some(Duration::from_millis(2)));
        assert_eq!(percentile(&mut [], 0.5), None);
    }
}
