//! The encoding of an activity as a message: JSON under the names of the columns, so that any NATS
//! client can read and write it.

use async_nats::HeaderMap;
use bytes::Bytes;
use serde::Serialize;
use thiserror::Error;

use crate::Activity;

/// The size in bytes, with headers, that a server and a stream must accept in one message. Every
/// activity that a tracker records is smaller.
pub(super) const ACTIVITY_BYTES_MAX: usize = 128 << 10;

/// A name that no stream can have. A message that expects it is stored by none.
pub(super) const NO_STREAM: &str = "no.stream";

/// A message to publish.
pub(super) struct Message {
    pub(super) subject: String,
    pub(super) headers: HeaderMap,
    pub(super) payload: Bytes,
}

/// The error of a message that holds no activity.
#[derive(Debug, Error)]
pub(crate) enum MessageError {
    #[error("the message is not the JSON object of an activity")]
    Json(#[from] serde_json::Error),
    #[error("the activity in the message has no action_id")]
    NoId,
}

/// Encodes an activity. JSON can hold every activity, so no error is expected.
pub(super) fn payload(activity: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    serde_json::to_vec(activity).map(Bytes::from)
}

/// Decodes the activity of a payload.
pub(crate) fn activity(payload: &[u8]) -> Result<Activity, MessageError> {
    let activity: Activity = serde_json::from_slice(payload)?;
    if activity.action_id.is_empty() {
        return Err(MessageError::NoId);
    }
    Ok(activity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ActionType,
        limits::{DETAILS_CHARS_MAX, ID_CHARS_MAX, REFERENCES_MAX},
    };

    #[test]
    fn an_activity_comes_out_as_it_went_in() {
        let sent = Activity::new(ActionType::Deployment)
            .project_id("project_7")
            .details("to \u{1F680}")
            .reference("deployment_id", "deploy_1");
        assert_eq!(activity(&payload(&sent).unwrap()).unwrap(), sent);
    }

    #[test]
    fn numbers_of_another_program_keep_every_digit() {
        let sent =
            br#"{"action_id":"x","reference_ids":{"a":12345678901234567890123,"b":[-0,1e400]}}"#;
        let passed_on = payload(&activity(sent).unwrap()).unwrap();
        let text = std::str::from_utf8(&passed_on).unwrap();
        assert!(
            text.contains(r#""reference_ids":{"a":12345678901234567890123,"b":[-0,1e400]}"#),
            "{text}"
        );
    }

    #[test]
    fn an_activity_of_another_program_may_leave_out_what_it_does_not_know() {
        let read = activity(br#"{"action_id": "x", "project_id": "p", "more": 1}"#).unwrap();
        assert_eq!(
            (&*read.action_id, read.project_id.as_deref()),
            ("x", Some("p"))
        );
    }

    #[test]
    fn the_largest_activity_is_smaller_than_what_servers_are_checked_for() {
        // Control characters take the most bytes in JSON.
        let id = "\u{1}".repeat(ID_CHARS_MAX);
        let mut largest = Activity::new(ActionType::Deployment)
            .project_id(&*id)
            .details("\u{1}".repeat(DETAILS_CHARS_MAX));
        for field in [
            &mut largest.user_id,
            &mut largest.request_id,
            &mut largest.environment,
        ] {
            *field = Some(id.clone());
        }
        largest.action_id.clone_from(&id);
        for number in 0..REFERENCES_MAX {
            let name = format!("{}{number:02}", &id[..ID_CHARS_MAX - 2]);
            largest = largest.reference(name, &*id);
        }
        let bytes = payload(&largest).unwrap().len();
        assert!(
            (110_000..ACTIVITY_BYTES_MAX - 2_000).contains(&bytes),
            "{bytes}"
        );
    }

    #[test]
    fn what_is_no_activity_is_told_apart() {
        for payload in [&b""[..], b"{}", b"[1]", b"\xff", br#"{"action_id": ""}"#] {
            assert!(activity(payload).is_err(), "{payload:?}");
        }
    }
}
