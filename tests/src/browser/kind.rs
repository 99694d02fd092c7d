//! The browsers that tests run in, and what starts each: [`Kind`].
//!
//! They differ in what a driver can tell its browser, as of Chromium 148 with its chromedriver,
//! Firefox 153 ESR with geckodriver 0.37.1, and WebKitGTK 2.50.6 with its `MiniBrowser`:
//!
//! | | Chromium | Firefox | WebKit |
//! | --- | --- | --- | --- |
//! | display | none | none | one in memory: Xvfb |
//! | language | at the start | at the start | at the start: the locale |
//! | colour scheme | at any time | at any time | at the start: the theme of GTK |
//! | size of a page | any | any: the tab's style | any, in a pop-up without a menu bar |
//! | errors of scripts | all | all: in the log | since the page was loaded |
//! | other complaints | all | since the page was loaded | since the page was loaded |
//! | the network's complaints | all | none | none |
//! | zone, clock, outages, drags | by its DevTools | not told | not told |

use std::path::Path;

use serde_json::{Value, json};

use super::viewer::{Scheme, Viewer};
use crate::server::find_program;

const DISPLAY: &str = include_str!("display.sh");

/// The place where `scripts/test` puts geckodriver, which Debian has not.
const GECKODRIVER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/tools/bin/geckodriver"
);

const CHROMIUM_FLAGS: [&str; 12] = [
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
];

/// A browser by its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, with Blink.
    Chromium,
    /// Firefox ESR, with Gecko.
    Firefox,
    /// The browser that comes with WebKitGTK.
    WebKit,
}

impl Kind {
    /// All.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Returns the name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// Returns the command of a driver that listens on a port of 127.0.0.1: on any port if the
    /// kind tells which it is, else on `port`.
    pub(super) fn driver(self, viewer: Viewer, port: u16) -> anyhow::Result<Vec<String>> {
        let command = match self {
            Self::Chromium => vec![found("chromedriver")?, "--port=0".to_owned()],
            Self::Firefox => vec![
                geckodriver()?,
                "--port=0".to_owned(),
                // A size and colours are set by scripts of the browser's own.
                "--allow-system-access".to_owned(),
            ],
            Self::WebKit => {
                let driver = found("WebKitWebDriver")?;
                found("Xvfb")?;
                found("localedef")?;
                let theme = match viewer.scheme {
                    Scheme::Light => "Adwaita",
                    Scheme::Dark => "Adwaita:dark",
                };
                let locale = viewer.language.replace('-', "_");
                [
                    "sh",
                    "-c",
                    DISPLAY,
                    "sh",
                    &locale,
                    theme,
                    &driver,
                    "--host=127.0.0.1",
                    &format!("--port={port}"),
                ]
                .map(str::to_owned)
                .to_vec()
            }
        };
        Ok(command)
    }

    /// Returns the port that a driver's log tells, if it is complete there.
    pub(super) fn told_port(self, log: &str) -> Option<u16> {
        let (before, behind) = match self {
            Self::Chromium => ("was started successfully on port ", '.'),
            Self::Firefox => ("Listening on 127.0.0.1:", '\n'),
            Self::WebKit => return None,
        };
        let (_, rest) = log.split_once(before)?;
        let (port, _) = rest.split_once(behind)?;
        port.parse().ok()
    }

    /// Returns the capabilities of a session whose files are in a directory.
    pub(super) fn capabilities(self, viewer: Viewer, directory: &Path) -> anyhow::Result<Value> {
        let Viewer { language, scheme } = viewer;
        Ok(match self {
            Self::Chromium => {
                let mut flags = CHROMIUM_FLAGS.map(str::to_owned).to_vec();
                flags.push(format!("--lang={language}"));
                flags.push(format!("--accept-lang={language}"));
                flags.push(format!("--user-data-dir={}/profile", directory.display()));
                json!({
                    "browserName": "chrome",
                    "goog:chromeOptions": { "args": flags },
                    "goog:loggingPrefs": { "browser": "ALL" },
                })
            }
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": {
                    "binary": found("firefox-esr")?,
                    "args": ["-headless"],
                    "prefs": {
                        "intl.accept_languages": language,
                        "layout.css.prefers-color-scheme.content-override": scheme.in_firefox(),
                        // A page that closes may end what it does.
                        "dom.abort_script_on_child_shutdown": false,
                        // Errors of scripts are in the driver's log.
                        "browser.dom.window.dump.enabled": true,
                    },
                },
            }),
            Self::WebKit => json!({
                "browserName": "MiniBrowser",
                "webkitgtk:browserOptions": {
                    "args": ["--automation", "--javascript-can-open-windows-automatically=true"],
                },
            }),
        })
    }
}

fn geckodriver() -> anyhow::Result<String> {
    if Path::new(GECKODRIVER).is_file() {
        return Ok(GECKODRIVER.to_owned());
    }
    found("geckodriver")
}

/// Returns the path of a program.
fn found(program: &str) -> anyhow::Result<String> {
    let binary = find_program(program, "scripts/test installs it")?;
    Ok(binary.display().to_string())
}
