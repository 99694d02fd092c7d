//! The window of a browser: its size, its colours, and a new one in place of it.

use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};

use super::{
    command::Command,
    kind::Kind,
    session::{Browser, WIDE},
    viewer::Scheme,
};

/// Firefox's own window is at least 450 pixels wide, unlike the tab in it.
const SIZE_IN_FIREFOX: &str = r#"
    const [width, height] = arguments;
    const { style } = gBrowser.selectedBrowser;
    for (const [name, size] of Object.entries({ width, height })) {
        for (const bound of ["", "min-", "max-"]) style.setProperty(`${bound}${name}`, `${size}px`);
    }
"#;

const PREFER_IN_FIREFOX: &str = r#"
    Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", arguments[0]);
"#;

/// The tool bar of `MiniBrowser` takes 38 pixels of the height and at least 447 of the width. A
/// window without a menu bar has none either.
const OPEN_IN_WEBKIT: &str = r#"
    const [width, height] = arguments;
    window.open("about:blank", "_blank", `width=${width},height=${height},toolbar=no,menubar=no`);
"#;

impl Browser {
    /// Opens an empty page of the size [`WIDE`] in place of the present one, of whose complaints
    /// nobody hears any more: its server may have gone before it.
    pub async fn renew(&self) {
        let present = self.client.window().await.expect("a window");
        if present != self.first {
            self.client.close_window().await.expect("a window");
        }
        self.to_window(self.first.clone()).await;
        let new = match self.kind() {
            Kind::Chromium | Kind::Firefox => {
                self.client
                    .new_window(true)
                    .await
                    .expect("a new tab")
                    .handle
            }
            Kind::WebKit => self.pop_up().await,
        };
        self.to_window(new).await;
        self.complaints().await;
        self.dress().await;
    }

    /// Gives a new window its size, and the colours of its viewer.
    pub(super) async fn dress(&self) {
        self.resize(WIDE).await;
        if self.kind() == Kind::Chromium {
            self.prefer(self.viewer().scheme).await;
        }
    }

    async fn to_window(&self, window: WindowHandle) {
        let switched = self.client.switch_to_window(window).await;
        switched.expect("the window");
    }

    async fn pop_up(&self) -> WindowHandle {
        let (width, height) = WIDE;
        let size = vec![json!(width), json!(height)];
        let opened = self.client.execute(OPEN_IN_WEBKIT, size).await;
        opened.expect("a pop-up");
        let mut windows = self.client.windows().await.expect("windows").into_iter();
        let new = windows.find(|window| *window != self.first);
        new.expect("the new window")
    }

    /// Sets the width and the height of the page.
    pub async fn resize(&self, (width, height): (u32, u32)) {
        match self.kind() {
            Kind::Chromium => {
                let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                self.devtools("Emulation.setDeviceMetricsOverride", &size)
                    .await;
            }
            Kind::Firefox => {
                self.in_firefox(SIZE_IN_FIREFOX, vec![json!(width), json!(height)])
                    .await;
            }
            Kind::WebKit => {
                let sized = self.client.set_window_size(width, height).await;
                sized.expect("a window of another size");
            }
        }
        let is_sized = format!("return innerWidth === {width} && innerHeight === {height};");
        let sized = self.ask_until_true(&is_sized).await;
        sized.unwrap_or_else(|error| panic!("no page of {width} × {height}: {error}"));
    }

    /// Sets the colours that the system prefers. WebKit's are those of its start.
    pub async fn prefer(&self, scheme: Scheme) {
        match self.kind() {
            Kind::Chromium => {
                let features = json!([{ "name": "prefers-color-scheme", "value": scheme.name() }]);
                self.devtools(
                    "Emulation.setEmulatedMedia",
                    &json!({ "features": features }),
                )
                .await;
            }
            Kind::Firefox => {
                self.in_firefox(PREFER_IN_FIREFOX, vec![json!(scheme.in_firefox())])
                    .await;
            }
            Kind::WebKit => assert_eq!(scheme, self.viewer().scheme, "set at the start"),
        }
    }

    /// Runs statements among Firefox's own scripts.
    async fn in_firefox(&self, statements: &str, arguments: Vec<Value>) {
        self.to_context("chrome").await;
        let ran = self.client.execute(statements, arguments).await;
        ran.unwrap_or_else(|error| panic!("{statements}: {error}"));
        self.to_context("content").await;
    }

    async fn to_context(&self, name: &'static str) {
        let changed = self.client.issue_cmd(Command::context(name)).await;
        changed.unwrap_or_else(|error| panic!("no context {name}: {error}"));
    }
}
