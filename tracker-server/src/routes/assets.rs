//! The files of the pages: scripts, styles and the icon.

use axum::{extract::Path, http::HeaderMap, response::Response};

use crate::{etag::tagged, problem::Problem};

/// The files of the folder `assets`, and their types.
macro_rules! assets {
    ($($name:literal: $content_type:expr,)*) => {
        const ASSETS: &[(&str, &str, &str)] = &[
            $(($name, $content_type, include_str!(concat!("../../assets/", $name))),)*
        ];
    };
}

const CSS: &str = "text/css; charset=utf-8";
pub(super) const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

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
    "page-missing.js": JAVASCRIPT,
    "page-opened.js": JAVASCRIPT,
    "page-projects.js": JAVASCRIPT,
    "page-recent.js": JAVASCRIPT,
    "page-timeline.js": JAVASCRIPT,
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
    "timeline-export.js": JAVASCRIPT,
    "timeline-facts.js": JAVASCRIPT,
    "timeline-feed.js": JAVASCRIPT,
    "timeline-filter-bar.js": JAVASCRIPT,
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
    "timeline-ranges.js": JAVASCRIPT,
    "timeline-requests.js": JAVASCRIPT,
    "timeline-row-style.js": JAVASCRIPT,
    "timeline-row.js": JAVASCRIPT,
    "timeline-scroll.js": JAVASCRIPT,
    "timeline-search.js": JAVASCRIPT,
    "timeline-session.js": JAVASCRIPT,
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
    "viewer-token.js": JAVASCRIPT,
}

pub(crate) async fn asset(
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asset = ASSETS.iter().find(|(known, ..)| *known == name);
    let (_, content_type, content) = asset.ok_or_else(Problem::not_found)?;
    Ok(tagged(&headers, content_type, *content))
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
        let served = ASSETS.iter().map(|(name, ..)| (*name).to_owned());
        let served: BTreeSet<_> = served.chain(["index.html".to_owned()]).collect();
        assert_eq!(files.collect::<BTreeSet<_>>(), served);
    }
}
