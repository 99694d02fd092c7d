//! The position up to which a sequence is done, while single ones wait and later ones are done:
//! [`Frontier`].

use std::collections::BTreeSet;

/// Positions are counted from 1 on.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Up to which all are done, but for those that wait.
    done: u64,
    waiting: BTreeSet<u64>,
}

impl Progress {
    /// The position of the next one that is not done.
    #[cfg(any(test, feature = "journal"))]
    pub(super) fn next(&self) -> u64 {
        self.done + 1
    }

    /// The next ones are done, but for those that [wait](Self::wait).
    pub(super) fn advance(&mut self, count: u64) {
        self.done += count;
    }

    /// The one at this position waits.
    pub(super) fn wait(&mut self, position: u64) {
        self.waiting.insert(position);
    }

    /// It waits no longer.
    pub(super) fn settle(&mut self, position: u64) {
        self.waiting.remove(&position);
    }

    /// Up to which position all are done.
    pub(super) fn reached(&self) -> u64 {
        match self.waiting.first() {
            Some(first) => self.done.min(first.saturating_sub(1)),
            None => self.done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_done_up_to_the_first_that_waits() {
        let mut progress = Progress::default();
        progress.wait(2);
        progress.wait(5);
        assert_eq!((progress.reached(), progress.next()), (0, 1));
        progress.advance(4);
        assert_eq!((progress.reached(), progress.next()), (1, 5));
        progress.settle(2);
        assert_eq!(progress.reached(), 4);
        progress.advance(6);
        assert_eq!(progress.reached(), 4);
        progress.settle(5);
        assert_eq!(progress.reached(), 10);
    }
}
