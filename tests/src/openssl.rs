//! Keys and certificates, made by the command `openssl`, in a directory that goes with the value.

use std::{
    fs, iter,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::postgres::ServerTls;

/// A directory of keys and certificates. Other accounts can read all but the keys.
pub struct Certificates {
    directory: TempDir,
}

impl Certificates {
    /// Creates an empty directory.
    ///
    /// # Panics
    ///
    /// If it can't be created.
    #[must_use]
    pub fn new() -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))
            .expect("its owner can set its mode");
        Self { directory }
    }

    /// Returns the path of the file of that name, which need not exist.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs `openssl` with these words, separated by blanks, in the directory.
    ///
    /// # Panics
    ///
    /// If there is no such command, or it fails.
    pub fn openssl(&self, arguments: &str) {
        self.told(arguments);
    }

    fn told(&self, arguments: &str) -> String {
        let told = self.try_openssl(arguments);
        told.unwrap_or_else(|error| panic!("openssl {arguments}: {error:#}"))
    }

    fn try_openssl(&self, arguments: &str) -> anyhow::Result<String> {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.directory.path())
            .output()
            .context("can't be run: install Debian's package `openssl`")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{errors}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Creates an authority, `NAME.crt` and `NAME.key`, by the recipe of Postgres's manual.
    pub fn authority(&self, name: &str) {
        self.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN={name}.example -keyout {name}.key -out {name}.crt"
        ));
    }

    /// Creates a certificate of version 1, `NAME.crt` with `NAME.key`, for this common name, by the
    /// authority `by`.
    ///
    /// # Panics
    ///
    /// If this version of `openssl` can't make one.
    pub fn version_1(&self, name: &str, common_name: &str, by: &str) {
        self.openssl(&format!(
            "req -new -newkey rsa:2048 -nodes -subj /CN={common_name} -keyout {name}.key -out {name}.csr"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -days 30 -CA {by}.crt -CAkey {by}.key -CAcreateserial -out {name}.crt"
        ));
        // Since version 3.2, version 1 has to be asked for, by another command.
        if !self.is_of_version_1(name) {
            self.openssl(&format!(
                "req -x509v1 -in {name}.csr -days 30 -CA {by}.crt -CAkey {by}.key -out {name}.crt"
            ));
        }
        assert!(self.is_of_version_1(name), "it has another version");
    }

    fn is_of_version_1(&self, name: &str) -> bool {
        self.told(&format!("x509 -in {name}.crt -noout -text"))
            .contains("Version: 1 ")
    }

    /// Creates the certificate of a server: `NAME.crt`, followed by those of `chain`, and
    /// `NAME.key`.
    #[must_use]
    pub fn server(&self, name: &str, chain: &[&str]) -> ServerTls {
        let certificates = iter::once(&name).chain(chain);
        ServerTls {
            certificate_pem: certificates
                .map(|name| self.read(&format!("{name}.crt")))
                .collect(),
            key_pem: self.read(&format!("{name}.key")),
        }
    }

    /// Returns the text of a file.
    ///
    /// # Panics
    ///
    /// If it does not exist.
    #[must_use]
    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes a file that every account can read.
    ///
    /// # Panics
    ///
    /// If it can't be written.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the directory can be written");
        self.set_mode(name, 0o644);
    }

    /// Sets who can read a file.
    ///
    /// # Panics
    ///
    /// If it does not exist.
    pub fn set_mode(&self, name: &str, mode: u32) {
        let path: &Path = &self.path(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

impl Default for Certificates {
    fn default() -> Self {
        Self::new()
    }
}
