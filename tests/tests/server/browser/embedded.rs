//! The component in a page of another origin.

use std::sync::Arc;

use tracker_server::Settings;
use tracker_tests::browser::{Embedding, Site, Timeline, at, keep_picture, numbered};

use super::access::Bearer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_an_allowed_origin_reads_and_follows_with_a_token() {
    let embedding = Embedding::start().await;
    let allowed = embedding.origin().parse().unwrap();
    let settings = Settings::new(Arc::new(Bearer)).allowed_origins([allowed]);
    let site = Site::set(numbered(3), settings).await;
    let path = Embedding::path(site.address(), site.address(), "s3cret");
    let page = Timeline::open(embedding.address(), &path).await;
    page.until_live().await;
    assert_eq!(page.ids().await.len(), 3);
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    site.record(vec![at("new", "deployment", now)]).await;
    page.until("it arrives", "ids()[0] === 'new'").await;

    // A wrong token is told as on a page of the server's own.
    let path = Embedding::path(site.address(), site.address(), "wrong");
    page.visit(&path).await;
    page.until("it asks for another", "state() === 'unauthorized'")
        .await;
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_origin_says_what_keeps_it_empty() {
    let embedding = Embedding::start().await;
    let site = Site::with(numbered(3)).await;
    let path = Embedding::path(embedding.address(), site.address(), "");
    let page = Timeline::open(embedding.address(), &path).await;
    page.until("it says so", "state() === 'error'").await;
    let said: String = page.value("text('[data-state=error]')").await;
    let origin = embedding.origin();
    assert!(
        said.contains(&format!("does not allow pages of {origin}"))
            && said.contains("allow-origin"),
        "{said}"
    );
    keep_picture("embedded-not-allowed", &page.picture().await);
    // A page of the server's own origin has another reason.
    let path = Embedding::path(embedding.address(), embedding.address(), "");
    page.visit(&path).await;
    page.until("it is allowed", "state() === 'empty'").await;
}
