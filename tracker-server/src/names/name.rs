//! A name for people, [`Name`], and what can have one, [`Named`].

use serde::Serialize;
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

/// The longest label, in characters. A longer one is cut.
const LABEL_CHARS_MAX: usize = 200;

/// The longest link, in bytes, as in the oldest browsers. A longer one is left out.
const LINK_BYTES_MAX: usize = 2_048;

/// The longest picture, in bytes: an address, or a small picture as a `data:` URL. A longer one is
/// left out.
const PICTURE_BYTES_MAX: usize = 16 << 10;

/// Something that rows have an ID of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Named {
    /// A project.
    Project {
        /// Its ID.
        id: String,
    },
    /// A user who did something in a project.
    User {
        /// The ID of the project.
        project_id: String,
        /// The user's ID.
        id: String,
    },
    /// A record that a row of a project refers to.
    Reference {
        /// The ID of the project.
        project_id: String,
        /// The name of the reference, as in `deployment_id`.
        name: String,
        /// The record's ID.
        id: String,
    },
}

impl Named {
    /// Returns the memory that its texts take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Project { id } => id.len(),
            Self::User { project_id, id } => project_id.len() + id.len(),
            Self::Reference {
                project_id,
                name,
                id,
            } => project_id.len() + name.len() + id.len(),
        }
    }
}

/// The name of something, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[must_use]
pub struct Name {
    /// The name that people call it by.
    #[cfg_attr(feature = "openapi", schema(required, example = "Ada Lovelace"))]
    pub(crate) label: Option<String>,
    /// The address of a small picture.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) picture: Option<String>,
    /// The address of a page about it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub(crate) link: Option<String>,
}

impl Name {
    /// Creates the name of something that people call `label`. Longer ones than 200 characters are
    /// cut.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..Self::default()
        }
    }

    /// Sets the address of a small picture, which is shown as a square of 20 pixels.
    ///
    /// It begins with `https://`, with `/` for one of this site, or with `data:image/`, and has at
    /// most 16 KiB. Anything else is left out. A browser loads a picture of another site only if
    /// the [settings](crate::Settings::pictures_from) name that site.
    pub fn picture(mut self, address: impl Into<String>) -> Self {
        self.picture = Some(address.into());
        self
    }

    /// Sets the address of a page about it.
    ///
    /// It begins with `https://`, `http://`, or with `/` for a page of this site, and has at most
    /// 2,048 bytes. Anything else is left out.
    pub fn link(mut self, address: impl Into<String>) -> Self {
        self.link = Some(address.into());
        self
    }

    /// Returns the name without what a browser must not be given. `None` if nothing is left.
    pub(super) fn safe(self) -> Option<Self> {
        let label = self.label.map(|label| cut(label.trim()).to_owned());
        let safe = Self {
            label: label.filter(|label| !label.is_empty()),
            picture: self.picture.filter(|address| is_picture(address)),
            link: self.link.filter(|address| is_link(address)),
        };
        (safe != Self::default()).then_some(safe)
    }

    /// Returns the memory that its texts take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.label, &self.picture, &self.link];
        texts.into_iter().flatten().map(String::len).sum()
    }
}

fn cut(label: &str) -> &str {
    let end = label.char_indices().nth(LABEL_CHARS_MAX);
    end.and_then(|(end, _)| label.get(..end)).unwrap_or(label)
}

pub(super) fn is_link(address: &str) -> bool {
    let is_known = starts_with(address, "https://") || starts_with(address, "http://");
    address.len() <= LINK_BYTES_MAX && is_plain(address) && (is_known || is_of_site(address))
}

pub(super) fn is_picture(address: &str) -> bool {
    let is_known = starts_with(address, "https://") || starts_with(address, "data:image/");
    address.len() <= PICTURE_BYTES_MAX && is_plain(address) && (is_known || is_of_site(address))
}

fn starts_with(address: &str, scheme: &str) -> bool {
    let head = address.get(..scheme.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(scheme))
}

/// Returns true for a path of this site. Two slashes begin the address of another one.
fn is_of_site(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//")
}

/// Returns true if a browser reads the address as it is written: it passes over control characters
/// and takes a backslash for a slash.
fn is_plain(address: &str) -> bool {
    !address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_do_no_harm_are_links_and_pictures() {
        for (address, link, picture) in [
            ("https://app.example.org/users/7", true, true),
            ("HTTPS://app.example.org", true, true),
            ("http://app.example.org/users/7", true, false),
            ("/users/7?tab=1#top", true, true),
            ("data:image/png;base64,AAAA", false, true),
            ("data:text/html,<script>", false, false),
            ("javascript:alert(1)", false, false),
            ("java\nscript:alert(1)", false, false),
            (" javascript:alert(1)", false, false),
            ("/\t/evil.example.org", false, false),
            ("//evil.example.org", false, false),
            ("/\\evil.example.org", false, false),
            ("https:evil.example.org", false, false),
            ("users/7", false, false),
            ("ftp://files.example.org", false, false),
            ("https://app.example.org/a b", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_link(address), link, "{address:?}");
            assert_eq!(is_picture(address), picture, "{address:?}");
        }
        let long = format!("https://app.example.org/{}", "a".repeat(LINK_BYTES_MAX));
        assert!(!is_link(&long) && is_picture(&long));
        assert!(!is_picture(&long.repeat(8)));
    }

    #[test]
    fn a_name_keeps_what_is_good_in_it() {
        let name = Name::new(" Ada ").link("javascript:1").picture("/a.png");
        let safe = name.safe().unwrap();
        assert_eq!(safe, Name::new("Ada").picture("/a.png"));
        assert_eq!(Name::new("  ").link("javascript:1").safe(), None);
        let long = Name::new("é".repeat(1_000)).safe().unwrap();
        assert_eq!(long.label.unwrap().chars().count(), LABEL_CHARS_MAX);
    }
}
