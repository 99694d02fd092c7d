//! A service: a named section of options in a file.
//!
//! ```text
//! [billing]
//! host=db.example
//! dbname=shop
//! ```

use std::path::{Path, PathBuf};

use super::{ConnectionStringError, environment::Environment, files, gathered::Gathered};

const USERS_FILE: &str = ".pg_service.conf";
const SYSTEMS_FILE: &str = "pg_service.conf";

/// Sets options that the string leaves open from the service that it or `PGSERVICE` names, if any.
pub(super) fn fill(
    gathered: &mut Gathered,
    environment: &Environment,
) -> Result<(), ConnectionStringError> {
    let named = gathered.parameters.remove("service");
    let file = gathered.parameters.remove("servicefile");
    let service = named.or_else(|| environment.variable("PGSERVICE").map(str::to_owned));
    let Some(service) = service.filter(|service| !service.is_empty()) else {
        return Ok(());
    };
    for file in candidates(file.as_deref(), environment) {
        let Some(text) = files::read_if_there(&file, "service")? else {
            continue;
        };
        if fill_from(&text, &service, gathered)? {
            return Ok(());
        }
    }
    Err(ConnectionStringError::UnknownService)
}

/// Returns the files to look in: the user's, then the system's.
fn candidates(named: Option<&str>, environment: &Environment) -> Vec<PathBuf> {
    let users = named
        .or_else(|| environment.variable("PGSERVICEFILE"))
        .map(PathBuf::from)
        .or_else(|| environment.in_home(USERS_FILE));
    let systems = environment
        .variable("PGSYSCONFDIR")
        .map(|directory| Path::new(directory).join(SYSTEMS_FILE));
    users.into_iter().chain(systems).collect()
}

/// Sets the service's options; returns whether the file has the service. Unlike in a string, an
/// option given twice has the first value.
fn fill_from(
    text: &str,
    service: &str,
    gathered: &mut Gathered,
) -> Result<bool, ConnectionStringError> {
    let mut found = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found {
                break;
            }
            found = header.strip_suffix(']') == Some(service);
        } else if found {
            let invalid = ConnectionStringError::InvalidServiceLine { line: number };
            let Some((name, value)) = line.split_once('=') else {
                return Err(invalid);
            };
            if matches!(name, "service" | "servicefile") {
                return Err(invalid);
            }
            gathered
                .fill(name, value.to_owned())
                .map_err(|error| match error {
                    ConnectionStringError::UnknownOption { .. } => invalid,
                    error => error,
                })?;
        }
    }
    Ok(found)
}
