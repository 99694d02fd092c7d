//! A map, which says what an activity is made of, row by row of another log: [`Map`].
//!
//! The file is TOML. Its keys are the columns of an activity, and each value is a template of the
//! columns of the other log. `docs/guide/moving` has three of them.

mod action_id;
mod columns;
mod error;
mod place;
mod reference;
mod template;
mod time;
mod value;

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;
use tracker_core::limits::DETAILS_CHARS_MAX;

use self::{
    action_id::ActionId, columns::Columns, reference::References, template::Template, time::Time,
    value::Value,
};
pub(super) use self::{error::RowError, place::Row};
use crate::toml_file;

/// A map that is in use.
pub(super) struct Map {
    declared: Declared,
    columns: Columns,
}

/// The contents of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    /// The character between two fields of CSV.
    #[serde(default)]
    separator: Separator,
    action_id: ActionId,
    created_at: Time,
    project_id: Value,
    action_type: Value,
    user_id: Option<Value>,
    request_id: Option<Value>,
    action_details: Option<Value>,
    #[serde(default = "success")]
    status: Value,
    environment: Option<Value>,
    #[serde(default)]
    reference_ids: References,
}

/// An ASCII character.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Separator(u8);

impl Default for Separator {
    fn default() -> Self {
        Self(b',')
    }
}

impl TryFrom<String> for Separator {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(byte) => Ok(Self(*byte)),
            _ => Err("the separator is one character, such as \",\", \";\" or \"\\t\""),
        }
    }
}

fn success() -> Value {
    Value::constant("success")
}

impl Map {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("can't read the map {}", path.display()))?;
        let declared: Declared = toml_file::parse(path, &text)?;
        let columns = Columns::new(declared.templates().flat_map(Template::columns));
        Ok(Self { declared, columns })
    }

    /// Returns the character between two fields of CSV.
    pub(super) fn separator(&self) -> u8 {
        self.declared.separator.0
    }

    /// Returns a column that the map names and that is not among these.
    pub(super) fn lacking<'a>(&'a self, header: &[String]) -> Option<&'a str> {
        self.columns
            .named()
            .find(|name| !header.iter().any(|column| column == name))
    }

    /// Returns what became of the columns of the rows so far, if there is something to tell.
    pub(super) fn notes(&self) -> Vec<String> {
        self.columns.notes()
    }

    /// Returns the JSON of the activity that a row makes.
    pub(super) fn activity(&mut self, row: &Row<'_>) -> Result<String, RowError> {
        self.columns.see(row);
        let declared = &self.declared;
        let created_at = declared.created_at.get(row)?;
        let action_id = declared.action_id.get(row, created_at)?;
        let optional = |target, value: &Option<Value>| match value {
            Some(value) => value.id(target, row),
            None => Ok(None),
        };
        let required = |target, value: &Value| {
            let missing = || RowError::missing(target, value.column());
            value.id(target, row)?.ok_or_else(missing)
        };
        let details = match &declared.action_details {
            Some(value) => value.get("action_details", row)?.map(cut),
            None => None,
        };
        let activity = json!({
            "action_id": action_id.to_string(),
            "project_id": required("project_id", &declared.project_id)?,
            "user_id": optional("user_id", &declared.user_id)?,
            "request_id": optional("request_id", &declared.request_id)?,
            "action_type": required("action_type", &declared.action_type)?,
            "action_details": details,
            "status": declared.status.id("status", row)?,
            "environment": optional("environment", &declared.environment)?,
            "reference_ids": declared.reference_ids.get(row)?,
            "created_at": created_at,
        });
        Ok(activity.to_string())
    }
}

impl Declared {
    fn templates(&self) -> impl Iterator<Item = &Template> {
        let optional = [
            &self.user_id,
            &self.request_id,
            &self.action_details,
            &self.environment,
        ];
        let values = [&self.project_id, &self.action_type, &self.status];
        values
            .into_iter()
            .chain(optional.into_iter().flatten())
            .flat_map(Value::templates)
            .chain(self.reference_ids.templates())
            .chain([self.action_id.template(), self.created_at.template()])
    }
}

/// Returns details, cut where those of a recorded activity are.
fn cut(text: String) -> String {
    if text.chars().nth(DETAILS_CHARS_MAX).is_none() {
        return text;
    }
    let kept = text.chars().take(DETAILS_CHARS_MAX - 1);
    kept.chain(['…']).collect()
}
