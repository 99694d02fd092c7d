//! What the store refused: where it is in a journal, and what becomes of it.

mod list;
mod requeue;

pub use self::{
    list::dead_letters,
    requeue::{RequeueError, Requeued, delete_dead_letters, requeue_dead_letters},
};
