use super::{ConnectionStringError as Error, LENGTH_MAX, Parameters, parse};

fn parameters<const N: usize>(pairs: [(&'static str, &str); N]) -> Parameters {
    pairs
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

#[test]
fn a_url_is_taken_apart_into_its_options() {
    assert_eq!(
        parse(
            "postgresql://app%40eu:p%2Fw%25:x@db.example:6432/my%20db?connect_timeout=3&options=-c%20a=b&"
        ),
        Ok(parameters([
            ("user", "app@eu"),
            ("password", "p/w%:x"),
            ("host", "db.example"),
            ("port", "6432"),
            ("dbname", "my db"),
            ("connect_timeout", "3"),
            ("options", "-c a=b"),
        ]))
    );
}

#[test]
fn a_url_can_name_several_hosts_an_ipv6_address_and_a_socket_directory() {
    assert_eq!(
        parse("postgres://a:1,[::1]:2,%2Frun%2Fpg/"),
        Ok(parameters([("host", "a,::1,/run/pg"), ("port", "1,2,")]))
    );
    assert_eq!(
        parse("postgres:///db?host=/run/pg"),
        Ok(parameters([("host", "/run/pg"), ("dbname", "db")]))
    );
}

#[test]
fn pairs_may_be_spaced_quoted_and_escaped() {
    assert_eq!(
        parse(" host = h\tuser='o\\'brien \\\\' password=a\\ b\\'c\n port=1"),
        Ok(parameters([
            ("host", "h"),
            ("user", "o'brien \\"),
            ("password", "a b'c"),
            ("port", "1"),
        ]))
    );
}

#[test]
fn the_last_of_repeated_options_wins_and_an_empty_value_unsets() {
    assert_eq!(
        parse("host=a user=x host=b user=''"),
        Ok(parameters([("host", "b")]))
    );
    assert_eq!(
        parse("postgres://x@a:1/db?host=b&user="),
        Ok(parameters([("host", "b"), ("port", "1"), ("dbname", "db")]))
    );
    assert_eq!(parse("host=a user="), Ok(parameters([("host", "a")])));
}

#[test]
fn options_are_known_by_libpqs_names_alone() {
    assert_eq!(
        parse("keepalives_count=4"),
        Ok(parameters([("keepalives_count", "4")]))
    );
    // The driver's name.
    assert_eq!(parse("keepalives_retries=4"), Err(Error::UnknownOption));
    let known = Error::UnknownOption.to_string();
    assert!(known.contains("keepalives_count") && !known.contains("keepalives_retries"));
}

#[test]
fn what_is_malformed_is_refused_with_the_reason() {
    let unsupported = |option| Error::UnsupportedOption { option };
    for (text, error) in [
        ("postgres://u:p@w@h/db", Error::UnescapedCharacter),
        ("postgres://u:p/w@h/db", Error::UnescapedCharacter),
        ("postgres://u:p?w@h/db", Error::UnescapedCharacter),
        ("postgres://h/db?user=a@b", Error::UnescapedCharacter),
        ("postgres://u:100%@h/db", Error::InvalidEscape),
        ("postgres://u:%4@h/db", Error::InvalidEscape),
        ("postgres://u:%é@h/db", Error::InvalidEscape),
        ("postgres://u:%+1@h/db", Error::InvalidEscape),
        ("postgres://u:%ff@h/db", Error::NotUtf8),
        ("postgres://u:%00@h/db", Error::Nul),
        ("host=h password=a\0b", Error::Nul),
        ("postgres://h/db?sslmode", Error::MissingEquals),
        ("postgres://h/db?ssl=true", Error::UnknownOption),
        ("host=h passwrod=x", Error::UnknownOption),
        ("host=h password=a b", Error::MissingEquals),
        ("host=h password=a b c=d", Error::MissingEquals),
        ("host=h password='a", Error::UnterminatedQuote),
        ("host=h password='a\\'", Error::UnterminatedQuote),
        ("mysql://u:p@h/db", Error::UnknownScheme),
        ("mysql://u:p@h/db?a=b", Error::UnknownScheme),
        ("localhost", Error::MissingEquals),
        ("host=h sslcrl=x", unsupported("sslcrl")),
        ("postgres://h?passfile=x", unsupported("passfile")),
    ] {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
    assert!(matches!(
        parse("postgres://[::1/db"),
        Err(Error::InvalidValue { option: "host", .. })
    ));
}

#[test]
fn a_string_longer_than_the_limit_is_refused_unread() {
    let longest = format!("password={}", "x".repeat(LENGTH_MAX - "password=".len()));
    assert!(parse(&longest).is_ok());
    assert_eq!(
        parse(&format!("{longest}x")),
        Err(Error::TooLong {
            bytes: LENGTH_MAX + 1,
            limit: LENGTH_MAX
        })
    );
}
