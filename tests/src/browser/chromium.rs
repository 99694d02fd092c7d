//! A browser with one page: [`Browser`].

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

/// The window of a desktop, in CSS pixels.
pub const WIDE: (u32, u32) = (1200, 900);

/// The window of a telephone, in CSS pixels.
pub const NARROW: (u32, u32) = (360, 800);

/// The longest wait, far above any ordinary one.
const LIMIT: Duration = Duration::from_secs(20);

/// The interval of two looks.
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

/// The preference of the viewer's system.
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

    /// Returns the name in CSS.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A headless Chromium, which ends with the value.
pub struct Browser {
    client: Client,
    driver: Driver,
}

impl Browser {
    /// Starts a browser with the window [`WIDE`].
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

    /// Returns the directory of the files of the browser and its driver.
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

    /// Returns the title of the page.
    pub async fn title(&self) -> String {
        self.client.title().await.expect("a title")
    }

    /// Sets the width and the height of the page.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size)
            .await;
    }

    /// Sets the colours that the system prefers.
    pub async fn prefer(&self, scheme: Scheme) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme.name() }]);
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": features }),
        )
        .await;
    }

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

    /// Sends a command of the Chrome DevTools Protocol.
    async fn devtools(&self, name: &str, parameters: &Value) {
        let sent = self.client.issue_cmd(Command::devtools(name, parameters));
        sent.await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Returns a picture of the page, as a PNG.
    pub async fn picture(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("a picture")
    }

    /// Runs the body of a function, and returns its result, awaited.
    pub async fn run(&self, body: &str, arguments: Vec<Value>) -> Value {
        let answer = self.try_run(body, arguments).await;
        answer.unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    /// Runs the same on a page that may be about to go.
    pub(super) async fn try_run(
        &self,
        body: &str,
        arguments: Vec<Value>,
    ) -> Result<Value, CmdError> {
        let body = format!("return (async (...given) => {{ {body} }})(...arguments)");
        self.client.execute(&body, arguments).await
    }

    /// Evaluates the body of a function until it returns true. Returns the last answer on failure.
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

    /// Returns an element below the shadow root of another.
    pub(super) async fn within(&self, host: &str, selector: &str) -> Result<Element, CmdError> {
        let host = self.client.find(Locator::Css(host)).await?;
        host.shadow_root().await?.find(Locator::Css(selector)).await
    }

    /// Presses and releases keys one after the other: those of a text, or a [`Key`].
    pub async fn press(&self, keys: &str) {
        self.press_all(keys, None).await;
    }

    /// Does the same with Shift held down.
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

    /// Takes the warnings and errors of the console since the last call.
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

/// A warning or an error of the console.
#[derive(Debug)]
pub struct Complaint {
    /// The source: `network`, `javascript`, `console-api`, `security`, …
    pub source: String,
    /// The message.
    pub message: String,
}
