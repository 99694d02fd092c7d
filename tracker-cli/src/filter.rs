//! The options that narrow a timeline.

use std::str::FromStr;

use clap::Args;
use thiserror::Error;
use tracker_core::timeline::Filter;

use super::moment;

/// The options that narrow a timeline.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArguments {
    /// Of this action type; several may be given
    #[arg(short = 't', long, value_name = "TYPE")]
    action_type: Vec<String>,
    /// By this user
    #[arg(short, long, value_name = "ID")]
    user: Option<String>,
    /// In this request
    #[arg(short, long, value_name = "ID")]
    request: Option<String>,
    /// With this status: success, failure, panicked, cancelled, or another program's
    #[arg(long)]
    status: Option<String>,
    /// In this environment
    #[arg(short, long, value_name = "NAME")]
    environment: Option<String>,
    /// With this reference ID, as in deployment_id:deploy_xyz789; all that are given
    #[arg(long, value_name = "NAME:VALUE")]
    reference: Vec<Reference>,
    /// From this time on: how long ago (2h), a date in UTC (2026-11-24), or a time
    /// (2026-11-24T08:00:00Z)
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub(crate) since: Option<i64>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    until: Option<i64>,
    /// With this text in the details, in upper or lower case
    #[arg(long)]
    text: Option<String>,
}

/// The name and the ID of a related record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reference {
    name: String,
    id: String,
}

/// The error for a text that is no reference.
#[derive(Debug, Error)]
#[error("no reference such as deployment_id:deploy_xyz789")]
struct InvalidReference;

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        match text.split_once(':') {
            Some((name, id)) if !name.is_empty() && !id.is_empty() => Ok(Self {
                name: name.to_owned(),
                id: id.to_owned(),
            }),
            _ => Err(InvalidReference),
        }
    }
}

impl FilterArguments {
    /// Returns these options as the API takes them.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(
            self.action_type
                .iter()
                .map(|name| ("action_type", name.clone())),
        );
        let references = self.reference.iter();
        pairs
            .extend(references.map(|Reference { name, id }| ("reference", format!("{name}:{id}"))));
        for (name, value) in [
            ("user_id", self.user.clone()),
            ("request_id", self.request.clone()),
            ("status", self.status.clone()),
            ("environment", self.environment.clone()),
            ("created_after", self.since.map(|ms| ms.to_string())),
            ("created_before", self.until.map(|ms| ms.to_string())),
            ("q", self.text.clone()),
        ] {
            pairs.extend(value.map(|value| (name, value)));
        }
        pairs
    }

    /// Returns the filter of these options, for a project.
    pub(crate) fn of_project(&self, project_id: &str) -> Filter {
        let mut filter = Filter::project(project_id);
        for name in &self.action_type {
            filter = filter.action_type(name);
        }
        if let Some(id) = &self.user {
            filter = filter.user_id(id);
        }
        if let Some(id) = &self.request {
            filter = filter.request_id(id);
        }
        if let Some(status) = &self.status {
            filter = filter.status(status);
        }
        if let Some(environment) = &self.environment {
            filter = filter.environment(environment);
        }
        for Reference { name, id } in &self.reference {
            filter = filter.reference(name, id);
        }
        if let Some(ms) = self.since {
            filter = filter.created_after(ms);
        }
        if let Some(ms) = self.until {
            filter = filter.created_before(ms);
        }
        if let Some(text) = &self.text {
            filter = filter.text(text);
        }
        filter
    }
}
