use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use super::{ConnectionOptions, ConnectionStringError as Error};

mod hosters;
mod secrets;

fn options(text: &str) -> ConnectionOptions {
    ConnectionOptions::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn error(text: &str) -> Error {
    match ConnectionOptions::parse(text) {
        Ok(options) => panic!("{text:?} was read as {}", options.describe()),
        Err(error) => error,
    }
}

#[test]
fn both_forms_lead_to_the_same_driver_configuration() {
    let url = options(
        "postgres://app:p%27%5C%20w@db.example:6432/shop?application_name=worker&options=-c%20a%3Db",
    );
    let pairs = options(
        r"host=db.example port=6432 user=app password='p\'\\ w' dbname=shop application_name=worker options='-c a=b'",
    );
    assert_eq!(url.config, pairs.config);
    assert_eq!(url.config.get_password(), Some(&b"p'\\ w"[..]));
    assert_eq!(url.config.get_options(), Some("-c a=b"));
}

#[test]
fn what_the_string_leaves_out_has_the_documented_default() {
    let config = options("host=h").config;
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(5)));
    assert_eq!(config.get_application_name(), Some("tracker"));
    assert_eq!(config.get_ssl_mode(), SslMode::Prefer);
    assert!(config.get_keepalives());
    assert_eq!(config.get_keepalives_idle(), Duration::from_hours(2));
    assert_eq!(config.get_tcp_user_timeout(), None);
}

#[test]
fn what_the_string_says_overrides_the_default() {
    let config = options(
        "host=h connect_timeout=30 application_name=worker keepalives=0 keepalives_count=4 tcp_user_timeout=1500",
    )
    .config;
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(30)));
    assert_eq!(config.get_application_name(), Some("worker"));
    assert!(!config.get_keepalives());
    assert_eq!(config.get_keepalives_retries(), Some(4));
    assert_eq!(
        config.get_tcp_user_timeout(),
        Some(&Duration::from_millis(1500))
    );
    let config = options("host=h connect_timeout=0 tcp_user_timeout=0").config;
    assert_eq!(config.get_connect_timeout(), None);
    assert_eq!(config.get_tcp_user_timeout(), None);
}

#[test]
fn an_impossible_value_is_a_typed_error_that_names_the_option() {
    for (name, value) in [
        ("port", "99999"),
        ("port", "x"),
        ("hostaddr", "localhost"),
        ("connect_timeout", "5s"),
        ("keepalives", "on"),
        ("keepalives_idle", "1.5"),
        ("tcp_user_timeout", "-1"),
        ("sslmode", "sometimes"),
        ("sslnegotiation", "later"),
        ("channel_binding", "no"),
        ("target_session_attrs", "replica"),
        ("load_balance_hosts", "1"),
        ("gssencmode", "require"),
        ("min_protocol_version", "3.2"),
        ("ssl", "yes"),
        ("sslaccept", "maybe"),
        ("sslsni", "on"),
        ("sslcertmode", "require"),
        ("ssl_min_protocol_version", "SSLv3"),
        ("ssl_max_protocol_version", "TLSv1.1"),
        ("connection_limit", "-1"),
        ("pool_timeout", "5s"),
    ] {
        let error = error(&format!("host=h {name}={value}"));
        assert!(
            matches!(error, Error::InvalidValue { option, .. } if option == name),
            "{name}: {error}"
        );
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_string_without_a_host_is_a_typed_error_that_says_what_to_add() {
    for text in [
        "",
        " \n",
        "user=app",
        "host=''",
        "host=a,,b",
        "postgres://",
        "postgres://app@/shop",
        "postgres://:5432/shop",
    ] {
        let error = error(text);
        assert_eq!(error, Error::MissingHost, "{text:?}");
        assert!(error.to_string().contains("host=localhost"), "{error}");
    }
}

#[test]
fn lists_of_different_lengths_are_refused_before_connecting() {
    assert_eq!(error("host=a,b,c port=1,2"), Error::UnequalLists);
    assert_eq!(error("host=a,b hostaddr=127.0.0.1"), Error::UnequalLists);
    assert_eq!(error("host=a port=1,2"), Error::UnequalLists);
    assert_eq!(options("host=a,b port=1").describe(), "a:1,b:1");
}

#[test]
fn an_address_alone_is_a_host_too() {
    let config = options("hostaddr=127.0.0.1").config;
    assert_eq!(config.get_hosts(), [Host::Tcp("127.0.0.1".to_owned())]);
}

#[test]
fn a_unix_socket_is_used_without_tls_whatever_sslmode_says() {
    let config = options("host=/run/postgresql sslmode=verify-full").config;
    assert_eq!(config.get_ssl_mode(), SslMode::Disable);
    let config = options("host=/run/postgresql,h sslmode=verify-full").config;
    assert_eq!(config.get_ssl_mode(), SslMode::Require);
}

#[test]
fn tls_from_the_first_byte_needs_a_mode_that_requires_tls() {
    for weak in ["disable", "prefer"] {
        let error = error(&format!("host=h sslnegotiation=direct sslmode={weak}"));
        assert!(matches!(error, Error::ConflictingTls { .. }), "{error}");
    }
    options("host=h sslnegotiation=direct sslmode=require");
}

#[test]
fn debug_output_tells_the_protection_and_none_of_the_text() {
    assert_eq!(
        format!(
            "{:?}",
            options("postgres://app:secret@db.example/shop?sslmode=verify-full")
        ),
        "ConnectionOptions { hosts: 1, sslmode: \"verify-full\", connect_timeout: Some(5s), .. }"
    );
}

#[test]
fn the_description_tells_where_and_as_whom() {
    for (text, description) in [
        (
            "postgres://app:secret@db.example/shop",
            "db.example:5432/shop as app",
        ),
        ("postgres://app@db.example", "db.example:5432/app as app"),
        ("host=h", "h:5432"),
        ("host=h dbname=shop", "h:5432/shop"),
        ("postgres://app@a:1,[::1]:2/shop", "a:1,[::1]:2/shop as app"),
        ("host=/run/pg user=app", "/run/pg:5432/app as app"),
        ("host=h user='a\nb'", "h:5432/a\\nb as a\\nb"),
    ] {
        assert_eq!(options(text).describe(), description);
    }
}

#[test]
fn the_sessions_that_are_wanted_are_the_drivers_nearest() {
    use tokio_postgres::config::TargetSessionAttrs::{Any, ReadOnly, ReadWrite};
    for (wanted, taken) in [
        ("any", Any),
        ("read-write", ReadWrite),
        ("primary", ReadWrite),
        ("read-only", ReadOnly),
        ("standby", ReadOnly),
        ("prefer-standby", Any),
    ] {
        let options = options(&format!("host=h target_session_attrs={wanted}"));
        assert_eq!(options.config.get_target_session_attrs(), taken, "{wanted}");
        assert_eq!(
            options.ignored().len(),
            usize::from(wanted == "prefer-standby")
        );
    }
}

#[test]
fn what_a_url_says_about_a_store_is_kept_for_it() {
    let of = |text| options(text).for_store().clone();
    assert_eq!(of("postgres://h"), super::StoreOptions::default());
    let store = of("postgres://h?connection_limit=1&pool_timeout=7&schema=public");
    assert_eq!(store.connections_max, Some(1));
    assert_eq!(store.pool_timeout, Some(Duration::from_secs(7)));
    assert_eq!(store.schema.as_deref(), Some("public"));
    let endless = of("postgres://h?pool_timeout=0");
    assert_eq!(endless.pool_timeout, Some(Duration::MAX));
}

#[test]
fn a_fallback_name_is_shown_where_no_other_is_given() {
    let name = |text| {
        options(text)
            .config
            .get_application_name()
            .map(str::to_owned)
    };
    let fallback = "host=h fallback_application_name=a";
    assert_eq!(name(fallback).as_deref(), Some("a"));
    assert_eq!(
        name(&format!("{fallback} application_name=b")).as_deref(),
        Some("b")
    );
}
