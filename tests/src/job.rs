//! A job that one process gives to another: [`Job`].

use serde::{Deserialize, Serialize};
use tracker_core::Context;

/// What is to be done, and for whom.
#[derive(Debug, Serialize, Deserialize)]
pub struct Job {
    /// Who has asked for it.
    pub context: Context,
    /// What is to be deployed.
    pub image: String,
}
