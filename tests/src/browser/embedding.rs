//! A page of another origin that embeds the timeline: [`Embedding`].

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, response::Html, routing::get};
use tracker_core::MemoryStore;
use tracker_server::Settings;

use super::{rows::PROJECT, site::Site};

/// The page takes from its query where the modules are, and the `src` of the element.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<title>Console</title>
<activity-timeline></activity-timeline>
<script type="module">
    const given = new URLSearchParams(location.search);
    const timeline = document.querySelector("activity-timeline");
    timeline.setAttribute("src", given.get("src"));
    timeline.setAttribute("project", given.get("project"));
    timeline.token = given.get("token");
    await import(`${given.get("modules")}/assets/activity-timeline.js`);
</script>
</html>"#;

/// A server with such a page and with the modules, on a port of 127.0.0.1, which ends with the
/// value.
pub struct Embedding(Site);

impl Embedding {
    /// Starts the server.
    pub async fn start() -> Self {
        let with_page = |app: Router| app.route("/embedding", get(async || Html(PAGE)));
        Self(Site::serve(Arc::new(MemoryStore::new()), Settings::open(), with_page).await)
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Returns the origin of the page.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Returns the path of the page that reads from the server at `src` with this token, and has
    /// the modules of `modules`.
    #[must_use]
    pub fn path(modules: SocketAddr, src: SocketAddr, token: &str) -> String {
        format!(
            "/embedding?modules=http://{modules}&src=http://{src}&project={PROJECT}&token={token}"
        )
    }
}
