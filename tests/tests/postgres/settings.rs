//! Roles with unusual settings. The store behaves the same with any of them.

use tracker_core::PostgresStore;
use tracker_tests::{postgres::TestDatabase, store_suite};

/// Settings that change the text form of values, the lookup of names, the planning of statements,
/// and their time limits.
const SETTINGS: &[&str] = &[
    "quote_all_identifiers = on",
    "search_path = ''",
    "standard_conforming_strings = off",
    "escape_string_warning = off",
    "bytea_output = 'escape'",
    "DateStyle = 'SQL, DMY'",
    "IntervalStyle = 'sql_standard'",
    "TimeZone = 'Pacific/Chatham'",
    "extra_float_digits = -15",
    "client_encoding = 'LATIN1'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_deferrable = on",
    "lc_messages = 'C'",
    "lc_numeric = 'C'",
    "xmloption = 'document'",
    "row_security = off",
    "array_nulls = off",
    "transform_null_equals = on",
    "statement_timeout = '1min'",
    "idle_in_transaction_session_timeout = '1min'",
    "enable_indexscan = off",
    "enable_bitmapscan = off",
    "enable_hashagg = off",
    "enable_partition_pruning = off",
    "plan_cache_mode = 'force_generic_plan'",
    "default_toast_compression = 'pglz'",
    "gin_fuzzy_search_limit = 0",
    "constraint_exclusion = on",
    "check_function_bodies = off",
    "client_min_messages = 'debug1'",
];

store_suite!(unusual_settings, || async {
    let database = TestDatabase::create().await;
    let name = database.url().rsplit('/').next().expect("a name");
    let settings = SETTINGS
        .iter()
        .map(|setting| format!("ALTER ROLE {{role}} SET {setting};"));
    let grant = format!("GRANT CREATE ON DATABASE {name} TO {{role}};");
    let role = database
        .create_role(&settings.chain([grant]).collect::<String>())
        .await;
    let store = PostgresStore::new(role).expect("a store");
    (database, store)
});
