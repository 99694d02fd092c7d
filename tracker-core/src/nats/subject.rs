//! The subject of an activity: one for each project.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is not taken as it is: all but letters, digits, dash and underscore. A subject's tokens are separated by dots, can't hold
/// spaces, and `*` and `>` stand for others.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The token of activities without a project. No ID is encoded to this.
const NO_PROJECT: &str = "%null";

/// `prefix`, a dot, and the project's ID, percent-encoded.
pub(super) fn of_project(prefix: &str, project_id: Option<&str>) -> String {
    match project_id {
        None | Some("") => format!("{prefix}.{NO_PROJECT}"),
        Some(id) => format!("{prefix}.{}", utf8_percent_encode(id, ENCODED)),
    }
}

/// `subject` with another beginning: the token of its project stays.
pub(super) fn moved(subject: &str, prefix: &str) -> String {
    let token = subject.rsplit('.').next().unwrap_or(NO_PROJECT);
    format!("{prefix}.{token}")
}

/// All subjects that begin so.
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
    fn the_longest_subject_fits_the_line_of_a_server() {
        let longest = of_project(&"s".repeat(128), Some(&"\u{10348}".repeat(ID_CHARS_MAX)));
        // `max_control_line` is 4,096 bytes unless set otherwise, with the reply subject and two lengths.
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
