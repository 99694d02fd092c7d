//! Methods with every kind of receiver.

use std::{pin::Pin, rc::Rc, sync::Arc};

use crate::support::tick;

twins! {
    #[derive(Debug)]
    pub(super) struct Job<T> {
        pub(super) id: T,
        pub(super) steps: u8,
    }

    pub(super) const fn job() -> Job<&'static str> {
        Job { id: "job_1", steps: 1 }
    }

    impl<T: Copy + std::fmt::Display + Unpin> Job<T> {
        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {more} {output}")]
        pub(super) async fn shared(&self, more: u8) -> u8 {
            tick().await;
            self.steps + more
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {output}")]
        pub(super) async fn exclusive(&mut self, more: u8) -> &u8 {
            tick().await;
            self.steps += more;
            &self.steps
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {output}")]
        pub(super) async fn owned(self) -> T {
            tick().await;
            self.id
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps}")]
        pub(super) async fn owned_and_changed(mut self, more: u8) -> Self {
            tick().await;
            self.steps += more;
            self
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps}")]
        pub(super) async fn boxed(self: Box<Self>) -> Self {
            tick().await;
            *self
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps}")]
        pub(super) async fn boxed_and_changed(mut self: Box<Self>) -> Box<Self> {
            tick().await;
            self.steps = 9;
            self
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {output}")]
        pub(super) async fn counted(self: Arc<Self>) -> usize {
            tick().await;
            Arc::strong_count(&self)
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {output}")]
        pub(super) async fn counted_on_one_thread(self: Rc<Self>) -> usize {
            tick().await;
            Rc::strong_count(&self)
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {output}")]
        pub(super) async fn behind_a_shared_reference(self: &Arc<Self>) -> usize {
            tick().await;
            Arc::strong_count(self)
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps} {output}")]
        pub(super) async fn pinned(mut self: Pin<&mut Self>, more: u8) -> u8 {
            tick().await;
            self.steps += more;
            self.steps
        }

        #[tracked(action = "deployment", user = self.id, details = "{self.steps}")]
        pub(super) async fn pinned_in_a_box(self: Pin<Box<Self>>) -> u8 {
            tick().await;
            self.steps
        }

        #[tracked(action = "deployment", user = id, details = "{output.steps}")]
        pub(super) async fn without_receiver(id: T) -> Self {
            tick().await;
            Self { id, steps: 0 }
        }
    }
}

#[test]
fn a_reference_to_self() {
    let rows = compare!(twin => (twin::job().shared(2).await, *twin::job().exclusive(3).await));
    assert_eq!(
        rows,
        ["deployment by job_1: 1 2 3", "deployment by job_1: 1 4"]
    );
}

#[test]
fn self_by_value() {
    let rows =
        compare!(twin => (twin::job().owned().await, twin::job().owned_and_changed(1).await));
    assert_eq!(
        rows,
        ["deployment by job_1: 1 job_1", "deployment by job_1: 1"]
    );
}

#[test]
fn self_in_a_box() {
    let rows = compare!(twin => {
        let boxed = Box::new(twin::job()).boxed().await;
        Box::new(boxed).boxed_and_changed().await
    });
    assert_eq!(rows, ["deployment by job_1: 1"; 2]);
}

#[test]
fn self_behind_a_counted_pointer() {
    let rows = compare!(twin => {
        let shared = Arc::new(twin::job());
        let behind = shared.behind_a_shared_reference().await;
        (behind, shared.counted().await, Rc::new(twin::job()).counted_on_one_thread().await)
    });
    assert_eq!(rows, ["deployment by job_1: 1 1"; 3]);
}

#[test]
fn self_in_a_pin() {
    let rows = compare!(twin => {
        let mut job = twin::job();
        let steps = Pin::new(&mut job).pinned(4).await;
        (steps, Box::pin(job).pinned_in_a_box().await)
    });
    assert_eq!(rows, ["deployment by job_1: 1 5", "deployment by job_1: 5"]);
}

#[test]
fn no_self() {
    let rows = compare!(twin => twin::Job::without_receiver(7).await);
    assert_eq!(rows, ["deployment by 7: 0"]);
}
