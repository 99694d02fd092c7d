//! Waiting for room in the queue without blocking a thread: [`RoomWait`].

use std::{pin::pin, sync::Arc};

use futures_timer::Delay;
use futures_util::future::{Either, select};

use super::{
    pushed::Pushed,
    queue::{QUEUE_FULL, Queue},
};
use crate::Activity;

/// An activity that found the queue full. It is lost, and counted so, when this is dropped before there was room.
pub(crate) struct Unplaced {
    queue: Arc<Queue>,
    activity: Option<Box<Activity>>,
}

impl Unplaced {
    pub(crate) fn new(queue: &Arc<Queue>, activity: Box<Activity>) -> Self {
        Self {
            queue: Arc::clone(queue),
            activity: Some(activity),
        }
    }

    /// Waits until there is room, the queue is closed, or its limit has come. The timer is nobody's runtime's, so any executor will do.
    pub(crate) async fn placed(mut self) -> Pushed {
        let queue = Arc::clone(&self.queue);
        let mut limit = Delay::new(queue.wait_max());
        while let Some(activity) = self.activity.take() {
            let mut room = pin!(queue.room());
            // From here on it is told of room, be it made before or after the next line.
            room.as_mut().enable();
            match queue.push_unless_full(activity) {
                Ok(pushed) => return pushed,
                Err(activity) => self.activity = Some(activity),
            }
            if let Either::Right(_) = select(room, &mut limit).await {
                break;
            }
        }
        self.give_up()
    }

    fn give_up(&mut self) -> Pushed {
        if let Some(activity) = self.activity.take() {
            self.queue.lost_log().tell(&QUEUE_FULL, || activity);
        }
        self.queue.count_full()
    }
}

impl Drop for Unplaced {
    fn drop(&mut self) {
        if self.activity.is_some() {
            self.give_up().report();
        }
    }
}
