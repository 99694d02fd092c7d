//! What an activity survives: [`Durability`].

/// What an activity survives once it counts as durable, which is what
/// [`record_durable`](crate::Tracker::record_durable) and `#[tracked(…, durable)]` wait for.
///
/// It needs a [journal](crate::journal); without one all is [`Memory`](Self::Memory).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Nothing but the end of its function: it is in the process's memory, and nobody waits. With a journal it is
    /// on the disk some milliseconds later all the same.
    Memory,
    /// The process, however it ends, since it is in the operating system's hands. A machine that loses its power may lose what was
    /// recorded in the last seconds before, and damage the journal, of which then all that can be read is kept.
    #[default]
    Process,
    /// The machine, as far as its disk keeps what it has confirmed: each group of activities is synced (`fsync`) before it counts.
    Power,
}
