//! The files of the pages: scripts, styles and the icon.
//!
//! The scripts that a page or another site loads are bundles. The other modules are served as they
//! are.

mod bundle;

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    extract::{Path, RawQuery},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use crate::{
    etag::{Tag, tagged_as},
    problem::Problem,
};

/// The files of the folder `assets`, and their types.
macro_rules! assets {
    ($($name:literal: $content_type:expr,)*) => {
        const FILES: &[(&str, &str, &str)] = &[
            $(($name, $content_type, include_str!(concat!("../../assets/", $name))),)*
        ];
    };
}

const CSS: &str = "text/css; charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The scripts that are loaded by themselves, each with all that it imports.
const BUNDLED: [&str; 8] = [
    "activity-details.js",
    "activity-timeline.js",
    "page-activity.js",
    "page-missing.js",
    "page-projects.js",
    "page-timeline.js",
    "project-list.js",
    "timeline-tools.js",
];

/// An address with a version always has the same content.
const KEPT_FOR_GOOD: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

assets! {
    "activity-details.js": JAVASCRIPT,
    "activity-facts.js": JAVASCRIPT,
    "activity-neighbours.js": JAVASCRIPT,
    "activity-sections.js": JAVASCRIPT,
    "activity-style.js": JAVASCRIPT,
    "activity-timeline.js": JAVASCRIPT,
    "icon.svg": SVG,
    "page-activity.js": JAVASCRIPT,
    "page-address.js": JAVASCRIPT,
    "page-late.js": JAVASCRIPT,
    "page-missing.js": JAVASCRIPT,
    "page-opened.js": JAVASCRIPT,
    "page-place.js": JAVASCRIPT,
    "page-position.js": JAVASCRIPT,
    "page-projects.js": JAVASCRIPT,
    "page-recent.js": JAVASCRIPT,
    "page-share.js": JAVASCRIPT,
    "page-tab.js": JAVASCRIPT,
    "page-timeline.js": JAVASCRIPT,
    "page-viewer.js": JAVASCRIPT,
    "page-zone.js": JAVASCRIPT,
    "page.css": CSS,
    "page.js": JAVASCRIPT,
    "project-list.js": JAVASCRIPT,
    "project-row.js": JAVASCRIPT,
    "project-style.js": JAVASCRIPT,
    "texts-de.js": JAVASCRIPT,
    "texts-en.js": JAVASCRIPT,
    "timeline-activity.js": JAVASCRIPT,
    "timeline-arrivals.js": JAVASCRIPT,
    "timeline-bars.js": JAVASCRIPT,
    "timeline-bins.js": JAVASCRIPT,
    "timeline-block.js": JAVASCRIPT,
    "timeline-blocks.js": JAVASCRIPT,
    "timeline-client.js": JAVASCRIPT,
    "timeline-combobox.js": JAVASCRIPT,
    "timeline-copy.js": JAVASCRIPT,
    "timeline-counts.js": JAVASCRIPT,
    "timeline-disclosure.js": JAVASCRIPT,
    "timeline-dom.js": JAVASCRIPT,
    "timeline-end.js": JAVASCRIPT,
    "timeline-export.js": JAVASCRIPT,
    "timeline-facts.js": JAVASCRIPT,
    "timeline-failure.js": JAVASCRIPT,
    "timeline-feed.js": JAVASCRIPT,
    "timeline-filter-bar.js": JAVASCRIPT,
    "timeline-filter-text.js": JAVASCRIPT,
    "timeline-filters.js": JAVASCRIPT,
    "timeline-focus.js": JAVASCRIPT,
    "timeline-fold.js": JAVASCRIPT,
    "timeline-folds.js": JAVASCRIPT,
    "timeline-gestures.js": JAVASCRIPT,
    "timeline-histogram.js": JAVASCRIPT,
    "timeline-icons.js": JAVASCRIPT,
    "timeline-json.js": JAVASCRIPT,
    "timeline-kept.js": JAVASCRIPT,
    "timeline-menu.js": JAVASCRIPT,
    "timeline-names.js": JAVASCRIPT,
    "timeline-opened.js": JAVASCRIPT,
    "timeline-outcome.js": JAVASCRIPT,
    "timeline-pages.js": JAVASCRIPT,
    "timeline-parts.js": JAVASCRIPT,
    "timeline-presence.js": JAVASCRIPT,
    "timeline-ranges.js": JAVASCRIPT,
    "timeline-requests.js": JAVASCRIPT,
    "timeline-row-style.js": JAVASCRIPT,
    "timeline-row.js": JAVASCRIPT,
    "timeline-scroll.js": JAVASCRIPT,
    "timeline-search.js": JAVASCRIPT,
    "timeline-session.js": JAVASCRIPT,
    "timeline-share.js": JAVASCRIPT,
    "timeline-spans.js": JAVASCRIPT,
    "timeline-states.js": JAVASCRIPT,
    "timeline-statistics.js": JAVASCRIPT,
    "timeline-stream.js": JAVASCRIPT,
    "timeline-style.js": JAVASCRIPT,
    "timeline-suggestions.js": JAVASCRIPT,
    "timeline-text.js": JAVASCRIPT,
    "timeline-texts.js": JAVASCRIPT,
    "timeline-time.js": JAVASCRIPT,
    "timeline-tools-style.js": JAVASCRIPT,
    "timeline-tools.js": JAVASCRIPT,
    "timeline-view.js": JAVASCRIPT,
    "timeline-views.js": JAVASCRIPT,
    "timeline-visits.js": JAVASCRIPT,
    "timeline-zone-switch.js": JAVASCRIPT,
    "timeline-zone.js": JAVASCRIPT,
    "viewer-link-style.js": JAVASCRIPT,
    "viewer-link.js": JAVASCRIPT,
    "viewer-shown.js": JAVASCRIPT,
    "viewer-token.js": JAVASCRIPT,
}

struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: Bytes,
    tag: Tag,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let served = |&(name, content_type, content): &(&'static str, &'static str, &'static str)| {
        let body = if BUNDLED.contains(&name) {
            bundle::bundle(name, &source).into()
        } else {
            Bytes::from_static(content.as_bytes())
        };
        let tag = Tag::of(&body);
        Asset {
            name,
            content_type,
            body,
            tag,
        }
    };
    FILES.iter().map(served).collect()
});

fn source(name: &str) -> &'static str {
    let file = FILES.iter().find(|(known, ..)| *known == name);
    file.map_or("", |(.., content)| content)
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Returns the address of a file from the root of the routes on, with the version of its content.
pub(super) fn address(name: &str) -> String {
    let version = find(name).map(|asset| query(&asset.tag));
    format!("assets/{name}?{}", version.unwrap_or_default())
}

fn query(tag: &Tag) -> String {
    format!("v={}", tag.hash())
}

/// Returns a file. Another version than this server's gets this one's, and is not kept.
pub(crate) async fn asset(
    Path(name): Path<String>,
    RawQuery(version): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = find(&name).ok_or_else(Problem::not_found)?;
    let mut response = tagged_as(&headers, &asset.tag, asset.content_type, asset.body.clone());
    if version.is_some_and(|version| version == query(&asset.tag)) {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, KEPT_FOR_GOOD);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
        let files = fs::read_dir(folder).unwrap();
        let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let served = FILES.iter().map(|(name, ..)| (*name).to_owned());
        let served: BTreeSet<_> = served.chain(["index.html".to_owned()]).collect();
        assert_eq!(files.collect::<BTreeSet<_>>(), served);
    }

    #[test]
    fn a_bundle_has_all_modules_and_loads_no_other() {
        for name in BUNDLED {
            let asset = find(name).unwrap();
            let script = std::str::from_utf8(&asset.body).unwrap();
            let (modules, exports) = script.rsplit_once("})();\n").unwrap();
            let is_statement =
                |line: &&str| line.starts_with("import ") || line.starts_with("export ");
            assert_eq!(modules.lines().find(is_statement), None, "{name}");
            assert!(exports.lines().count() <= 1, "{name}: {exports}");
            assert!(
                !script.contains("= (() => {\nreturn {  };\n})();"),
                "{name} lacks a module"
            );
        }
    }
}
