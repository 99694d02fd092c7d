//! Passwords are kept out of the output.

/// The replacement of a password.
const HIDDEN: &str = "***";

/// The characters that end a URL in a text.
fn ends_url(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "'\"`<>".contains(letter)
}

/// Returns the text with the password of each URL replaced, after the user and as a parameter.
pub(crate) fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(scheme) = rest.find("://") {
        let (before, url) = rest.split_at(scheme + 3);
        let (url, behind) = url.split_at(url.find(ends_url).unwrap_or(url.len()));
        shown += before;
        let is_nats = ["nats://", "tls://"]
            .iter()
            .any(|scheme| before.ends_with(scheme));
        shown += &without_parameter(&without_user_password(url, is_nats));
        rest = behind;
    }
    shown + rest
}

/// Returns `user:password@host/…` without the password. The password may contain an `@` or a `/`
/// that should have been encoded. For NATS, `token@host` is a password too.
fn without_user_password(url: &str, is_nats: bool) -> String {
    let Some((login, host)) = url.rsplit_once('@') else {
        return url.to_owned();
    };
    match login.split_once(':') {
        Some((user, _)) => format!("{user}:{HIDDEN}@{host}"),
        None if is_nats => format!("{HIDDEN}@{host}"),
        None => url.to_owned(),
    }
}

fn without_parameter(url: &str) -> String {
    let Some((address, parameters)) = url.split_once('?') else {
        return url.to_owned();
    };
    let parameters = parameters
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("password") => {
                format!("{name}={HIDDEN}")
            }
            _ => parameter.to_owned(),
        });
    format!("{address}?{}", parameters.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hidden_wherever_a_url_has_it() {
        for (text, shown) in [
            ("no URL: a@b", "no URL: a@b"),
            ("postgres://u:secret@h:1/db", "postgres://u:***@h:1/db"),
            (
                "'postgres://u:sec@ret/@h' and more",
                "'postgres://u:***@h' and more",
            ),
            (
                "postgres://u@h/db?sslmode=require&password=secret",
                "postgres://u@h/db?sslmode=require&password=***",
            ),
            (
                "a://u:x@h b://u@h c://v:y@i",
                "a://u:***@h b://u@h c://v:***@i",
            ),
            ("nats://u:secret@a,b", "nats://u:***@a,b"),
            ("nats://secret@a", "nats://***@a"),
            (
                "sqlite:///var/lib/tracker.db",
                "sqlite:///var/lib/tracker.db",
            ),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
