//! The activities that have passed and are lost, for those who wait for one of them: [`Lost`].

use std::{collections::VecDeque, ops::RangeInclusive};

/// The number of runs of lost activities that are known. Who waits looks as soon as its activity
/// has passed, so that the last ones do.
const RUNS_MAX: usize = 1_024;

/// Runs of positions in the queue, ascending, of which the last [`RUNS_MAX`] are kept.
#[derive(Debug, Default)]
pub(super) struct Lost(VecDeque<RangeInclusive<u64>>);

impl Lost {
    /// Adds a run that begins behind all others.
    pub(super) fn add(&mut self, run: RangeInclusive<u64>) {
        match self.0.back_mut() {
            _ if run.is_empty() => {}
            Some(last) if *last.end() + 1 == *run.start() => *last = *last.start()..=*run.end(),
            _ => {
                if self.0.len() == RUNS_MAX {
                    self.0.pop_front();
                }
                self.0.push_back(run);
            }
        }
    }

    pub(super) fn has(&self, nth: u64) -> bool {
        let after = self.0.partition_point(|run| *run.start() <= nth);
        let run = after.checked_sub(1).and_then(|at| self.0.get(at));
        run.is_some_and(|run| run.contains(&nth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_run_is_lost_and_nothing_else() {
        let mut lost = Lost::default();
        #[expect(clippy::reversed_empty_ranges, reason = "no activity is a run of none")]
        lost.add(5..=4);
        assert!(!lost.has(4) && !lost.has(5));
        lost.add(3..=4);
        lost.add(5..=5);
        lost.add(9..=20);
        let found: Vec<_> = (0..30).filter(|nth| lost.has(*nth)).collect();
        let expected: Vec<_> = (3..=5).chain(9..=20).collect();
        assert_eq!(found, expected);
        assert_eq!(lost.0.len(), 2);
    }

    #[test]
    fn no_more_than_the_last_runs_are_kept() {
        let mut lost = Lost::default();
        let runs = RUNS_MAX as u64 + 1;
        (1..=runs).for_each(|run| lost.add(2 * run..=2 * run));
        assert_eq!(lost.0.len(), RUNS_MAX);
        assert!(!lost.has(2) && lost.has(4) && lost.has(2 * runs));
    }
}
