//! Parameters, locals and labels whose names an expansion might use itself.

use crate::support::tick;

twins! {
    #[tracked(
        action = "deployment",
        details = "{result} {output} {activity} {entry_0} {entry_1:?} {guard} {tracker} {body} {never} {recording} {future}"
    )]
    #[allow(clippy::too_many_arguments)]
    pub(super) async fn parameters(
        result: String,
        activity: String,
        entry_0: String,
        entry_1: &mut Vec<u8>,
        guard: &str,
        tracker: u8,
        body: Box<str>,
        never: &str,
        recording: &str,
        future: String,
    ) -> usize {
        tick().await;
        result.len()
            + activity.len()
            + entry_0.len()
            + entry_1.pop().map_or(0, usize::from)
            + guard.len()
            + usize::from(tracker)
            + body.len()
            + never.len()
            + recording.len()
            + future.len()
    }

    #[tracked(action = "deployment", details = "{id} {text} {value} {output}")]
    pub(super) async fn more_parameters(id: String, text: String, value: String) -> usize {
        tick().await;
        id.len() + text.len() + value.len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn locals(user_id: String) -> u32 {
        let result = 1;
        let output = 2;
        let activity = 3;
        let entry_0 = 4;
        let guard = 5;
        let tracker = 6;
        let body = 7;
        let never = 8;
        let recording = 9;
        let fill = 10;
        let context = 11;
        let ids = 12;
        tick().await;
        drop(user_id);
        result + output + activity + entry_0 + guard + tracker + body + never + recording + fill + context + ids
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn labels() -> u8 {
        'result: {
            'body: {
                tick().await;
                break 'body;
            }
            break 'result 7;
        }
    }

    #[tracked(action = "deployment", details = "{tracker_core} {core}")]
    pub(super) async fn crates(tracker_core: &str, core: String, std: &str) -> usize {
        tick().await;
        tracker_core.len() + core.len() + std.len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn types<Activity, Option, Result, Tracker>(
        first: Activity,
        second: Option,
        third: Result,
        fourth: Tracker,
    ) -> usize
    where
        Activity: AsRef<str>,
        Option: AsRef<str>,
        Result: AsRef<str>,
        Tracker: AsRef<str>,
    {
        tick().await;
        first.as_ref().len() + second.as_ref().len() + third.as_ref().len() + fourth.as_ref().len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn output(user_id: &str) -> usize {
        tick().await;
        if user_id.is_empty() { 0 } else { Box::pin(output(&user_id[1..])).await + 1 }
    }
}

#[test]
fn parameters_named_like_the_macros_own() {
    let rows = compare!(twin => twin::parameters(
        "a".into(),
        "b".into(),
        "c".into(),
        &mut vec![4],
        "e",
        6,
        "g".into(),
        "h",
        "i",
        "j".into(),
    )
    .await);
    assert_eq!(rows, ["deployment: a 18 b c [4] e 6 g h i j"]);
    let rows = compare!(twin => twin::more_parameters("a".into(), "b".into(), "c".into()).await);
    assert_eq!(rows, ["deployment: a b c 3"]);
}

#[test]
fn locals_and_labels_named_like_the_macros_own() {
    let rows = compare!(twin => (twin::locals("user_1".into()).await, twin::labels().await));
    assert_eq!(rows, ["deployment by user_1: 78", "deployment: 7"]);
}

#[test]
fn names_of_crates_and_types() {
    let rows = compare!(twin => {
        (twin::crates("a", "b".into(), "c").await, twin::types("a", "b", "c", "d").await)
    });
    assert_eq!(rows, ["deployment: a b", "deployment: 4"]);
}

#[test]
fn a_function_named_like_the_macros_success_value() {
    let rows = compare!(twin => twin::output("a").await);
    assert_eq!(rows, ["deployment: 0", "deployment by a: 1"]);
}
