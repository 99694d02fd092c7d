//! The password file: lines of `host:port:database:user:password`, of which `*` stands for any, and a backslash takes
//! the special meaning from a colon or a backslash.

use std::{fs, path::Path, path::PathBuf};

use super::{
    environment::Environment,
    error::ConnectionStringError,
    files,
    gathered::{Gathered, Parameters},
};

const USERS_FILE: &str = if cfg!(windows) {
    r"AppData\Roaming\postgresql\pgpass.conf"
} else {
    ".pgpass"
};

const PORT_DEFAULT: &str = "5432";

/// The directories of sockets that libpq is built with: Debian's and the project's own. Lines for `localhost` are for these.
const SOCKET_DIRECTORIES: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Sets the password, where nothing else has, from the file that `passfile` names, else from the user's.
pub(super) fn fill(
    gathered: &mut Gathered,
    environment: &Environment,
) -> Result<(), ConnectionStringError> {
    let named = gathered.parameters.remove("passfile").map(PathBuf::from);
    let given = gathered.parameters.get("password");
    let Some(file) = named.or_else(|| environment.in_home(USERS_FILE)) else {
        return Ok(());
    };
    // Empty is as good as none, as for libpq.
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

/// Why the file is not read, as libpq does not either: others could have read it, or it may have no end.
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

/// Each host with its port, as the file knows them.
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

/// The fields of a line, and whether a backslash was among their text. The fifth goes on to the next colon or the end.
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
