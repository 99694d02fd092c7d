//! The phases of a relay's end: [`Phase`].

use tokio::sync::watch;

/// The progress of a relay's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Phase {
    Running,
    /// Nothing more is taken in; what is under way is finished.
    Ending,
    /// The messages under way are nakked.
    GivingUp,
}

impl Phase {
    /// Ends once the relay has come as far as this.
    pub(super) async fn reached(self, phases: &mut watch::Receiver<Self>) {
        // Whoever ends the relay outlives those who wait.
        let _ = phases.wait_for(|phase| *phase >= self).await;
    }
}
