//! The findings of axe-core on a page's accessibility.

use std::{fs, path::Path};

use serde_json::Value;

use super::timeline::Timeline;

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/axe-core/axe.min.js");

/// All rules of axe-core, those beyond WCAG included.
const AUDIT: &str = r#"
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} at ${target.flat().join(" ")}: ${failureSummary}`));
"#;

impl Timeline {
    /// Fails if axe-core finds a violation on the present page.
    pub async fn is_accessible(&self, what: &str) {
        if !self.value::<bool>("'axe' in window").await {
            let axe = fs::read_to_string(Path::new(AXE)).unwrap_or_else(|error| {
                panic!("no target/axe-core/axe.min.js ({error}): scripts/test puts it there")
            });
            self.run(&format!("{axe}\n"), Vec::new()).await;
        }
        let Value::Array(violations) = self.run(AUDIT, Vec::new()).await else {
            panic!("{what}: axe-core gives no list");
        };
        let violations: Vec<_> = violations.iter().filter_map(Value::as_str).collect();
        assert!(violations.is_empty(), "{what}: {}", violations.join("\n"));
    }
}
