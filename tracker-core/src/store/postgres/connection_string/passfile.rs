//! The password file: lines of `host:port:database:user:password`. A `*` matches any value of the
//! first four fields, and a backslash escapes a colon or a backslash.

use std::{fs, path::Path, path::PathBuf};

use super::{
    ConnectionStringError,
    environment::Environment,
    files,
    gathered::{Gathered, Parameters},
};

const USERS_FILE: &str = if cfg!(windows) {
    r"AppData\Roaming\postgresql\pgpass.conf"
} else {
    ".pgpass"
};

const PORT_DEFAULT: &str = "5432";

/// The socket directories of Debian's libpq and of Postgres's own. Lines for `localhost` apply to
/// them.
const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Sets the password, unless it is set, from the file that `passfile` names, else from the user's.
pub(super) fn fill(
    gathered: &mut Gathered,
    environment: &Environment,
) -> Result<(), ConnectionStringError> {
    let named = gathered.parameters.remove("passfile").map(PathBuf::from);
    let given = gathered.parameters.get("password");
    let Some(file) = named.or_else(|| environment.in_home(USERS_FILE)) else {
        return Ok(());
    };
    // An empty password counts as none, as in libpq.
    if given.is_some_and(|password| !password.is_empty()) || !file.exists() {
        return Ok(());
    }
    if let Some(because) = distrusted(&file) {
        gathered.ignore("passfile", because);
        return Ok(());
    }
    let Some(text) = files::read_if_there(&file, "passfile")? else {
        return Ok(());
    };
    let mut passwords = Vec::new();
    for [host, port] in hosts(&gathered.parameters) {
        passwords.push(password(
            &text,
            &gathered.parameters,
            environment,
            host,
            port,
        ));
    }
    passwords.dedup();
    match passwords.as_slice() {
        [Some(password)] => {
            gathered.parameters.insert("password", password.clone());
            Ok(())
        }
        [None] | [] => Ok(()),
        _ => Err(ConnectionStringError::SeveralPasswords),
    }
}

/// Returns the reason not to read the file, by libpq's rules: others may have access to it, or it
/// is no plain file, and so may have no end.
fn distrusted(file: &Path) -> Option<&'static str> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() {
        return Some("the password file is no plain file");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Some("others than its owner may read or write the password file: chmod 0600");
        }
    }
    None
}

/// Returns each host with its port, by the names that the file uses.
fn hosts(parameters: &Parameters) -> Vec<[&str; 2]> {
    let list = |option| parameters.get(option).map_or("", String::as_str);
    let hosts = if list("host").is_empty() {
        list("hostaddr")
    } else {
        list("host")
    };
    let ports: Vec<&str> = list("port").split(',').collect();
    let known = |host| {
        if SOCKET_DIRECTORIES.contains(&host) {
            "localhost"
        } else {
            host
        }
    };
    hosts
        .split(',')
        .enumerate()
        .map(|(index, host)| {
            let port = ports
                .get(index)
                .or(ports.first())
                .copied()
                .unwrap_or_default();
            [
                known(host),
                if port.is_empty() { PORT_DEFAULT } else { port },
            ]
        })
        .collect()
}

fn password(
    text: &str,
    parameters: &Parameters,
    environment: &Environment,
    host: &str,
    port: &str,
) -> Option<String> {
    let given = |option| {
        parameters
            .get(option)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    };
    let user = given("user").or_else(|| environment.user())?;
    let wanted = [host, port, given("dbname").unwrap_or(user), user];
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let mut fields = fields(line).into_iter();
            let fits = wanted.iter().all(|wanted| {
                fields.next().is_some_and(|(field, is_literal)| {
                    field == *wanted || (field == "*" && !is_literal)
                })
            });
            fits.then(|| fields.next())?.map(|(password, _)| password)
        })
}

/// Splits a line into its fields; the flag is true if a field had a backslash. The fifth field ends
/// at the next colon.
fn fields(line: &str) -> Vec<(String, bool)> {
    let mut fields = vec![(String::new(), false)];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == ':' {
            fields.push((String::new(), false));
        } else if let Some((field, escaped)) = fields.last_mut() {
            *escaped |= character == '\\';
            field.extend(if character == '\\' {
                characters.next()
            } else {
                Some(character)
            });
        }
    }
    fields
}
