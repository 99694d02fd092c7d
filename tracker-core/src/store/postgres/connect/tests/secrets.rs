//! No password appears in any message, source or `Debug` output, neither from a well-formed string
//! nor from a mistyped one.

use std::error::Error;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::ConnectionOptions;

/// A password: the words that must not be seen, and the characters between them, most of which are
/// special in one of the two forms.
#[derive(Debug, Clone)]
struct Password {
    words: Vec<String>,
    text: String,
}

impl Password {
    fn percent_encoded(&self) -> String {
        self.text.bytes().fold(String::new(), |mut text, byte| {
            write!(text, "%{byte:02x}").expect("a String can be written to");
            text
        })
    }

    fn quoted(&self) -> String {
        format!("'{}'", self.text.replace('\\', r"\\").replace('\'', r"\'"))
    }

    fn shown_in(&self, text: &str) -> bool {
        self.words.iter().any(|word| text.contains(word))
    }
}

fn password() -> impl Strategy<Value = Password> {
    // No message has a word of three capitals and three digits.
    let word = "[A-Z]{3}[0-9]{3}";
    let separator = r#"[@:/?#%&=,;'"\\ +\[\]é\n]{1,3}"#;
    (
        "[@:/?#%&=' ]{0,1}",
        prop::collection::vec((word, separator), 1..4),
    )
        .prop_map(|(start, parts)| Password {
            text: parts
                .iter()
                .fold(start, |text, (word, rest)| text + word + rest),
            words: parts.into_iter().map(|(word, _)| word).collect(),
        })
}

/// Everything that the result of reading `text` shows to someone who doesn't ask for a description.
fn shown(text: &str) -> String {
    match ConnectionOptions::parse(text) {
        Ok(options) => format!("{options:?} {options:#?}"),
        Err(error) => {
            let mut shown = format!("{error} {error:?}");
            let mut source = error.source();
            while let Some(error) = source {
                write!(shown, " {error} {error:?}").expect("a String can be written to");
                source = error.source();
            }
            shown
        }
    }
}

proptest! {
    #[test]
    fn a_password_is_read_as_it_was_meant_and_not_described(password in password()) {
        for text in [
            format!("postgres://app:{}@h/shop", password.percent_encoded()),
            format!("postgres://app@h/shop?password={}", password.percent_encoded()),
            format!("host=h dbname=shop user=app password={}", password.quoted()),
        ] {
            let options = ConnectionOptions::parse(&text).unwrap();
            prop_assert_eq!(options.config.get_password(), Some(password.text.as_bytes()));
            prop_assert_eq!(options.describe(), "h:5432/shop as app");
            prop_assert!(!password.shown_in(&shown(&text)));
        }
    }

    #[test]
    fn a_password_that_was_not_encoded_shows_nowhere(password in password(), cut in 0_usize..80) {
        let raw = &password.text;
        for text in [
            format!("postgres://app:{raw}@h:5432/shop?sslmode=require"),
            format!("postgres://{raw}:app@h/shop"),
            format!("postgres://app@h/shop?password={raw}&sslmode=require"),
            format!("postgres://app@h/shop?sslmode={raw}"),
            format!("postgres://app@h/shop?{raw}=x"),
            format!("postgres://app:x@h:{raw}/shop"),
            format!("postgresql:/app:{raw}@h/shop"),
            format!("mysql://app:{raw}@h/shop?a=b"),
            format!("host=h password={raw} user=app"),
            format!("host=h password='{raw}' user=app"),
            format!("host=h user=app password {raw}"),
            format!("host=h sslmode={raw}"),
            format!("host=h port={raw}"),
            format!("host=h connect_timeout='{raw}'"),
            format!("host=h {raw}=password"),
            raw.clone(),
        ] {
            let whole = shown(&text);
            prop_assert!(!password.shown_in(&whole), "{} shows {}", text, whole);
            let start: String = text.chars().take(cut).collect();
            let part = shown(&start);
            prop_assert!(!password.shown_in(&part), "{} shows {}", start, part);
        }
    }

    #[test]
    fn a_url_with_a_raw_password_is_refused_or_describes_none_of_it(password in password()) {
        let text = format!("postgres://app:{}@h:5432/shop?sslmode=require", password.text);
        if let Ok(options) = ConnectionOptions::parse(&text) {
            prop_assert!(!password.shown_in(&options.describe()), "{}", options.describe());
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        text in any::<String>(),
        escapes in "(%[0-9a-fA-Fg]{0,2}|[@:/?&=]){0,40}",
        pairs in r"([a-z]{0,3}|host|port)[ =]{0,3}'?[^']{0,5}\\?'?",
    ) {
        for prefix in ["", "postgres://", "postgres://h?", "host=h password="] {
            for text in [&text, &escapes, &pairs] {
                let _ = shown(&format!("{prefix}{text}"));
            }
        }
    }
}

#[test]
fn a_megabyte_is_refused_and_not_repeated() {
    let megabyte = "x".repeat(1024 * 1024);
    for text in [
        megabyte.clone(),
        format!("postgres://app:{megabyte}@h/shop"),
        format!("host=h password='{megabyte}"),
    ] {
        assert!(shown(&text).len() < 400);
    }
}
