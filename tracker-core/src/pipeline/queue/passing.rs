//! Waiting until activities have left the queue for good, in the order of the hand-over.

use super::Queue;

impl Queue {
    /// Waits until every activity accepted so far has [passed](Self::pass).
    pub(crate) async fn all_passed(&self) {
        let target = self.hand_over_all();
        self.wake.notify_one();
        self.wait_passed(target).await;
    }

    /// Waits until the `nth` activity has [passed](Self::pass).
    pub(crate) async fn wait_passed(&self, nth: u64) {
        self.passed.reached(nth).await;
    }

    /// Says that the next `rows` activities, of those that have not passed, are where they are to
    /// be: the writer needs the memory of none of them.
    #[cfg(any(test, feature = "journal"))]
    pub(crate) fn pass(&self, rows: u64) {
        self.pass_to(self.passed.count() + rows);
    }

    /// Says that all activities up to this position are where they are to be.
    pub(crate) fn pass_to(&self, position: u64) {
        self.passed.reach(position);
    }

    /// As [`pass`](Self::pass), for activities that are lost.
    #[cfg(feature = "journal")]
    pub(crate) fn pass_lost(&self, rows: u64) {
        let passed = self.passed.count();
        self.state().lost.add(passed + 1..=passed + rows);
        self.pass_to(passed + rows);
    }

    /// Returns whether the `nth` activity, which has passed, is lost.
    pub(crate) fn was_lost(&self, nth: u64) -> bool {
        self.state().lost.has(nth)
    }
}
