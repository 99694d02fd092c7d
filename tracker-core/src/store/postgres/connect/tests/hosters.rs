//! Tests the table of docs/operations.md: URLs as hosters show them, and their results.

use std::{fs, path::Path};

use super::options;

fn page(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::read_to_string(docs.join(name)).unwrap()
}

/// The cells of the table's rows.
fn rows() -> Vec<Vec<String>> {
    let page = page("operations.md");
    let (_, behind) = page.split_once("\n| hoster |").unwrap();
    let (table, _) = behind.split_once("\n\n").unwrap();
    let rows = table.lines().skip(2).map(|row| {
        let row = row.strip_prefix("| ").unwrap().strip_suffix(" |").unwrap();
        row.split(" |").map(|cell| cell.trim().to_owned()).collect()
    });
    rows.collect()
}

/// The texts between backticks, in order.
fn codes(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_urls_of_hosters_lead_where_the_page_says() {
    let rows = rows();
    assert!(rows.len() > 20, "{} rows", rows.len());
    for row in rows {
        let [hoster, url, place, sslmode, ignored] = row.as_slice() else {
            panic!("{row:?}")
        };
        let url = codes(url)[0];
        let options = options(url);
        assert_eq!(options.describe(), codes(place)[0], "{hoster}");
        assert_eq!(options.tls.name(), codes(sslmode)[0], "{hoster}");
        let names: Vec<_> = options
            .ignored()
            .iter()
            .map(|ignored| ignored.option)
            .collect();
        assert_eq!(names, codes(ignored), "{hoster}");
        if url.contains("PASSWORD@") {
            assert_eq!(
                options.config.get_password(),
                Some(&b"PASSWORD"[..]),
                "{hoster}"
            );
        }
    }
}

#[test]
fn the_guide_has_each_hoster_and_each_other_client_of_the_page() {
    let guide = page("guide/hosters.md");
    for row in rows() {
        let name = row[0].strip_prefix("none: as ").unwrap_or(&row[0]);
        let name = name.trim_end_matches(" has it");
        let (name, _) = name.split_once(',').unwrap_or((name, ""));
        assert!(guide.contains(name), "{name}");
    }
}

#[test]
fn what_the_server_of_a_hoster_has_to_be_told_is_sent() {
    let cockroach = options(
        "postgresql://u:p@c.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full&options=--cluster%3Done",
    );
    assert_eq!(cockroach.config.get_options(), Some("--cluster=one"));
    let neon = options(
        "postgresql://u:p@h.neon.tech/neondb?options=endpoint%3Dep-one&channel_binding=require",
    );
    assert_eq!(neon.config.get_options(), Some("endpoint=ep-one"));
    assert_eq!(
        neon.config.get_channel_binding(),
        tokio_postgres::config::ChannelBinding::Require
    );
    let azure = options("postgres://app%40server:p@server.postgres.database.azure.com/db?ssl=true");
    assert_eq!(azure.config.get_user(), Some("app@server"));
    assert_eq!(azure.tls.name(), "require");
}
