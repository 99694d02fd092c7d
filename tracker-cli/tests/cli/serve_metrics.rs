//! The figures of the server as a process.

use std::io::{Read as _, Write as _};

use tracker_tests::process::wait_until;

use crate::{
    serve::{LIMIT, PATH, Server, migrated},
    support::described,
};

#[tokio::test]
async fn its_figures_are_told_by_route_and_name_no_project() {
    let place = migrated().await;
    let server = Server::start(&place, &[]);
    server.get(PATH, "");
    server.get("/api/projects/secret_project/activities?limit=0", "");
    let (status, head, metrics) = server.get("/metrics", "");
    assert_eq!(status, 200);
    assert!(head.contains("cache-control: private, no-store"), "{head}");
    let route = r#"tracker_http_requests_total{route="/api/projects/{project_id}/activities",status="400"} 1"#;
    assert!(metrics.contains(route), "{metrics}");
    for line in [
        "# TYPE tracker_http_requests_total counter",
        "# TYPE tracker_http_request_seconds histogram",
        r#"tracker_http_request_seconds_bucket{route="/api/projects/{project_id}/activities",le="30"} 2"#,
        r#"tracker_http_request_seconds_count{route="/api/projects/{project_id}/activities"} 2"#,
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    described(&metrics, "tracker_http_");
    assert!(!metrics.contains("secret_project"), "{metrics}");
}

#[tokio::test]
async fn every_refused_request_is_in_the_figures() {
    let place = migrated().await;
    let server = Server::start(&place, &["--rate-limit", "1"]);
    let refused = (0..20)
        .map(|_| server.get("/readyz", "").0)
        .filter(|status| *status == 429);
    let refused = refused.count();
    assert!(refused > 0);
    assert_eq!(server.get("/healthz", "content-length: 100000\r\n").0, 413);
    let large = format!("x: {}\r\n", "x".repeat(200_000));
    assert_eq!(server.get("/healthz", &large).0, 431);
    let mut stream = server.connect();
    stream.write_all(b"no request\r\n\r\n").unwrap();
    // The connection ends, with an answer or without.
    let _ = stream.read_to_string(&mut String::new());
    for line in [
        &*format!(r#"tracker_http_requests_total{{route="/readyz",status="429"}} {refused}"#),
        r#"tracker_http_requests_total{route="/healthz",status="413"} 1"#,
        r#"tracker_http_unread_requests_total{reason="too_large"} 1"#,
        r#"tracker_http_unread_requests_total{reason="malformed"} 1"#,
    ] {
        wait_until(LIMIT, line, || {
            let (_, _, metrics) = server.get("/metrics", "");
            described(&metrics, "tracker_http_");
            metrics.lines().any(|found| found == line)
        });
    }
}
