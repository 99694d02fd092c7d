//! Names from a file: [`NamesFile`].

use std::{
    collections::HashMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use thiserror::Error;

use super::{
    Name, Named, Names, NamesError,
    name::{is_link, is_picture},
};

/// The ID that stands for all that have no entry of their own.
const ALL: &str = "*";

/// Names from a file, the same for all readers.
///
/// The file is TOML:
///
/// ```toml
/// [projects]
/// project_7 = "Console"
///
/// [users]
/// user_42 = "Ada Lovelace"
/// user_43 = { label = "Grace Hopper", picture = "https://app.example.org/faces/43.png" }
/// "*" = { link = "https://app.example.org/users/{id}" }
///
/// [references.deployment_id]
/// "*" = { link = "https://app.example.org/deployments/{id}" }
/// ```
///
/// An entry is a label, or a table of `label`, `picture` and `link`. The entry `"*"` gives each ID
/// what its own entry does not say. In all three `{id}` stands for the ID, and `{project_id}` for
/// the project's; in addresses they are percent-encoded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamesFile {
    #[serde(default)]
    projects: HashMap<String, Entry>,
    #[serde(default)]
    users: HashMap<String, Entry>,
    #[serde(default)]
    references: HashMap<String, HashMap<String, Entry>>,
}

impl NamesFile {
    /// Reads a file of names.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, is malformed, or has an address that no page may
    /// be given. The message names the line.
    pub fn read(path: &Path) -> Result<Self, NamesFileError> {
        let error = |problem| NamesFileError {
            path: path.to_owned(),
            problem,
        };
        let text = fs::read_to_string(path).map_err(|source| error(Problem::Read(source)))?;
        Self::parse(&text).map_err(error)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            Problem::Toml {
                line: before.matches('\n').count() + 1,
                message: error.message().to_owned(),
            }
        })
    }

    fn name(&self, named: &Named) -> Option<Name> {
        let (entries, project_id, id) = match named {
            Named::Project { id } => (&self.projects, id, id),
            Named::User { project_id, id } => (&self.users, project_id, id),
            Named::Reference {
                project_id,
                name,
                id,
            } => (self.references.get(name)?, project_id, id),
        };
        let (own, all) = (entries.get(id), entries.get(ALL));
        let first = |text: fn(&Name) -> Option<&String>| {
            let mut entries = [own, all].into_iter().flatten();
            entries.find_map(|Entry(name)| text(name))
        };
        let address = |template: &String| {
            // A browser takes these for folders, and would leave them out of the path.
            let is_folder = [id, project_id]
                .iter()
                .any(|id| matches!(&***id, "." | ".."));
            let encoded = |id| utf8_percent_encode(id, NON_ALPHANUMERIC).to_string();
            (!is_folder).then(|| filled(template, &encoded(project_id), &encoded(id)))
        };
        Some(Name {
            label: first(|name| name.label.as_ref()).map(|label| filled(label, project_id, id)),
            picture: first(|name| name.picture.as_ref()).and_then(address),
            link: first(|name| name.link.as_ref()).and_then(address),
        })
    }
}

/// Returns a template with the IDs in their places. A place within an ID is no place.
fn filled(template: &str, project_id: &str, id: &str) -> String {
    let parts = template.split("{project_id}");
    let parts: Vec<_> = parts.map(|part| part.replace("{id}", id)).collect();
    parts.join(project_id)
}

impl Names for NamesFile {
    fn names<'a>(
        &'a self,
        _: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        let known = wanted
            .iter()
            .filter_map(|named| Some((named.clone(), self.name(named)?)));
        Box::pin(ready(Ok(known.collect())))
    }
}

/// The name of one ID, or what those of all begin with.
#[derive(Debug)]
struct Entry(Name);

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a label, or a table of `label`, `picture` and `link`")
    }

    fn visit_str<E: de::Error>(self, label: &str) -> Result<Entry, E> {
        Ok(Entry(Name::new(label)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Entry(Name {
            label: table.label,
            picture: table.picture.map(|Picture(address)| address),
            link: table.link.map(|Link(address)| address),
        }))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    label: Option<String>,
    picture: Option<Picture>,
    link: Option<Link>,
}

/// The address of a picture.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Picture(String);

impl TryFrom<String> for Picture {
    type Error = &'static str;

    fn try_from(address: String) -> Result<Self, Self::Error> {
        let problem =
            "a picture begins with https://, with / or with data:image/, and has no spaces";
        is_picture(&address).then_some(Self(address)).ok_or(problem)
    }
}

/// The address of a page.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Link(String);

impl TryFrom<String> for Link {
    type Error = &'static str;

    fn try_from(address: String) -> Result<Self, Self::Error> {
        let problem = "a link begins with https://, http:// or /, and has no spaces";
        is_link(&address).then_some(Self(address)).ok_or(problem)
    }
}

/// The reason why a file of names can't be used.
#[derive(Debug, Error)]
#[error("can't use the names in {}", path.display())]
pub struct NamesFileError {
    path: PathBuf,
    #[source]
    problem: Problem,
}

#[derive(Debug, Error)]
enum Problem {
    #[error("the file can't be read")]
    Read(#[source] io::Error),
    #[error("line {line}: {message}")]
    Toml { line: usize, message: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [projects]
        project_7 = "Console"

        [users]
        user_42 = "Ada Lovelace"
        "user {id}/8" = { label = "Grace", picture = "/faces/{id}.png" }
        "*" = { link = "https://app.example.org/{project_id}/users/{id}" }

        [references.deployment_id]
        "*" = { label = "Deployment {id}" }
    "#;

    fn user(id: &str) -> Named {
        Named::User {
            project_id: "project_7".into(),
            id: id.into(),
        }
    }

    #[test]
    fn an_entry_adds_to_what_all_have() {
        let file = NamesFile::parse(FILE).unwrap();
        let link = |id| format!("https://app.example.org/project%5F7/users/{id}");
        assert_eq!(
            file.name(&user("user_42")),
            Some(Name::new("Ada Lovelace").link(link("user%5F42")))
        );
        let rich = Name::new("Grace").picture("/faces/user%20%7Bid%7D%2F8.png");
        assert_eq!(
            file.name(&user("user {id}/8")),
            Some(rich.link(link("user%20%7Bid%7D%2F8")))
        );
        assert_eq!(
            file.name(&user("unheard-of")),
            Some(Name::default().link(link("unheard%2Dof")))
        );
        assert_eq!(file.name(&user("..")), Some(Name::default()));
        let project = |id: &str| Named::Project { id: id.into() };
        assert_eq!(file.name(&project("project_7")), Some(Name::new("Console")));
        let reference = |name: &str| Named::Reference {
            project_id: "project_7".into(),
            name: name.into(),
            id: "{project_id}".into(),
        };
        let label = Name::new("Deployment {project_id}");
        assert_eq!(file.name(&reference("deployment_id")), Some(label));
        assert_eq!(file.name(&reference("other_id")), None);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line) in [
            ("projects = 7", "line 1: "),
            ("\n[people]\na = 'A'", "line 2: unknown field `people`"),
            ("[users]\n\na = 7", "line 3: "),
            (
                "[users]\na = { lable = 'A' }",
                "line 2: unknown field `lable`",
            ),
            (
                "[users]\n\na = { link = 'javascript:alert(1)' }",
                "line 3: a link begins with https://",
            ),
            ("[users]\na = { link = '{id}' }", "line 2: a link begins"),
            (
                "[users]\na = { picture = 'http://a.example.org/a.png' }",
                "line 2: a picture begins with https://",
            ),
            ("[users]\na = 'A'\na = 'B'", "line 3: "),
        ] {
            let error = NamesFile::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(line), "{text}: {error}");
        }
    }
}
