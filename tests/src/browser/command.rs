//! Commands of drivers beyond WebDriver: [`Command`].

use axum::http::Method;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A `POST` to a session.
#[derive(Debug)]
pub(super) struct Command {
    path: &'static str,
    body: Value,
}

impl Command {
    /// A command of the Chrome DevTools Protocol, for chromedriver.
    pub(super) fn devtools(name: &str, parameters: &Value) -> Self {
        Self {
            path: "goog/cdp/execute",
            body: json!({ "cmd": name, "params": parameters }),
        }
    }

    /// Lets scripts of geckodriver run as those of the browser (`chrome`) or of the page
    /// (`content`).
    pub(super) fn context(name: &str) -> Self {
        Self {
            path: "moz/context",
            body: json!({ "context": name }),
        }
    }

    /// Takes chromedriver's messages of the console since the last call.
    pub(super) fn take_log() -> Self {
        Self {
            path: "se/log",
            body: json!({ "type": "browser" }),
        }
    }
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
