//! The options of a connection string: libpq's, and the additional ones of other clients.

/// The treatment of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The option is interpreted.
    Supported,
    /// The option is refused, because it asks for a protection or kind of connection that this
    /// client lacks. To ignore `sslcrl`, for instance, would connect with less protection than was
    /// asked for.
    Unsupported,
    /// Another client's name for the option.
    Alias(&'static str),
    /// The option has no effect, for this reason.
    Ignored(&'static str),
}

use Meaning::{Alias, Ignored as Nothing, Supported, Unsupported};

const NOTHING_PREPARED: &str = "no statement is kept prepared, so there is none to cache";
const NO_GSSAPI: &str = "GSSAPI is not used";

const OPTIONS: &[(&str, Meaning)] = &[
    ("application_name", Supported),
    ("channel_binding", Supported),
    ("connect_timeout", Supported),
    ("dbname", Supported),
    ("fallback_application_name", Supported),
    ("gssencmode", Supported),
    ("host", Supported),
    ("hostaddr", Supported),
    ("keepalives", Supported),
    ("keepalives_count", Supported),
    ("keepalives_idle", Supported),
    ("keepalives_interval", Supported),
    ("load_balance_hosts", Supported),
    ("min_protocol_version", Supported),
    ("options", Supported),
    ("passfile", Supported),
    ("password", Supported),
    ("port", Supported),
    ("service", Supported),
    ("servicefile", Supported),
    ("ssl_max_protocol_version", Supported),
    ("ssl_min_protocol_version", Supported),
    ("sslcert", Supported),
    ("sslcertmode", Supported),
    ("sslkey", Supported),
    ("sslmode", Supported),
    ("sslnegotiation", Supported),
    ("sslpassword", Supported),
    ("sslrootcert", Supported),
    ("sslsni", Supported),
    ("target_session_attrs", Supported),
    ("tcp_user_timeout", Supported),
    ("user", Supported),
    // libpq's, without effect here.
    ("client_encoding", Nothing("text is always sent as UTF-8")),
    ("gssdelegation", Nothing(NO_GSSAPI)),
    ("gsslib", Nothing(NO_GSSAPI)),
    ("krbsrvname", Nothing(NO_GSSAPI)),
    (
        "max_protocol_version",
        Nothing("version 3.0 of the protocol is spoken"),
    ),
    ("sslcompression", Nothing("TLS is never compressed")),
    // libpq's, not supported here.
    ("oauth_client_id", Unsupported),
    ("oauth_client_secret", Unsupported),
    ("oauth_issuer", Unsupported),
    ("oauth_scope", Unsupported),
    ("replication", Unsupported),
    ("require_auth", Unsupported),
    ("requirepeer", Unsupported),
    ("requiressl", Unsupported),
    ("scram_client_key", Unsupported),
    ("scram_server_key", Unsupported),
    ("sslcrl", Unsupported),
    ("sslcrldir", Unsupported),
    ("sslkeylogfile", Unsupported),
    // pgjdbc's and node-postgres's; libpq accepts `ssl` in a URL too.
    ("ssl", Supported),
    (
        "uselibpqcompat",
        Nothing("`sslmode` means what libpq says in any case"),
    ),
    // Prisma's.
    ("connection_limit", Supported),
    (
        "pgbouncer",
        Nothing("the store works behind a pooler as it is"),
    ),
    ("pool_timeout", Supported),
    ("schema", Supported),
    (
        "socket_timeout",
        Nothing("the store has time limits of its own"),
    ),
    ("sslaccept", Supported),
    ("sslidentity", Unsupported),
    ("statement_cache_size", Nothing(NOTHING_PREPARED)),
    // sqlx's.
    ("ssl-ca", Alias("sslrootcert")),
    ("ssl-cert", Alias("sslcert")),
    ("ssl-key", Alias("sslkey")),
    ("ssl-mode", Alias("sslmode")),
    ("ssl-root-cert", Alias("sslrootcert")),
    ("statement-cache-capacity", Nothing(NOTHING_PREPARED)),
    // SQLAlchemy's, in its dialect for asyncpg, and Rails's.
    ("prepared_statement_cache_size", Nothing(NOTHING_PREPARED)),
    ("prepared_statements", Nothing(NOTHING_PREPARED)),
    // Added by Supabase's integration into Vercel.
    (
        "supa",
        Nothing("it tells Supabase's own tools where the URL comes from"),
    ),
];

pub(super) fn meaning(name: &str) -> Option<(&'static str, Meaning)> {
    OPTIONS.iter().copied().find(|(known, _)| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_option_is_there_once_and_an_alias_is_one_of_a_supported_option() {
        for (index, (name, meaning_of_it)) in OPTIONS.iter().enumerate() {
            assert!(
                OPTIONS[..index].iter().all(|(other, _)| other != name),
                "{name}"
            );
            if let Alias(option) = meaning_of_it {
                assert_eq!(meaning(option), Some((*option, Supported)), "{name}");
            }
        }
    }
}
