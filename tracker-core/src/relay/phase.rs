//! How a relay ends: [`Phase`].

use tokio::sync::watch;

/// How far a relay is with ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Phase {
    Running,
    /// Nothing more is taken in; what is under way is finished.
    Ending,
    /// What is under way is given back.
    GivingUp,
}

impl Phase {
    /// Ends once the relay has come as far as this.
    pub(super) async fn reached(self, phases: &mut watch::Receiver<Self>) {
        // Whoever ends the relay outlives those who wait.
        let _ = phases.wait_for(|phase| *phase >= self).await;
    }
}
