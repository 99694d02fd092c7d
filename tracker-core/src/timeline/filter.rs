//! The selection of activities, of a project or of all: [`Filter`].

use std::fmt;

use crate::Activity;

/// Selects activities of a project, or of all. An activity matches if it meets every condition that
/// is set.
///
/// Action types, IDs, statuses and environments are compared exactly, with case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Filter {
    /// `None` for all projects, and for activities without one.
    project_id: Option<String>,
    action_types: Vec<String>,
    user_id: Option<String>,
    request_id: Option<String>,
    status: Option<String>,
    environment: Option<String>,
    references: Vec<(String, String)>,
    created_after: Option<i64>,
    created_before: Option<i64>,
    text: Option<String>,
    /// True if nothing matches.
    is_impossible: bool,
}

impl Filter {
    /// Selects all activities of a project.
    pub fn project(project_id: impl fmt::Display) -> Self {
        Self::of(Some(project_id.to_string()))
    }

    /// Selects all activities of all projects, and those without a project.
    ///
    /// It is for operators: no index of Postgres has them in the order of time, so it reads as much
    /// of the table as a page needs, from the newest times back. SQLite has such an index.
    pub fn all_projects() -> Self {
        Self::of(None)
    }

    fn of(project_id: Option<String>) -> Self {
        Self {
            project_id,
            action_types: Vec::new(),
            user_id: None,
            request_id: None,
            status: None,
            environment: None,
            references: Vec::new(),
            created_after: None,
            created_before: None,
            text: None,
            is_impossible: false,
        }
    }

    /// Requires this action type, or any other that is set as well.
    pub fn action_type(mut self, name: impl fmt::Display) -> Self {
        self.action_types.push(name.to_string());
        self
    }

    /// Requires this user.
    pub fn user_id(mut self, id: impl fmt::Display) -> Self {
        self.user_id = Some(id.to_string());
        self
    }

    /// Requires this request.
    pub fn request_id(mut self, id: impl fmt::Display) -> Self {
        self.request_id = Some(id.to_string());
        self
    }

    /// Requires this status.
    pub fn status(mut self, status: impl fmt::Display) -> Self {
        self.status = Some(status.to_string());
        self
    }

    /// Requires this environment.
    pub fn environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string());
        self
    }

    /// Requires this reference ID, and every other that is set as well. A reference that is not a
    /// string, which only other programs write, never matches.
    pub fn reference(mut self, name: impl fmt::Display, id: impl fmt::Display) -> Self {
        self.references.push((name.to_string(), id.to_string()));
        self
    }

    /// Requires this time or a later one, in milliseconds since the Unix epoch. Rows without a time
    /// do not match.
    pub fn created_after(mut self, ms: i64) -> Self {
        self.created_after = Some(ms);
        self
    }

    /// Requires a time before this one, in milliseconds since the Unix epoch. Rows without a time
    /// do not match.
    pub fn created_before(mut self, ms: i64) -> Self {
        self.created_before = Some(ms);
        self
    }

    /// Requires this text somewhere in the details. The case of the letters A to Z is ignored.
    pub fn text(mut self, text: impl fmt::Display) -> Self {
        self.text = Some(text.to_string());
        self
    }

    /// Requires what another filter requires as well.
    ///
    /// Returns `None` if both require a text and neither text contains the other, since a filter
    /// has one text.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Option<Self> {
        self.is_impossible |= other.is_impossible;
        if self.action_types.is_empty() {
            self.action_types.clone_from(&other.action_types);
        } else if !other.action_types.is_empty() {
            self.action_types
                .retain(|name| other.action_types.contains(name));
            self.is_impossible |= self.action_types.is_empty();
        }
        for (own, other) in [
            (&mut self.project_id, &other.project_id),
            (&mut self.user_id, &other.user_id),
            (&mut self.request_id, &other.request_id),
            (&mut self.status, &other.status),
            (&mut self.environment, &other.environment),
        ] {
            match (&own, other) {
                (Some(one), Some(two)) => self.is_impossible |= one != two,
                (None, Some(_)) => own.clone_from(other),
                (_, None) => {}
            }
        }
        self.references.extend_from_slice(&other.references);
        self.created_after = self.created_after.max(other.created_after);
        let befores = [self.created_before, other.created_before];
        self.created_before = befores.into_iter().flatten().min();
        self.text = match (self.text, &other.text) {
            (Some(one), Some(two)) => Some(longer(one, two)?),
            (one, two) => one.or_else(|| two.clone()),
        };
        Some(self)
    }

    /// Returns the ID of the project, or `None` for all projects.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// Returns whether the activity matches, for a store whose database can't filter.
    #[must_use]
    pub fn matches(&self, activity: &Activity) -> bool {
        let equals = |wanted: &Option<String>, value: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == value
        };
        let status = activity.status.as_ref().map(crate::Status::as_str);
        let action_type = activity.action_type.as_deref();
        !self.is_impossible
            && equals(&self.project_id, activity.project_id.as_deref())
            && (self.action_types.is_empty()
                || self
                    .action_types
                    .iter()
                    .any(|name| Some(&**name) == action_type))
            && equals(&self.user_id, activity.user_id.as_deref())
            && equals(&self.request_id, activity.request_id.as_deref())
            && equals(&self.status, status)
            && equals(&self.environment, activity.environment.as_deref())
            && self
                .references
                .iter()
                .all(|(name, id)| activity.reference_ids.get(name) == Some(&**id))
            && self
                .created_after
                .is_none_or(|after| activity.created_at.is_some_and(|at| at >= after))
            && self
                .created_before
                .is_none_or(|before| activity.created_at.is_some_and(|at| at < before))
            && self.text.as_ref().is_none_or(|text| {
                let text = text.to_ascii_lowercase();
                let details = activity.action_details.as_ref();
                details.is_some_and(|details| details.to_ascii_lowercase().contains(&text))
            })
    }

    /// Returns the conditions as a statement takes them.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn parts(&self) -> Parts<'_> {
        let mut references = serde_json::Map::new();
        let mut is_impossible = self.is_impossible;
        for (name, id) in &self.references {
            let id = serde_json::Value::from(id.as_str());
            let before = references.insert(name.clone(), id.clone());
            is_impossible |= before.is_some_and(|before| before != id);
        }
        Parts {
            project_id: self.project_id.as_deref(),
            action_types: &self.action_types,
            user_id: self.user_id.as_deref(),
            request_id: self.request_id.as_deref(),
            status: self.status.as_deref(),
            environment: self.environment.as_deref(),
            references: serde_json::Value::Object(references),
            created_after: self.created_after,
            created_before: self.created_before,
            text: self.text.as_deref(),
            is_impossible,
        }
    }
}

/// Returns the text that contains the other, if one does. The case of the letters A to Z is
/// ignored.
fn longer(one: String, two: &str) -> Option<String> {
    let (lower_one, lower_two) = (one.to_ascii_lowercase(), two.to_ascii_lowercase());
    if lower_one.contains(&lower_two) {
        Some(one)
    } else {
        lower_two.contains(&lower_one).then(|| two.to_owned())
    }
}

/// The conditions of a filter as a statement takes them.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) struct Parts<'a> {
    /// `None` for all projects.
    pub(crate) project_id: Option<&'a str>,
    pub(crate) action_types: &'a [String],
    pub(crate) user_id: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
    pub(crate) environment: Option<&'a str>,
    /// An object of the references that a row must have.
    pub(crate) references: serde_json::Value,
    pub(crate) created_after: Option<i64>,
    pub(crate) created_before: Option<i64>,
    pub(crate) text: Option<&'a str>,
    /// True if no row can match, for instance because one name is required to have two IDs.
    pub(crate) is_impossible: bool,
}

#[cfg(feature = "postgres")]
impl Parts<'_> {
    /// Returns whether a text contains NUL, which no row in Postgres can have.
    pub(crate) fn has_nul(&self) -> bool {
        let optional = [
            self.project_id,
            self.user_id,
            self.request_id,
            self.status,
            self.environment,
            self.text,
        ];
        let references = self.references.as_object().into_iter().flatten();
        let references = references.flat_map(|(name, id)| [Some(&**name), id.as_str()]);
        optional
            .into_iter()
            .chain(references)
            .flatten()
            .chain(self.action_types.iter().map(String::as_str))
            .any(|text| text.contains('\0'))
    }
}
