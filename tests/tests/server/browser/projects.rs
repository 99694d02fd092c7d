//! The page of the projects.

use fantoccini::key::Key;
use tracker_core::Activity;
use tracker_server::Open;
use tracker_tests::{
    browser::{NARROW, Scheme, Site, TUESDAY, Timeline, WIDE, at, realistic},
    proxy::{Proxy, Weather},
};

use super::{
    access::Bearer,
    looks_well,
    viewer_links::{LINK, MADE, make, settings},
};

/// The projects of the lists, from the top on, and those of the one that was visited last.
const LISTED: &str = "all('section.all li').map((item) => item.dataset.projectId)";
const VISITED: &str = "all('section.recent li').map((item) => item.dataset.projectId)";

fn of(project: &str, number: usize) -> Activity {
    at(&format!("{project}-{number}"), "deployment", TUESDAY).project_id(project)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn projects_are_found_visited_and_listed_first_the_next_time() {
    let names: Vec<_> = (0..120).map(|n| format!("proj_{n:03}")).collect();
    let mut activities: Vec<_> = names.iter().map(|name| of(name, 0)).collect();
    activities.push(of("Großes/Projekt", 0));
    let site = Site::with(activities).await;
    let page = Timeline::open(site.address(), "/").await;
    page.until("a list", "state() === 'rows'").await;
    assert_eq!(page.title().await, "Projects · Activities");
    let scrolled = "(scrollTo(0, document.body.scrollHeight), true)";
    page.until(
        "the rest, by scrolling",
        &format!("{scrolled} && {LISTED}.length === 121"),
    )
    .await;
    page.press("/").await;
    page.press("proj_07").await;
    page.until(
        "those of the search",
        &format!("{LISTED}.length === 10 && location.search === '?search=proj_07'"),
    )
    .await;
    page.press(&Key::Down).await;
    page.press("j").await;
    page.press(&Key::Enter).await;
    page.until("its timeline", "timeline.localName === 'activity-timeline' && location.pathname === '/projects/proj_071' && state() === 'rows'")
        .await;
    page.visit("/projects/Gro%C3%9Fes%2FProjekt").await;
    page.until_live().await;
    assert_eq!(page.title().await, "Großes/Projekt · Activities");
    page.act("document.querySelector('header nav a').click()")
        .await;
    page.until(
        "those visited first",
        &format!("state() === 'rows' && {VISITED}.join() === 'Großes/Projekt,proj_071'"),
    )
    .await;
    page.visit("/projects?search=nothing+like+it").await;
    page.until("nothing", "state() === 'no-match'").await;
    page.press("/").await;
    page.press(&Key::Escape).await;
    page.until(
        "all",
        &format!("{LISTED}.length > 0 && location.search === ''"),
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_projects_that_is_not_there_is_asked_for_again_when_it_is_wanted() {
    let activities = (0..60).map(|n| of(&format!("proj_{n:02}"), n)).collect();
    let site = Site::with(activities).await;
    let proxy = Proxy::before(site.address()).await;
    let page = Timeline::open(proxy.address(), "/projects").await;
    page.until("a page", &format!("{LISTED}.length === 50"))
        .await;
    proxy.set(Weather::Closed);
    page.act("scrollTo(0, document.body.scrollHeight)").await;
    page.until(
        "it is said",
        "text('[part=end] [role=alert]') === \"The server can't be reached.\"",
    )
    .await;
    proxy.set(Weather::Fair);
    page.click("[part=retry]").await;
    page.until(
        "each is there once",
        &format!("new Set({LISTED}).size === 60 && text('[part=end]') === ''"),
    )
    .await;
    assert_eq!(page.value::<usize>(&format!("{LISTED}.length")).await, 60);
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_works_below_another_path_and_with_a_slash_at_its_end() {
    let site = Site::below("/in/tracker", vec![of("p", 0)]).await;
    let page = Timeline::open(site.address(), "/in/tracker").await;
    for path in ["", "/", "/projects", "/projects/"] {
        page.visit(&format!("/in/tracker{path}")).await;
        page.until(path, "state() === 'rows'").await;
        let link: String = page.value("one('li a').href").await;
        assert!(link.ends_with("/in/tracker/projects/p"), "{link}");
    }
    for path in ["/projects/p", "/projects/p/"] {
        page.visit(&format!("/in/tracker{path}")).await;
        page.until_live().await;
        let link: String = page.value("one('.row a.when').href").await;
        assert!(
            link.ends_with("/in/tracker/projects/p/activities/p-0"),
            "{link}"
        );
        let back: String = page.value("document.querySelector('nav a').href").await;
        assert!(back.ends_with("/in/tracker/projects"), "{back}");
    }
    page.visit("/in/tracker/projects/p/activities/p-0").await;
    page.until("the activity", "state() === 'activity'").await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_without_a_page_leads_to_the_list() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), "/nothing/here").await;
    let link = "document.querySelector('main a')?.href === `${location.origin}/projects`";
    page.until("the link", link).await;
    page.act("document.querySelector('main a').click()").await;
    page.until("the list", "location.pathname === '/projects'")
        .await;
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_asks_for_a_token_and_says_when_it_is_empty() {
    let site = Site::guarded(Vec::new(), Bearer).await;
    let page = Timeline::open(site.address(), "/projects").await;
    page.until(
        "it asks",
        "state() === 'unauthorized' && focused()?.matches('[part=token-input]')",
    )
    .await;
    page.press("s3cret").await;
    page.press(&Key::Enter).await;
    page.until("it is empty", "state() === 'empty'").await;
    page.reload().await;
    page.until("it remembers", "state() === 'empty'").await;
    page.was_quiet_but_for_the_network().await;
}

/// The pages of projects and of one activity are accessible in both languages and directions, in
/// every window size and colour scheme.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_has_an_accessibility_fault() {
    let mut activities = realistic();
    let failed = activities.iter().find(|row| {
        row.status
            .as_ref()
            .is_some_and(|status| status.as_str() == "failure")
    });
    let activity = failed.unwrap().action_id.clone();
    activities.extend((0..6).map(|n| of(&format!("proj_{n}"), n)));
    let site = Site::set(activities, settings(Open)).await;
    let page = Timeline::open(site.address(), "/projects/proj_rooms").await;
    page.until_live().await;
    let viewer_link = format!(
        "state() === 'rows' && idle() && !{LINK}.hidden && ({MADE} || {})",
        make()
    );
    let states = [
        ("projects", "/projects".to_owned(), "state() === 'rows'"),
        (
            "projects-none",
            "/projects?search=none".to_owned(),
            "state() === 'no-match'",
        ),
        (
            "activity",
            format!("/projects/proj_rooms/activities/{activity}"),
            "state() === 'activity' && !one('[aria-busy]') && all('.request .row').length > 0",
        ),
        (
            "views",
            "/projects/proj_rooms?status=failure".to_owned(),
            "state() === 'rows' && idle() && (document.querySelector('timeline-tools').shadowRoot.querySelector('.views-menu').open = true)",
        ),
        (
            "export",
            "/projects/proj_rooms".to_owned(),
            "state() === 'rows' && idle() && (document.querySelector('timeline-tools').shadowRoot.querySelector('.export-menu').open = true)",
        ),
        (
            "filters",
            "/projects/proj_rooms?environment=production".to_owned(),
            "state() === 'rows' && idle() && (one('.action-types-menu').open = true)",
        ),
        (
            "viewer-link",
            "/projects/proj_rooms?status=failure&environment=production".to_owned(),
            &viewer_link,
        ),
        (
            "activity-none",
            "/projects/proj_rooms/activities/none".to_owned(),
            "state() === 'not-found'",
        ),
    ];
    for (language, direction) in [("en-US", "ltr"), ("de-DE", "rtl")] {
        page.read(language).await;
        for (name, path, reached) in &states {
            page.visit(path).await;
            page.act(&format!("document.documentElement.dir = '{direction}'"))
                .await;
            for (size, window) in [("wide", WIDE), ("narrow", NARROW)] {
                page.resize(window).await;
                // The second language shows the other half of what is the same in both.
                let schemes = match (language, size) {
                    ("de-DE", "wide") => &Scheme::ALL[..1],
                    ("de-DE", _) => &Scheme::ALL[1..],
                    _ => &Scheme::ALL[..],
                };
                for &scheme in schemes {
                    page.prefer(scheme).await;
                    page.until(name, reached).await;
                    let what = format!("{name}-{language}-{size}-{}", scheme.name());
                    looks_well(&page, &what).await;
                }
            }
            page.resize(WIDE).await;
        }
    }
    page.was_quiet_but_for_the_network().await;
}
