//! Settings that Chromium alone has, by its DevTools.

use serde_json::{Value, json};

use super::{command::Command, session::Browser};

/// Each fails in other browsers.
impl Browser {
    /// Sets the viewer's zone, by its IANA name.
    pub async fn live_in(&self, time_zone: &str) {
        let zone = json!({ "timezoneId": time_zone });
        self.devtools("Emulation.setTimezoneOverride", &zone).await;
    }

    /// Sets the languages that the viewer reads, as `Accept-Language` has them, for pages that are
    /// opened from now on.
    pub async fn read(&self, languages: &str) {
        let agent = self.run("return navigator.userAgent;", Vec::new()).await;
        let read = json!({ "userAgent": agent, "acceptLanguage": languages });
        self.devtools("Emulation.setUserAgentOverride", &read).await;
    }

    /// Sets the time at which pages begin that are opened from now on, in milliseconds since the
    /// epoch.
    pub async fn begin_at(&self, ms: i64) {
        let source = format!(
            "{{ const now = Date.now; const began = now(); Date.now = () => {ms} + now() - began; }}"
        );
        self.begin_with(&source).await;
    }

    /// Runs statements at the beginning of pages that are opened from now on.
    pub async fn begin_with(&self, source: &str) {
        let source = json!({ "source": source });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &source)
            .await;
    }

    /// Hides scroll bars.
    pub async fn hide_scrollbars(&self) {
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }))
            .await;
    }

    /// Cuts the browser off from every network, including loopback, or reconnects it.
    pub async fn reach_the_network(&self, reaches: bool) {
        let conditions = json!({ "offline": !reaches, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.enable", &json!({})).await;
        self.devtools("Network.emulateNetworkConditions", &conditions)
            .await;
    }

    /// Keeps what is at these addresses from being loaded, and nothing else any more. A `*` stands
    /// for anything.
    pub async fn refuse(&self, addresses: &[&str]) {
        self.devtools("Network.enable", &json!({})).await;
        self.devtools("Network.setBlockedURLs", &json!({ "urls": addresses }))
            .await;
    }

    /// Presses the mouse's main button at a place, moves to another, and releases it there.
    pub async fn drag(&self, from: (f64, f64), to: (f64, f64)) {
        for (kind, (x, y), buttons) in [
            ("mousePressed", from, 1),
            ("mouseMoved", to, 1),
            ("mouseReleased", to, 0),
        ] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
            self.devtools("Input.dispatchMouseEvent", &event).await;
        }
    }

    /// Sends a command of the Chrome DevTools Protocol.
    pub(super) async fn devtools(&self, name: &str, parameters: &Value) {
        let sent = self.client.issue_cmd(Command::devtools(name, parameters));
        sent.await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
