//! Parses a connection string that is a URL.

use percent_encoding::percent_decode_str;

use super::{ConnectionStringError, gathered::Gathered};

/// Parses `[user[:password]@][host[:port][,…]][/dbname][?key=value[&…]]`, every part
/// percent-encoded.
pub(super) fn parse(text: &str, gathered: &mut Gathered) -> Result<(), ConnectionStringError> {
    let rest = if let Some((credentials, rest)) = text.split_once('@') {
        if credentials.contains(['/', '?']) || rest.contains('@') {
            return Err(ConnectionStringError::UnescapedCharacter);
        }
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        set(gathered, "user", decoded(user)?);
        set(gathered, "password", decoded(password)?);
        rest
    } else {
        // Without an `@`, any part may belong to a password that ends the text or has an unencoded
        // character.
        gathered.in_doubt = true;
        text
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (hosts, dbname) = rest.split_once('/').unwrap_or((rest, ""));
    set(gathered, "dbname", decoded(dbname)?);

    let hosts = hosts
        .split(',')
        .map(host_and_port)
        .collect::<Result<Vec<_>, _>>()?;
    let (hosts, ports): (Vec<_>, Vec<_>) = hosts.into_iter().unzip();
    set(gathered, "host", decoded(&hosts.join(","))?);
    set(gathered, "port", decoded(&ports.join(","))?);

    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair
            .split_once('=')
            .ok_or(ConnectionStringError::MissingEquals)?;
        gathered.insert(&decoded(name)?, decoded(value)?)?;
    }
    Ok(())
}

/// Sets an option. An empty part leaves the option open, unlike an empty value in the query.
fn set(gathered: &mut Gathered, option: &'static str, value: String) {
    if !value.is_empty() {
        gathered.parameters.insert(option, value);
    }
}

/// Splits `host`, `host:port`, `[IPv6]` or `[IPv6]:port`.
fn host_and_port(text: &str) -> Result<(&str, &str), ConnectionStringError> {
    let Some(bracketed) = text.strip_prefix('[') else {
        return Ok(text.split_once(':').unwrap_or((text, "")));
    };
    match bracketed.split_once(']') {
        Some((host, "")) => Ok((host, "")),
        Some((host, port)) if port.starts_with(':') => Ok((host, &port[1..])),
        _ => Err(ConnectionStringError::InvalidValue {
            option: "host",
            expected: "a host name or an address, an IPv6 address of a URL in brackets",
        }),
    }
}

fn decoded(text: &str) -> Result<String, ConnectionStringError> {
    // The decoder keeps an invalid escape as it is; libpq refuses it.
    let mut escapes = text.split('%').skip(1).map(str::as_bytes);
    if !escapes.all(|escape| escape.len() >= 2 && escape[..2].iter().all(u8::is_ascii_hexdigit)) {
        return Err(ConnectionStringError::InvalidEscape);
    }
    percent_decode_str(text)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| ConnectionStringError::NotUtf8)
}
