//! The tokens of links: their keys, and those that are forged.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::http::StatusCode;
use serde_json::json;
use tracker_server::{ViewerKeys, ViewerLink};

use super::{HOUR, PATH, Place, SECRET, keys, one_key, rows};

/// Makes a link to all of `project_7`.
fn link(keys: &ViewerKeys, expires_at: SystemTime) -> ViewerLink {
    let filters: [(&str, &str); 0] = [];
    keys.link("project_7", filters, expires_at).unwrap()
}

#[tokio::test]
async fn the_first_key_signs_and_each_verifies_until_it_is_removed() {
    let place = Place::with(rows()).await;
    let first = place.link(json!({})).await;
    let other = "another secret of thirty-two bytes";
    let both = format!("new {other}\nmain {SECRET}");
    place.keys.replace(Arc::new(keys(&both)));
    let second = place.link(json!({})).await;
    for token in [&first, &second] {
        assert_eq!(place.get(PATH, token).await.status, StatusCode::OK);
    }
    place.keys.replace(Arc::new(keys(&format!("new {other}"))));
    assert_eq!(place.get(PATH, &second).await.status, StatusCode::OK);
    let revoked = place.get(PATH, &first).await;
    assert_eq!(revoked.status, StatusCode::UNAUTHORIZED);
    assert!(revoked.text().contains("revoked"), "{}", revoked.text());
}

#[tokio::test]
async fn a_token_that_is_not_the_one_that_was_signed_opens_nothing() {
    let place = Place::with(rows()).await;
    let later = SystemTime::now() + HOUR;
    let token = link(&one_key(), later).token().to_owned();
    assert_eq!(place.get(PATH, &token).await.status, StatusCode::OK);
    let of_other = link(&keys(&format!("main other {SECRET}")), later);
    let parts: Vec<_> = token.split('.').collect();
    let wider = one_key().link("project_8", [("user_id", "u1")], later);
    let wider = wider.unwrap().token().to_owned();
    let of_wider: Vec<_> = wider.split('.').collect();
    for (forged, said) in [
        (of_other.token().to_owned(), "not whole"),
        (token[..token.len() - 3].to_owned(), "not whole"),
        (format!("{token}A"), "not whole"),
        (format!("tv1.main.{}", parts[2]), "not whole"),
        (format!("tv1.main.{}.", parts[2]), "not whole"),
        (
            format!("tv1.main.{}.{}", of_wider[2], parts[3]),
            "not whole",
        ),
        (format!("tv1.other.{}.{}", parts[2], parts[3]), "revoked"),
        ("tv1.".to_owned(), "not whole"),
        (
            format!("tv1.main.{}.{}", "A".repeat(5_000), parts[3]),
            "not whole",
        ),
    ] {
        let answer = place.get(PATH, &forged).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{forged}");
        assert!(answer.text().contains(said), "{}", answer.text());
        assert!(!answer.text().contains(SECRET));
    }
    let expired = link(&one_key(), SystemTime::now() - Duration::from_secs(1));
    let answer = place.get(PATH, expired.token()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.text().contains("has expired"), "{}", answer.text());
}
