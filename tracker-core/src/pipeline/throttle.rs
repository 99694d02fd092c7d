//! A rule for series of equal events: few of them are worth a line in the log.

/// Returns whether `added` more have made `count` twice as many as when it was said last: a
/// thousand are ten lines, however they come.
pub(crate) fn is_worth_a_line(count: u64, added: u64) -> bool {
    let before = count.saturating_sub(added).checked_ilog2();
    added > 0 && count.checked_ilog2() > before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_are_ten_lines_however_they_come() {
        for step in [1_u64, 7, 300] {
            let counts = (1..=1_000 / step).map(|at| at * step);
            let lines = counts.filter(|count| is_worth_a_line(*count, step)).count();
            assert!((1..=10).contains(&lines), "{lines} by {step}");
        }
        assert!(!is_worth_a_line(4, 0));
    }
}
