//! A job that one process passes to another: [`Job`].

use serde::{Deserialize, Serialize};
use tracker_core::Context;

/// The job and its originator.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// The context of the originator.
    pub context: Context,
    /// The image to be deployed.
    pub image: String,
}
