//! The failures that a durable activity survives: [`Durability`].

/// The failures that an activity survives once it counts as durable.
/// [`record_durable`](crate::Tracker::record_durable) and `#[tracked(…, durable)]` wait for that.
///
/// This needs a [journal](crate::journal); without one, every activity is [`Memory`](Self::Memory).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// Only the end of its function. The activity is in the process's memory, and no caller waits.
    /// With a journal it is on the disk some milliseconds later all the same.
    Memory,
    /// The end of the process, however it ends, because the operating system has the data. A
    /// machine that loses its power may lose the activities of the last seconds, and damage the
    /// journal; everything readable in it is kept then.
    #[default]
    Process,
    /// A power loss of the machine, as far as its disk keeps what it has confirmed. Each group of
    /// activities is synced (`fsync`) before it counts.
    Power,
}
