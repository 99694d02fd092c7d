use super::{ConnectionStringError as Error, Environment, LENGTH_MAX, Parameters};

mod beside;

fn parse(text: &str) -> Result<Parameters, Error> {
    super::parse(text, &Environment::none()).map(|parsed| parsed.parameters)
}

fn ignored(text: &str) -> Vec<&'static str> {
    let parsed = super::parse(text, &Environment::none()).unwrap();
    parsed
        .ignored
        .iter()
        .map(|ignored| ignored.option)
        .collect()
}

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
    // The driver's name for the option.
    let error = parse("keepalives_retries=4").unwrap_err();
    assert_eq!(error, unknown("keepalives_retries"));
    let known = Error::UnknownOption { name: None }.to_string();
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
        ("host=h passwrod=x", unknown("passwrod")),
        ("host=h password=a b", Error::MissingEquals),
        ("host=h password=a b c=d", Error::MissingEquals),
        ("host=h password='a", Error::UnterminatedQuote),
        ("host=h password='a\\'", Error::UnterminatedQuote),
        ("gopher://u:p@h/db", Error::UnknownScheme),
        ("gopher://u:p@h/db?a=b", Error::UnknownScheme),
        ("localhost", Error::MissingEquals),
        ("host=h sslcrl=x", unsupported("sslcrl")),
        ("postgres://h?sslidentity=x", unsupported("sslidentity")),
        (
            "postgres://h?require_auth=scram-sha-256",
            unsupported("require_auth"),
        ),
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

fn unknown(name: &str) -> Error {
    Error::UnknownOption {
        name: Some(name.to_owned()),
    }
}

#[test]
fn an_unknown_option_is_named_unless_it_may_be_a_part_of_a_password() {
    let hidden = || Error::UnknownOption { name: None };
    for (text, error) in [
        ("postgres://u:p@h/db?poolsize=5", unknown("poolsize")),
        (
            "postgres://u@h/db?sslmode=require&pool-size=5",
            unknown("pool-size"),
        ),
        ("host=h poolSize=5 password=x", unknown("poolSize")),
        ("postgres://u@h/db?password=a&b=c", hidden()),
        ("postgres://u:p@h/db?password=a&b=c", hidden()),
        ("host=h sslpassword=a b=c", hidden()),
        // Without an `@`, the apparent host and query may all be credentials.
        ("postgres://user:pass?word=x", hidden()),
        ("postgres://u:p@h/db?p%20w=x", hidden()),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
    assert!(unknown("poolsize").to_string().contains("`poolsize`"));
}

#[test]
fn a_url_is_read_with_the_blanks_and_quotes_around_it() {
    let expected = parse("postgres://u:p@h:1/db?sslmode=require").unwrap();
    for text in [
        " postgres://u:p@h:1/db?sslmode=require\r\n",
        "\"postgres://u:p@h:1/db?sslmode=require\"",
        "'postgres://u:p@h:1/db?sslmode=require'\n",
        "\" postgres://u:p@h:1/db?sslmode=require \"",
    ] {
        assert_eq!(parse(text).as_ref(), Ok(&expected), "{text:?}");
    }
    // The blank at the end is a part of the password.
    assert_eq!(parse(r"host=h password=a\ ").unwrap()["password"], "a ");
}

#[test]
fn a_url_of_another_client_or_database_is_named_with_what_to_write() {
    for (text, scheme) in [
        ("postgresql+asyncpg://u:p@h/db", "postgresql+asyncpg://"),
        ("postgresql+psycopg://u:p@h/db", "postgresql+psycopg://"),
        ("postgresql+psycopg2://u:p@h/db", "postgresql+psycopg2://"),
        ("jdbc:postgresql://h/db?user=u", "jdbc:postgresql:"),
        ("cockroachdb://u@h/db", "cockroachdb://"),
        (
            "prisma+postgres://accelerate.example/?api_key=k",
            "prisma+postgres://",
        ),
        ("psql 'postgres://u:p@h/db'", "psql"),
    ] {
        match parse(text) {
            Err(error @ Error::OtherScheme { scheme: named, .. }) => {
                assert_eq!(named, scheme);
                assert!(error.to_string().contains(scheme), "{error}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(parse("gopher://u:p@h/db"), Err(Error::UnknownScheme));
}

#[test]
fn options_of_other_clients_are_taken_or_ignored_by_name() {
    let text = "postgres://u@h/db?pgbouncer=true&statement_cache_size=0&uselibpqcompat=true&connection_limit=1\
                &ssl-mode=require&statement-cache-capacity=0&client_encoding=UTF8";
    assert_eq!(
        parse(text),
        Ok(parameters([
            ("user", "u"),
            ("host", "h"),
            ("dbname", "db"),
            ("connection_limit", "1"),
            ("sslmode", "require"),
        ]))
    );
    assert_eq!(
        ignored(text),
        [
            "pgbouncer",
            "statement_cache_size",
            "uselibpqcompat",
            "statement-cache-capacity",
            "client_encoding"
        ]
    );
}
