//! The proxies, and their command lines: [`Kind`].

use std::{net::SocketAddr, path::Path};

use anyhow::Context as _;

/// The folder in which Debian keeps the modules of Apache, and the modules that are loaded beside
/// those of the page.
const APACHE_MODULES: &str = "/usr/lib/apache2/modules";
const APACHE_LOADED: [&str; 8] = [
    "mpm_event",
    "authz_core",
    "proxy",
    "proxy_http",
    "filter",
    "deflate",
    "cache",
    "cache_disk",
];

/// A proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// nginx.
    Nginx,
    /// `HAProxy`.
    HaProxy,
    /// Apache's `httpd`.
    Apache,
    /// Varnish.
    Varnish,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::HaProxy => "haproxy",
            Self::Apache => "apache",
            Self::Varnish => "varnish",
        }
    }

    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::HaProxy => "haproxy",
            Self::Apache => "apache2",
            Self::Varnish => "varnishd",
        }
    }

    /// Returns the beginning of its block on the page.
    pub(super) fn fence(self) -> &'static str {
        match self {
            Self::Varnish => "vcl",
            _ => self.name(),
        }
    }

    /// Returns the settings of the page, with the test's own addresses and folders, and the
    /// arguments before the name of the file.
    pub(super) fn settings(
        self,
        documented: &str,
        backend: SocketAddr,
        own: SocketAddr,
        directory: &Path,
    ) -> anyhow::Result<(String, Vec<String>)> {
        let mut settings = documented.to_owned();
        let port = own.port();
        let mut replace = |from: &str, to: &str| {
            anyhow::ensure!(settings.contains(from), "the page does not say {from:?}");
            settings = settings.replace(from, to);
            Ok(())
        };
        let directory = directory
            .to_str()
            .context("a directory with a text's name")?;
        let arguments = match self {
            Self::Nginx => {
                replace("127.0.0.1:8080", &backend.to_string())?;
                replace("listen 80;", &format!("listen {own};"))?;
                replace("/var/cache/nginx/tracker", "cache")?;
                settings = nginx(&settings);
                format!("-e stderr -p {directory} -c")
            }
            Self::HaProxy => {
                replace("127.0.0.1:8080", &backend.to_string())?;
                replace("bind :80\n", &format!("bind {own}\n"))?;
                "-db -f".to_owned()
            }
            Self::Apache => {
                replace("127.0.0.1:8080", &backend.to_string())?;
                replace("*:80>", &format!("*:{port}>"))?;
                replace("/var/cache/apache2/mod_cache_disk", directory)?;
                settings = apache(&settings, own, directory);
                "-X -f".to_owned()
            }
            Self::Varnish => {
                replace("\"8080\"", &format!("\"{}\"", backend.port()))?;
                format!("-F -j none -n {directory}/varnish -a {own} -s malloc,16m -f")
            }
        };
        let arguments = arguments.split(' ').map(str::to_owned);
        Ok((settings, arguments.collect()))
    }
}

/// The settings around those of a site.
fn nginx(site: &str) -> String {
    format!(
        "daemon off;\n\
         pid pid;\n\
         worker_processes 1;\n\
         events {{}}\n\
         http {{\n\
         access_log off;\n\
         client_body_temp_path body;\n\
         proxy_temp_path proxy;\n\
         fastcgi_temp_path fastcgi;\n\
         uwsgi_temp_path uwsgi;\n\
         scgi_temp_path scgi;\n\
         {site}\
         }}\n"
    )
}

fn apache(site: &str, own: SocketAddr, directory: &str) -> String {
    let modules = APACHE_LOADED
        .map(|name| format!("LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n"));
    format!(
        "{}\
         ServerRoot {directory}\n\
         ServerName localhost\n\
         DefaultRuntimeDir .\n\
         PidFile pid\n\
         ErrorLog errors\n\
         Listen {own}\n\
         {site}",
        modules.concat()
    )
}
