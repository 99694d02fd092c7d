//! The page of a timeline, in the hands of a user: [`Timeline`].

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::session::Browser;

/// The elements of which each page has one.
const HOST: &str = "activity-timeline, project-list, activity-details";

/// The functions that every script can use.
const TOOLS: &str = r#"
    const timeline = document.querySelector("activity-timeline, project-list, activity-details");
    const root = timeline?.shadowRoot ?? document;
    const one = (selector) => root.querySelector(selector);
    const all = (selector) => [...root.querySelectorAll(selector)];
    const text = (selector) => one(selector)?.textContent.trim() ?? null;
    const rows = () => all("article.row");
    const ids = () => rows().map((row) => row.dataset.actionId).filter(Boolean);
    const entries = () => all("[role=feed] > article").map((article) => article.dataset.key);
    const row = (id) => rows().find((row) => row.dataset.actionId === id);
    const state = () => (one("[part=timeline]") ?? timeline).dataset.state;
    const live = () => one("[part=timeline]").dataset.live === "live";
    const idle = () => one("[part=timeline]").dataset.busy === "false";
    const shown = (selector) => one(selector)?.checkVisibility() ?? false;
    const focused = () => root.activeElement;
    const placeOf = async (node) => {
        for (let top = NaN, same = 0; same < 10; ) {
            const now = node.getBoundingClientRect().top;
            same = now === top ? same + 1 : 0;
            top = now;
            await new Promise(requestAnimationFrame);
        }
        return node.getBoundingClientRect().top;
    };
"#;

/// The description of a page in the message of a failure.
const PAGE: &str = r#"{
    address: location.href,
    timeline: { ...(one("[part=timeline]") ?? timeline)?.dataset },
    rows: rows().length,
    first: ids().slice(0, 5),
    focused: focused()?.outerHTML.slice(0, 300),
    state: text(".state"),
    end: text("[part=end]"),
}"#;

/// An edge of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The upper one.
    Top,
    /// The lower one.
    End,
}

/// A page in a browser. It dereferences to [`Browser`].
///
/// Scripts are JavaScript. `timeline` is the element, on other pages the list of projects or the
/// details of an activity, and `root` its shadow root; where there is none, the document.
/// `one(selector)` and `all(selector)` search below that, `text(selector)` is the text of the first
/// match, and `shown(selector)` is true if it is visible. `rows()` are the rows, blocks and folds,
/// with what is in the open ones, and `ids()` the activities of those that are one; `row(id)` is
/// one of them. `entries()` are the keys of what stands below the days: the ID of an activity, of a
/// request, or `fold:` and the ID of a fold's oldest. `focused()` is the element with the focus.
/// `state()` is `rows`, `empty`, …; `live()` is true while the stream is open, and `idle()` while
/// no page is being loaded. `placeOf(node)` promises the node's distance from the window's top once
/// that has not changed for ten frames.
pub struct Timeline {
    browser: Arc<Browser>,
    address: SocketAddr,
}

impl Deref for Timeline {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}

impl Timeline {
    /// Opens a path of the server at this address, in a new browser.
    pub async fn open(address: SocketAddr, path: &str) -> Self {
        let browser = Arc::new(Browser::start().await);
        let page = Self { browser, address };
        page.visit(path).await;
        page
    }

    /// Opens the same in place of the page that this browser has.
    pub async fn open_in(browser: &Arc<Browser>, address: SocketAddr, path: &str) -> Self {
        browser.renew().await;
        let page = Self {
            browser: Arc::clone(browser),
            address,
        };
        page.visit(path).await;
        page
    }

    /// Opens another path.
    pub async fn visit(&self, path: &str) {
        self.go(&format!("http://{}{path}", self.address)).await;
    }

    /// Waits until the rows are there and the stream is live.
    pub async fn until_live(&self) {
        self.until(
            "rows, live",
            "state() === 'rows' && rows().length > 0 && live() && idle()",
        )
        .await;
    }

    /// Waits until an expression is true.
    pub async fn until(&self, what: &str, expression: &str) {
        let body = format!("{TOOLS} return Boolean({expression});");
        if let Err(answer) = self.ask_until_true(&body).await {
            let page: Value = self.value(PAGE).await;
            let complaints = self.complaints().await;
            panic!("did not happen: {what}, {answer}\n{page:#}\n{complaints:#?}");
        }
    }

    /// Returns an expression's value, or that of its promise.
    pub async fn value<T: DeserializeOwned>(&self, expression: &str) -> T {
        let body = format!("{TOOLS} return await ({expression});");
        let value = self.run(&body, Vec::new()).await;
        serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("{expression} is {value}: {error}"))
    }

    /// Runs statements.
    pub async fn act(&self, statements: &str) {
        self.value::<Value>(&format!("(async () => {{ {statements} }})()"))
            .await;
    }

    /// Returns the IDs of the rows, from the top on.
    pub async fn ids(&self) -> Vec<String> {
        self.value("ids()").await
    }

    /// Returns the part of the address after the path.
    pub async fn query(&self) -> Vec<(String, String)> {
        let mut query: Vec<_> = self
            .value("[...new URLSearchParams(location.search)]")
            .await;
        query.sort();
        query
    }

    /// Returns the active filters, by the `name` and `value` of the chips above the rows.
    pub async fn chips(&self) -> Vec<(String, String)> {
        let chips =
            "all('[part=filter-chip]').map((chip) => [chip.dataset.filter, chip.dataset.value])";
        let mut chips: Vec<_> = self.value(chips).await;
        chips.sort();
        chips
    }

    /// Scrolls the first match of a selector into sight and clicks its middle once it stands still.
    /// An element that covers it fails the test.
    pub async fn click(&self, selector: &str) {
        let quoted = Value::from(selector);
        let settle = format!(
            "const node = one({quoted});
            node?.scrollIntoView({{ block: 'nearest', behavior: 'instant' }});
            if (node) await placeOf(node);"
        );
        self.act(&settle).await;
        let element = self.within(HOST, selector).await;
        let element = element.unwrap_or_else(|error| panic!("no {selector}: {error}"));
        let clicked = element.click().await;
        clicked.unwrap_or_else(|error| panic!("{selector} can't be clicked: {error}"));
    }

    /// Scrolls to the top, or to the end of what is loaded.
    pub async fn scroll_to(&self, edge: Edge) {
        let top = match edge {
            Edge::Top => "0",
            Edge::End => "document.scrollingElement.scrollHeight",
        };
        self.act(&format!("scrollTo({{ top: {top}, behavior: 'instant' }})"))
            .await;
    }

    /// Chooses an option of a list.
    pub async fn choose(&self, selector: &str, value: &str) {
        let list = self.within(HOST, selector).await;
        let list = list.unwrap_or_else(|error| panic!("no {selector}: {error}"));
        let chosen = list.select_by_value(value).await;
        chosen.unwrap_or_else(|error| panic!("{selector} has no {value}: {error}"));
    }

    /// Ends the test, and checks that the page has logged no warnings.
    pub async fn was_quiet(self) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    /// Does the same after the server refused something or was unreachable, which browsers log by
    /// themselves.
    pub async fn was_quiet_but_for_the_network(self) {
        let mut complaints = self.complaints().await;
        complaints.retain(|complaint| complaint.source != "network");
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}
