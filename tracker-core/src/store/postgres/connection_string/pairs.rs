//! Parses a connection string of `key = value` pairs. A value may be in single quotes, and a
//! backslash escapes the character after it.

use super::{ConnectionStringError, gathered::Gathered};

pub(super) fn parse(text: &str, gathered: &mut Gathered) -> Result<(), ConnectionStringError> {
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let name_end = rest
            .find(|c: char| c == '=' || c.is_ascii_whitespace())
            .ok_or_else(|| without_equals(rest))?;
        let (name, after_name) = rest.split_at(name_end);
        let value = after_name
            .trim_ascii_start()
            .strip_prefix('=')
            .ok_or_else(|| without_equals(name))?;
        if name.contains("://") {
            return Err(ConnectionStringError::UnknownScheme);
        }
        let (value, after_value) = value_and_rest(value.trim_ascii_start())?;
        gathered.insert(name, value)?;
        rest = after_value.trim_ascii_start();
    }
    Ok(())
}

fn without_equals(word: &str) -> ConnectionStringError {
    if word.contains("://") {
        ConnectionStringError::UnknownScheme
    } else {
        ConnectionStringError::MissingEquals
    }
}

/// Splits `text` into the value at its start, unquoted and unescaped, and the rest.
fn value_and_rest(text: &str) -> Result<(String, &str), ConnectionStringError> {
    let (text, quoted) = match text.strip_prefix('\'') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        let rest = characters.as_str();
        match characters.next() {
            Some('\'') if quoted => return Ok((value, characters.as_str())),
            Some(c) if !quoted && c.is_ascii_whitespace() => return Ok((value, rest)),
            Some('\\') => value.extend(characters.next()),
            Some(c) => value.push(c),
            None if quoted => return Err(ConnectionStringError::UnterminatedQuote),
            None => return Ok((value, rest)),
        }
    }
}
