//! The subjects of activities: one for each project, or a fixed number for all.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters to encode: all but letters, digits, dash and underscore. Dots separate the tokens
/// of a subject. A token can't contain spaces, and `*` and `>` are wildcards.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The token of activities without a project. No ID is encoded to it.
const NO_PROJECT: &str = "%null";

/// The number of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subjects {
    /// One subject for each project.
    PerProject,
    /// A fixed number of subjects over which projects are spread. A project always has the same
    /// one.
    Spread(u16),
}

impl Subjects {
    /// Returns the subjects that suit a server of this version.
    ///
    /// A server before 2.10 searches for the next message of a subject each time it removes one.
    /// With a thousand subjects, the search takes over 100 µs and makes relays six times slower.
    /// Even eight subjects have a measurable cost (docs/benchmarks.md). Servers from 2.10 on have
    /// an index.
    pub(super) fn for_server(version: &str) -> Self {
        let mut parts = version.split('.').map(str::parse::<u32>);
        match (parts.next(), parts.next()) {
            (Some(Ok(2)), Some(Ok(minor))) if minor < 10 => Self::Spread(1),
            _ => Self::PerProject,
        }
    }

    pub(super) fn of(self, prefix: &str, project_id: Option<&str>) -> String {
        match self {
            Self::PerProject => of_project(prefix, project_id),
            Self::Spread(subjects) => {
                let hash = fnv_1a(project_id.unwrap_or_default());
                format!("{prefix}.{}", hash % u64::from(subjects.max(1)))
            }
        }
    }
}

/// Returns the 64-bit FNV-1a hash, which is the same in every program and version.
fn fnv_1a(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Returns `prefix`, a dot, and the percent-encoded project ID.
fn of_project(prefix: &str, project_id: Option<&str>) -> String {
    match project_id {
        None | Some("") => format!("{prefix}.{NO_PROJECT}"),
        Some(id) => format!("{prefix}.{}", utf8_percent_encode(id, ENCODED)),
    }
}

/// Replaces the prefix of `subject`, and keeps its last token, that of the project.
pub(super) fn moved(subject: &str, prefix: &str) -> String {
    let token = subject.rsplit('.').next().unwrap_or(NO_PROJECT);
    format!("{prefix}.{token}")
}

/// Returns the pattern of all subjects with this prefix.
pub(super) fn all(prefix: &str) -> String {
    format!("{prefix}.*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::ID_CHARS_MAX;

    #[test]
    fn a_project_of_any_name_is_one_token() {
        for (id, token) in [
            (Some("project_7"), "project_7"),
            (Some("a.b *>\n"), "a%2Eb%20%2A%3E%0A"),
            (Some("%null"), "%25null"),
            (Some("ü"), "%C3%BC"),
            (None, "%null"),
        ] {
            assert_eq!(of_project("activities", id), format!("activities.{token}"));
        }
    }

    #[test]
    fn a_server_with_an_index_of_subjects_has_one_for_each_project() {
        for (version, subjects) in [
            ("2.9.10", Subjects::Spread(1)),
            ("2.10.0", Subjects::PerProject),
            ("2.12.1-beta", Subjects::PerProject),
            ("3.0.0", Subjects::PerProject),
            ("", Subjects::PerProject),
        ] {
            assert_eq!(Subjects::for_server(version), subjects, "{version}");
        }
    }

    #[test]
    fn projects_are_spread_over_the_subjects_and_each_keeps_its_own() {
        let subjects = Subjects::Spread(8);
        let of = |number: usize| subjects.of("a", Some(&format!("project_{number}")));
        let all: std::collections::BTreeSet<_> = (0..1_000).map(of).collect();
        assert_eq!(all.len(), 8);
        assert_eq!(of(7), of(7));
        // The published hashes of an empty text and of "a".
        assert_eq!(
            (fnv_1a(""), fnv_1a("a")),
            (0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c)
        );
    }

    #[test]
    fn the_longest_subject_fits_the_line_of_a_server() {
        let longest = of_project(&"s".repeat(128), Some(&"\u{10348}".repeat(ID_CHARS_MAX)));
        // The default of `max_control_line` is 4,096 bytes, which also cover the reply subject and
        // two lengths.
        assert!(longest.len() < 4_096 - 200, "{}", longest.len());
    }

    #[test]
    fn a_moved_subject_keeps_its_project() {
        assert_eq!(
            moved("shop.activities.a%2Eb", "shop.activities_dead"),
            "shop.activities_dead.a%2Eb"
        );
    }
}
