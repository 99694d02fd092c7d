//! The console of a browser, from which complaints are taken.

use std::mem::{replace, take};

use serde_json::Value;

use super::{command::Command, complaint::Complaint, kind::Kind, session::Browser};

/// Keeps in the page the complaints that its console is told.
const LISTEN: &str = r#"
    if (window.complaints) return;
    const complaints = window.complaints = [];
    const keep = (source, message) => complaints.push({ source, message: String(message) });
    for (const name of ["warn", "error"]) {
        const log = console[name];
        console[name] = (...given) => (keep("console-api", given.join(" ")), log(...given));
    }
    addEventListener("error", ({ message }) => keep("javascript", message));
    addEventListener("unhandledrejection", ({ reason }) => keep("javascript", reason));
    addEventListener("securitypolicyviolation", (event) => keep("security", event.violatedDirective));
"#;

impl Browser {
    /// Listens to the page that was just opened.
    pub(super) async fn listen(&self) {
        if self.kind() != Kind::Chromium {
            self.run(LISTEN, Vec::new()).await;
        }
    }

    /// Keeps what the present page said, before it goes.
    pub(super) async fn keep_complaints(&self) {
        if self.kind() != Kind::Chromium {
            let said = "return (window.complaints ?? []).splice(0);";
            let Value::Array(said) = self.run(said, Vec::new()).await else {
                panic!("the page's complaints are no list");
            };
            let mut kept = self.kept.lock().expect("no panic while it is held");
            kept.complaints.extend(said.iter().map(Complaint::of));
        }
    }

    /// Takes the warnings and errors of the console since the last call.
    pub async fn complaints(&self) -> Vec<Complaint> {
        if self.kind() == Kind::Chromium {
            return self.logged().await;
        }
        self.keep_complaints().await;
        let mut kept = self.kept.lock().expect("no panic while it is held");
        let mut complaints = take(&mut kept.complaints);
        if self.kind() == Kind::Firefox {
            complaints.extend(self.printed(&mut kept.log_read));
        }
        complaints
    }

    async fn logged(&self) -> Vec<Complaint> {
        let log = self.client.issue_cmd(Command::take_log()).await;
        let log = log.expect("a log");
        let entries = log.as_array().expect("entries").iter();
        entries
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(Complaint::of)
            .collect()
    }

    /// Reads the whole lines of Firefox's output behind a place, which moves on.
    fn printed(&self, read: &mut usize) -> Vec<Complaint> {
        let log = self.driver.log();
        let whole = log.rfind('\n').map_or(0, |end| end + 1);
        let new = &log[replace(read, whole)..whole];
        new.lines().filter_map(Complaint::printed).collect()
    }
}
