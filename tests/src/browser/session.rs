//! A browser with one page: [`Browser`].

use std::{path::Path, sync::Mutex, time::Duration};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource as _, KeyAction, KeyActions},
    elements::Element,
    error::CmdError,
    key::Key,
    wd::WindowHandle,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{complaint::Kept, driver::Driver, kind::Kind, viewer::Viewer};

/// The window of a desktop, in CSS pixels.
pub const WIDE: (u32, u32) = (1200, 900);

/// The window of a telephone, in CSS pixels.
pub const NARROW: (u32, u32) = (360, 800);

/// The longest wait, far above any ordinary one.
const LIMIT: Duration = Duration::from_secs(20);

/// The interval of two looks.
const LOOK: Duration = Duration::from_millis(20);

/// A browser that nobody sees, which ends with the value.
pub struct Browser {
    kind: Kind,
    viewer: Viewer,
    pub(super) client: Client,
    pub(super) driver: Driver,
    /// The window with which it started.
    pub(super) first: WindowHandle,
    pub(super) kept: Mutex<Kept>,
}

impl Browser {
    /// Starts Chromium for a viewer who reads English, with a page of the size [`WIDE`].
    pub async fn start() -> Self {
        let browser = Self::start_as(Kind::Chromium, Viewer::default()).await;
        browser.dress().await;
        browser
    }

    /// Starts a browser for a viewer. Its pages are those of [`renew`](Self::renew).
    pub async fn start_as(kind: Kind, viewer: Viewer) -> Self {
        let driver = Driver::start(kind, viewer).unwrap_or_else(|error| panic!("{error:#}"));
        let capabilities = kind.capabilities(viewer, driver.directory());
        let Value::Object(capabilities) = capabilities.unwrap_or_else(|error| panic!("{error:#}"))
        else {
            unreachable!("capabilities are an object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .unwrap_or_else(|error| panic!("no browser starts: {error}\n{}", driver.log()));
        let first = client.window().await.expect("a window");
        Self {
            kind,
            viewer,
            client,
            driver,
            first,
            kept: Mutex::default(),
        }
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the settings of the viewer.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    /// Returns the directory of the files of the browser and its driver.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.driver.directory()
    }

    /// Goes to a page, and waits until it has loaded.
    pub async fn go(&self, url: &str) {
        self.keep_complaints().await;
        self.client.goto(url).await.expect("a page");
        self.listen().await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.keep_complaints().await;
        self.client.refresh().await.expect("a page");
        self.listen().await;
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
}
