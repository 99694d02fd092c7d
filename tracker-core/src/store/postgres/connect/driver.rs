//! Makes the driver's configuration from a connection string's options.

use std::{borrow::Cow, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, SslNegotiation},
};

use super::super::connection_string::{ConnectionStringError, Ignored, Parameters};

/// The default time limit for one address of the server to accept the connection.
const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// The default name of the connection in the server's `pg_stat_activity` and logs.
const APPLICATION_NAME_DEFAULT: &str = "tracker";

/// Makes the configuration; takes options that the driver does not have out of `parameters`.
pub(super) fn configuration(
    mut parameters: Parameters,
    ignored: &mut Vec<Ignored>,
) -> Result<Config, ConnectionStringError> {
    refuse_what_is_not_spoken(&mut parameters)?;
    // Read here because the driver would take it for seconds; libpq has milliseconds.
    let tcp_user_timeout = parameters
        .remove("tcp_user_timeout")
        .map(|text| {
            text.parse::<u32>()
                .map_err(|_| invalid_value("tcp_user_timeout"))
        })
        .transpose()?;
    if let Some(wanted) = parameters.get_mut("target_session_attrs") {
        *wanted = target_session_attrs(wanted, ignored).into_owned();
    }
    let fallback_name = parameters.remove("fallback_application_name");
    parameters
        .entry("application_name")
        .or_insert_with(|| fallback_name.unwrap_or_else(|| APPLICATION_NAME_DEFAULT.to_owned()));
    parameters
        .entry("connect_timeout")
        .or_insert_with(|| CONNECT_TIMEOUT_DEFAULT.as_secs().to_string());
    if let Some(address) = parameters.get("hostaddr") {
        // The driver wants a name for TLS. Without one, the certificate has to be for the address.
        let address = address.clone();
        parameters.entry("host").or_insert(address);
    }
    let mut config = read_by_driver(&parameters)?;
    if let Some(milliseconds) = tcp_user_timeout.filter(|milliseconds| *milliseconds > 0) {
        config.tcp_user_timeout(Duration::from_millis(milliseconds.into()));
    }
    check_hosts(&config)?;
    Ok(config)
}

pub(super) fn is_direct(config: &Config) -> bool {
    config.get_ssl_negotiation() == SslNegotiation::Direct
}

pub(super) fn is_socket(host: &Host) -> bool {
    !matches!(host, Host::Tcp(_))
}

fn refuse_what_is_not_spoken(parameters: &mut Parameters) -> Result<(), ConnectionStringError> {
    let spoken: [(_, &[&str]); 2] = [
        ("gssencmode", &["disable", "prefer"]),
        ("min_protocol_version", &["3.0"]),
    ];
    for (option, values) in spoken {
        match parameters.remove(option) {
            Some(value) if !values.contains(&&*value) => return Err(invalid_value(option)),
            _ => {}
        }
    }
    Ok(())
}

/// Returns the driver's nearest value of `target_session_attrs`.
fn target_session_attrs<'a>(wanted: &'a str, ignored: &mut Vec<Ignored>) -> Cow<'a, str> {
    match wanted {
        // The store needs a host that it can write to, and a standby's sessions can only read.
        "primary" => "read-write".into(),
        "standby" => "read-only".into(),
        "prefer-standby" => {
            ignored.push(Ignored {
                option: "target_session_attrs",
                because: "hosts are tried in the order given, standbys and others alike",
            });
            "any".into()
        }
        other => other.into(),
    }
}

/// Has the driver read the options as quoted pairs, the one form that can't be misread.
fn read_by_driver(parameters: &Parameters) -> Result<Config, ConnectionStringError> {
    let mut pairs = String::new();
    for (&name, value) in parameters {
        let value = value.replace('\\', r"\\").replace('\'', r"\'");
        let pair = format!("{}='{value}' ", driver_name(name));
        // Each pair is read on its own first, to learn the option at fault. The driver's error is
        // not kept as a source because it can repeat the text it was given.
        pair.parse::<Config>().map_err(|_| invalid_value(name))?;
        pairs += &pair;
    }
    // This can't fail: every pair has been read on its own.
    pairs
        .parse()
        .map_err(|_| ConnectionStringError::UnknownOption { name: None })
}

/// Returns the driver's name of an option, which is libpq's name with one exception.
fn driver_name(option: &'static str) -> &'static str {
    match option {
        "keepalives_count" => "keepalives_retries",
        same => same,
    }
}

fn invalid_value(option: &'static str) -> ConnectionStringError {
    let expected = match option {
        "port" => {
            "port numbers up to 65535, separated by commas (in a URL, write a `:` of a password as %3A)"
        }
        "hostaddr" => "IP addresses, separated by commas",
        "keepalives" => "0 or 1",
        "sslnegotiation" => "postgres or direct",
        "channel_binding" => "disable, prefer or require",
        "target_session_attrs" => "any, read-write, read-only, primary, standby or prefer-standby",
        "load_balance_hosts" => "disable or random",
        "gssencmode" => "disable or prefer: GSSAPI is not spoken",
        "min_protocol_version" => "3.0: no later version of the protocol is spoken",
        _ => "a whole number",
    };
    ConnectionStringError::InvalidValue { option, expected }
}

/// Refuses hosts, addresses and ports that the driver would refuse at every attempt to connect.
fn check_hosts(config: &Config) -> Result<(), ConnectionStringError> {
    let hosts = config.get_hosts();
    let named = |host: &Host| !matches!(host, Host::Tcp(name) if name.is_empty());
    if hosts.is_empty() || !hosts.iter().all(named) {
        return Err(ConnectionStringError::MissingHost);
    }
    let (addresses, ports) = (config.get_hostaddrs().len(), config.get_ports().len());
    if (addresses > 0 && addresses != hosts.len()) || (ports > 1 && ports != hosts.len()) {
        return Err(ConnectionStringError::UnequalLists);
    }
    Ok(())
}
