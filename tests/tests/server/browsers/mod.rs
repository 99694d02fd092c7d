//! The timeline in each engine that people have: the same behaviours in Chromium, Firefox and
//! WebKit.
//!
//! A kind has one browser for all of them, with a new page for each, because to start one takes
//! longer than most of them.

mod suite;

use std::sync::Arc;

use tracker_tests::browser::{Browser, Kind, Scheme, Viewer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chromium_shows_filters_and_follows_the_timeline() {
    behaves_in(Kind::Chromium).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn firefox_shows_filters_and_follows_the_timeline() {
    behaves_in(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webkit_shows_filters_and_follows_the_timeline() {
    behaves_in(Kind::WebKit).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chromium_speaks_german_in_the_dark() {
    speaks_german_in_the_dark(Kind::Chromium).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn firefox_speaks_german_in_the_dark() {
    speaks_german_in_the_dark(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webkit_speaks_german_in_the_dark() {
    speaks_german_in_the_dark(Kind::WebKit).await;
}

async fn behaves_in(kind: Kind) {
    let browser = Arc::new(Browser::start_as(kind, Viewer::default()).await);
    suite::complaints_of_a_page_are_heard(&browser).await;
    suite::filters_rows_address_and_chips_agree(&browser).await;
    suite::blocks_open_and_close_and_the_address_keeps_them(&browser).await;
    suite::equal_neighbours_fold(&browser).await;
    suite::a_place_that_was_just_reached_survives_a_reload(&browser).await;
    suite::an_activity_has_an_address(&browser).await;
    suite::what_arrives_is_inserted_at_the_top_and_else_announced(&browser).await;
    suite::what_arrives_while_the_server_is_away_is_there_once(&browser).await;
    suite::the_keyboard_is_enough(&browser).await;
    suite::narrow_pages_and_both_directions_of_writing_fit(&browser).await;
}

async fn speaks_german_in_the_dark(kind: Kind) {
    let viewer = Viewer {
        language: "de-DE",
        scheme: Scheme::Dark,
    };
    let browser = Arc::new(Browser::start_as(kind, viewer).await);
    suite::a_reader_of_german_in_the_dark_is_served(&browser).await;
}
