//! The loops that share the journal, from its opening to the end: [`Journaled`].

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    sync::{Arc, mpsc::Sender},
    time::Duration,
};

use futures_util::future::{Either, join, select};
use tokio::time::Instant;

use super::progress::Progress;
use crate::{
    Durability,
    action_id::ActionIds,
    journal::{Journal, Journals},
    pipeline::{abandon::given_up_because, direct::Direct, frontier::Frontier},
    store::Batch,
};

/// All that the way through the journal needs.
pub(crate) struct Journaled {
    pub(crate) direct: Direct,
    pub(crate) progress: Arc<Progress>,
    pub(crate) settings: Journal,
    /// Told when the journal is open, or can't be opened.
    pub(crate) opened: Sender<()>,
    pub(crate) durability: Durability,
    /// The number of activities that are delivered at once, and how long the first waits for
    /// others.
    pub(crate) batch_rows: usize,
    pub(crate) batch_age: Duration,
}

/// The state that the loops share. They run on one thread.
pub(super) struct Loops<'a> {
    pub(super) work: &'a Journaled,
    pub(super) journals: RefCell<Option<Journals>>,
    /// When the journal may be tried again.
    pub(super) retry_at: Cell<Option<Instant>>,
    /// The number of its failures since it last worked, and the time of the last one.
    pub(super) failures: Cell<u64>,
    pub(super) failed_at: Cell<Option<Instant>>,
    /// When what could not be removed may be tried again.
    pub(super) clear_at: Cell<Option<Instant>>,
    /// The activities that only the first loop has.
    pub(super) in_hand: RefCell<Batch>,
    /// True if some of them may be in the store already.
    pub(super) is_sent: Cell<bool>,
    pub(super) all_appended: Cell<bool>,
    /// The position up to which the tracker's own journal is drained.
    pub(super) drained: RefCell<Frontier>,
    /// True if what was delivered last was of a journal that another process has left.
    pub(super) was_left: Cell<bool>,
    pub(super) ids: ActionIds,
}

impl Journaled {
    /// Works until the queue is closed and all of it is in the store, or until `given_up`; then
    /// what is left is put into the journal.
    pub(in crate::pipeline) async fn run(self, given_up: impl Future<Output = ()>) {
        let loops = Loops {
            work: &self,
            journals: RefCell::new(None),
            retry_at: Cell::new(None),
            failures: Cell::new(0),
            failed_at: Cell::new(None),
            clear_at: Cell::new(None),
            in_hand: RefCell::default(),
            is_sent: Cell::new(false),
            all_appended: Cell::new(false),
            drained: RefCell::default(),
            was_left: Cell::new(false),
            ids: ActionIds::default(),
        };
        loops.open();
        // Who waits for it may have given up.
        let _ = self.opened.send(());
        let both = join(loops.append_all(), loops.drain_all());
        let (both, look_after) = (pin!(both), pin!(loops.look_after()));
        let both = select(both, look_after);
        let is_early = matches!(select(pin!(given_up), both).await, Either::Left(_));
        if is_early {
            loops.append_the_rest();
        }
        loops.close();
    }
}

/// Tells the log of what is still in hand: it is in neither the journal nor the store.
impl Drop for Loops<'_> {
    fn drop(&mut self) {
        let lost_log = self.work.direct.queue.lost_log();
        for row in self.in_hand.borrow().iter() {
            lost_log.tell(&given_up_because(), || row.to_activity());
        }
    }
}
