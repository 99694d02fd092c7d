//! Placeholders that name a raw identifier without its `r#`, as in `format!`.

use crate::support::tick;

twins! {
    #[tracked(action = "deployment", details = "{type} {match}")]
    pub(super) async fn raw_in_placeholders(r#type: &str, r#match: String) -> String {
        tick().await;
        r#match + r#type
    }
}

#[test]
fn a_placeholder_names_a_raw_identifier() {
    let rows = compare!(twin => twin::raw_in_placeholders("user_1", "a".into()).await);
    assert_eq!(rows, ["deployment: user_1 a"]);
}
