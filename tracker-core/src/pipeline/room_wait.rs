//! Waiting for room in the queue without blocking a thread: [`RoomWait`].

use std::{pin::pin, sync::Arc};

use futures_timer::Delay;
use futures_util::future::{Either, select};

use super::{push_outcome::PushOutcome, queue::Queue, record::Record};
use crate::Activity;

/// An activity that found the queue full. It is lost, and counted so, when this is dropped before
/// there was room.
pub(crate) struct RoomWait {
    queue: Arc<Queue>,
    activity: Option<Box<Activity>>,
    is_awaited: bool,
}

impl RoomWait {
    pub(crate) fn new(queue: &Arc<Queue>, activity: Box<Activity>, is_awaited: bool) -> Self {
        Self {
            queue: Arc::clone(queue),
            activity: Some(activity),
            is_awaited,
        }
    }

    /// Waits until there is room, or the queue is closed; `None` where its limit has come before,
    /// and the activity is lost. The timer is nobody's runtime's, so any executor will do.
    pub(crate) async fn pushed(mut self) -> Option<PushOutcome> {
        let queue = Arc::clone(&self.queue);
        let mut limit = Delay::new(queue.wait_max());
        while let Some(activity) = self.activity.take() {
            let mut room = pin!(queue.room());
            // From here on it is told of room, be it made before or after the next line.
            room.as_mut().enable();
            match queue.try_push(Record::Activity(activity), self.is_awaited) {
                Ok(outcome) => return Some(outcome),
                Err(record) => self.activity = Some(record.into_activity()),
            }
            if let Either::Right(_) = select(room, &mut limit).await {
                break;
            }
        }
        None
    }
}

impl Drop for RoomWait {
    fn drop(&mut self) {
        if let Some(activity) = self.activity.take() {
            self.queue.drop_full(Record::Activity(activity));
        }
    }
}
