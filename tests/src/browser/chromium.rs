//! One browser, with one page: [`Browser`].

use std::{path::Path, time::Duration};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
    key::Key,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{command::Command, driver::Driver};

/// A desk's window, in CSS pixels.
pub const WIDE: (u32, u32) = (1200, 900);

/// A telephone's.
pub const NARROW: (u32, u32) = (360, 800);

/// Far more than anything takes that is waited for here.
const LIMIT: Duration = Duration::from_secs(20);

/// How long there is between two looks.
const LOOK: Duration = Duration::from_millis(20);

const FLAGS: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--lang=en-US",
];

/// What the viewer's system prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// As CSS calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A headless Chromium that is gone with the value.
pub struct Browser {
    client: Client,
    driver: Driver,
}

impl Browser {
    /// Starts one, its window [`WIDE`].
    pub async fn start() -> Self {
        let driver = Driver::start().unwrap_or_else(|error| panic!("{error:#}"));
        let profile = format!("--user-data-dir={}/profile", driver.directory().display());
        let mut flags = FLAGS.to_vec();
        flags.push(&profile);
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written so");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("no browser starts: {error}"));
        let browser = Self { client, driver };
        browser.resize(WIDE).await;
        browser
    }

    /// Where everything is that it and its driver write.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.driver.directory()
    }

    /// Goes to a page, and waits until it has loaded.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.expect("a page");
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("a page");
    }

    /// Goes back in the history.
    pub async fn back(&self) {
        self.client.back().await.expect("a page before");
    }

    /// Goes forward in the history.
    pub async fn forward(&self) {
        self.client.forward().await.expect("a page behind");
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        self.client.title().await.expect("a title")
    }

    /// Makes the page so wide and so high.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size)
            .await;
    }

    /// Has the system prefer these colours.
    pub async fn prefer(&self, scheme: Scheme) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme.name() }]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        )
        .await;
    }

    /// Has the viewer live in this zone, by its IANA name.
    pub async fn live_in(&self, time_zone: &str) {
        let zone = json!({ "timezoneId": time_zone });
        self.devtools("Emulation.setTimezoneOverride", &zone).await;
    }

    /// Has pages that are opened from now on begin at this time, in milliseconds since the epoch.
    pub async fn begin_at(&self, ms: i64) {
        let source = format!(
            "{{ const now = Date.now; const began = now(); Date.now = () => {ms} + now() - began; }}"
        );
        let source = json!({ "source": source });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &source)
            .await;
    }

    /// Has no scroll bars drawn.
    pub async fn hide_scrollbars(&self) {
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }))
            .await;
    }

    /// Cuts it off from every network, also from loopback, or no longer.
    pub async fn reach_the_network(&self, reaches: bool) {
        let conditions = json!({ "offline": !reaches, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.enable", &json!({})).await;
        self.devtools("Network.emulateNetworkConditions", &conditions)
            .await;
    }

    /// Sends a command of the Chrome DevTools Protocol.
    async fn devtools(&self, name: &str, parameters: &Value) {
        let sent = self.client.issue_cmd(Command::devtools(name, parameters));
        sent.await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// What the page shows, as a PNG.
    pub async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("a picture")
    }

    /// Runs the body of a function, and gives what it returns; with an `await` in it, once that is there.
    pub async fn run(&self, body: &str, arguments: Vec<Value>) -> Value {
        let answer = self.try_run(body, arguments).await;
        answer.unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    /// The same for a page that may be about to go.
    pub(super) async fn try_run(
        &self,
        body: &str,
        arguments: Vec<Value>,
    ) -> Result<Value, CmdError> {
        let body = format!("return (async (...given) => {{ {body} }})(...arguments)");
        self.client.execute(&body, arguments).await
    }

    /// Asks with the body of a function until it returns true. Otherwise gives the last answer.
    pub(super) async fn ask_until_true(&self, body: &str) -> Result<(), String> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let answer = self.try_run(body, Vec::new()).await;
            if matches!(answer, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(format!("within {LIMIT:?}; the last answer: {answer:?}"));
            }
            sleep(LOOK).await;
        }
    }

    /// An element below the shadow root of another.
    pub(super) async fn within(&self, host: &str, selector: &str) -> Result<Element, CmdError> {
        let host = self.client.find(Locator::Css(host)).await?;
        host.shadow_root().await?.find(Locator::Css(selector)).await
    }

    /// Presses and releases one key after the other: those of a text, or of a [`Key`].
    pub async fn press(&self, keys: &str) {
        self.press_all(keys, None).await;
    }

    /// The same with Shift held down.
    pub async fn press_with_shift(&self, keys: &str) {
        self.press_all(keys, Some(Key::Shift.into())).await;
    }

    async fn press_all(&self, keys: &str, held: Option<char>) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        if let Some(value) = held {
            actions = actions.then(KeyAction::Down { value });
        }
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value });
            actions = actions.then(KeyAction::Up { value });
        }
        if let Some(value) = held {
            actions = actions.then(KeyAction::Up { value });
        }
        self.client.perform_actions(actions).await.expect("keys");
    }

    /// Takes what the console has said since the last time, warnings and errors alone.
    pub async fn complaints(&self) -> Vec<Complaint> {
        let log = self.client.issue_cmd(Command::take_log()).await;
        let log = log.expect("a log");
        let entries = log.as_array().expect("entries").iter();
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        entries
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|entry| Complaint {
                source: text(entry, "source"),
                message: text(entry, "message"),
            })
            .collect()
    }
}

/// A warning or an error that the console has shown.
#[derive(Debug)]
pub struct Complaint {
    /// Who complains: `network`, `javascript`, `console-api`, `security`, …
    pub source: String,
    /// About what.
    pub message: String,
}
