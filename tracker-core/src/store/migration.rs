//! Migrations, and the history in which a database records those it has applied: [`Migration`].
//!
//! The history is the table `tracker_schema_history`, in refinery's format. It has the number and
//! the name of each migration, the time when it was applied, and a checksum of its content.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use siphasher::sip::SipHasher13;
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::BoxError;

/// Reads the whole history, the first migration first.
pub(super) const HISTORY: &str =
    "SELECT version, name, applied_on, checksum FROM tracker_schema_history ORDER BY version";

/// Describes a complete history whose table is missing. The schema, if there is one, is as in a
/// statement, followed by a dot.
pub(super) fn undone(schema: &str) -> String {
    format!(
        "the history in {schema}tracker_schema_history says that all is applied, but there is no table {schema}project_actions: \
         restore it from a backup, or drop {schema}tracker_schema_history and migrate again"
    )
}

/// One file of `migrations/`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Migration {
    pub(super) version: i32,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// Makes an array of the files `V{version}__{name}.sql` of a folder in `migrations/`.
macro_rules! migrations {
    ($folder:literal, $($version:literal $name:literal),* $(,)?) => {
        [$($crate::store::migration::Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/migrations/", $folder, "/V", $version, "__", $name, ".sql"
            )),
        }),*]
    };
}
pub(super) use migrations;

/// Writes the file's name without its extension.
impl fmt::Display for Migration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}__{}", self.version, self.name)
    }
}

impl Migration {
    /// Returns the checksum that the history records. It reveals a later change of the migration.
    fn checksum(&self) -> u64 {
        let mut hasher = SipHasher13::new();
        self.name.hash(&mut hasher);
        self.version.hash(&mut hasher);
        self.sql.hash(&mut hasher);
        hasher.finish()
    }

    /// Returns the statement that records the migration in the history, as applied now.
    pub(super) fn note(&self) -> Result<String, MigrationError> {
        let now = OffsetDateTime::now_utc().format(&Rfc3339);
        let now = now.map_err(|error| MigrationError::new("telling the time", error))?;
        Ok(format!(
            "INSERT INTO tracker_schema_history (version, name, applied_on, checksum) \
             VALUES ({}, '{}', '{now}', '{}')",
            self.version,
            self.name,
            self.checksum()
        ))
    }
}

/// A row of the history.
#[derive(Debug)]
pub(super) struct Applied {
    version: i32,
    /// The name and the checksum; `None` if the row can't be read.
    noted: Option<(String, u64)>,
}

impl Applied {
    /// Reads the columns of [`HISTORY`].
    pub(super) fn read(
        version: i32,
        name: Option<String>,
        applied_on: Option<&str>,
        checksum: Option<&str>,
    ) -> Self {
        let has_time = applied_on.is_some_and(|text| OffsetDateTime::parse(text, &Rfc3339).is_ok());
        let checksum = checksum.and_then(|text| text.parse().ok());
        Self {
            version,
            noted: name.zip(checksum).filter(|_| has_time),
        }
    }
}

/// Returns the known migrations that a database with this history lacks, in their order.
///
/// A history that is ahead is no error. During an upgrade, a process of the older version may start
/// after one of the newer version.
pub(super) fn missing<'a>(
    known: &'a [Migration],
    history: &[Applied],
) -> Result<impl Iterator<Item = &'a Migration> + use<'a>, HistoryError> {
    for Applied { version, noted } in history {
        let version = *version;
        let (name, checksum) = noted.as_ref().ok_or(HistoryError::Unreadable { version })?;
        let same = known.iter().find(|known| known.version == version);
        if same.is_some_and(|known| known.name != name || known.checksum() != *checksum) {
            let name = name.clone();
            return Err(HistoryError::Changed { version, name });
        }
    }
    let last = history.iter().map(|applied| applied.version).max();
    let missing = known.iter();
    Ok(missing.filter(move |known| last.is_none_or(|last| known.version > last)))
}

/// A reason that migrating can't continue from a history.
#[derive(Debug, Error)]
pub(super) enum HistoryError {
    #[error(
        "the history of migrations has a row for version {version} that can't be read: restore or delete it"
    )]
    Unreadable { version: i32 },
    #[error(
        "the migration V{version}__{name} that was applied is not the one of this version: use the version that applied it, or a later one"
    )]
    Changed { version: i32, name: String },
}

/// A failed step of a migration; the source is the error of the database or its client.
#[derive(Debug, Error)]
#[error("{step} failed")]
pub(super) struct MigrationError {
    step: String,
    source: BoxError,
}

impl MigrationError {
    pub(super) fn new(step: impl fmt::Display, source: impl Into<BoxError>) -> Self {
        Self {
            step: step.to_string(),
            source: source.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Migration; 2] = [
        Migration {
            version: 1,
            name: "first",
            sql: "SELECT 1",
        },
        Migration {
            version: 2,
            name: "second",
            sql: "SELECT 2",
        },
    ];

    fn applied(migration: &Migration) -> Applied {
        let checksum = migration.checksum().to_string();
        let name = Some(migration.name.to_owned());
        let time = Some("2026-11-27T21:31:05.414380373Z");
        Applied::read(migration.version, name, time, Some(&checksum))
    }

    #[test]
    fn what_the_history_lacks_is_missing_and_what_is_ahead_is_not() {
        let versions = |history: &[Applied]| -> Vec<i32> {
            let missing = missing(&KNOWN, history).unwrap();
            missing.map(|migration| migration.version).collect()
        };
        assert_eq!(versions(&[]), [1, 2]);
        assert_eq!(versions(&[applied(&KNOWN[0])]), [2]);
        let later = Migration {
            version: 3,
            ..KNOWN[0]
        };
        let ahead = [applied(&KNOWN[0]), applied(&KNOWN[1]), applied(&later)];
        assert_eq!(versions(&ahead), [0; 0]);
    }

    #[test]
    fn a_migration_that_was_another_when_it_was_applied_is_an_error() {
        let other = Migration {
            sql: "SELECT 3",
            ..KNOWN[0]
        };
        let changed = missing(&KNOWN, &[applied(&other)]).err().unwrap();
        assert!(matches!(changed, HistoryError::Changed { version: 1, .. }));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn no_released_migration_of_postgres_has_been_edited() {
        let checksums =
            crate::store::postgres::migrations::MIGRATIONS.map(|known| known.checksum());
        let released = [
            2_978_784_165_843_175_591,
            9_294_775_441_741_629_081,
            5_943_473_236_750_003_215,
            8_006_551_818_105_891_262,
            14_164_762_624_818_426_911,
            13_629_775_962_959_776_630,
            5_545_819_480_293_279_978,
            16_233_943_099_706_514_997,
            18_182_093_910_597_476_487,
            7_233_446_671_597_770_977,
            12_424_803_607_836_247_145,
            14_942_024_624_678_725_306,
            4_481_313_099_657_104_043,
            5_147_612_337_778_239_157,
            15_190_656_085_347_418_631,
            7_784_630_247_038_262_481,
            17_210_166_458_892_979_812,
        ];
        assert_eq!(checksums, released);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn no_released_migration_of_sqlite_has_been_edited() {
        let checksums = crate::store::sqlite::migrate::MIGRATIONS.map(|known| known.checksum());
        let released = [
            4_961_307_947_155_005_926,
            5_146_211_990_777_823_359,
            4_921_291_444_232_651_622,
            7_742_472_874_182_618_027,
            816_919_100_434_750_054,
        ];
        assert_eq!(checksums, released);
    }
}
