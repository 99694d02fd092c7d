//! Listing, requeuing and deleting the dead letters of journals.

mod list;
mod requeue;

pub use self::{
    list::dead_letters,
    requeue::{RequeueError, Requeued, delete_dead_letters, requeue_dead_letters},
};
