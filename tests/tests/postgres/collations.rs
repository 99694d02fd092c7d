//! Databases with natural-language collations. A page continues where the previous one ended,
//! whatever the order.

use tracker_core::PostgresStore;
use tracker_tests::{postgres::TestDatabase, store_suite};

async fn sorted_by(options: &str) -> (TestDatabase, PostgresStore) {
    let database = TestDatabase::create_with(options).await;
    let store = PostgresStore::new(database.url()).expect("a store");
    (database, store)
}

store_suite!(
    #[ignore = "it needs a Postgres with ICU: scripts/matrix collations"]
    icu,
    || sorted_by("LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'")
);

store_suite!(
    #[ignore = "it needs the locale en_US.UTF-8: scripts/matrix collations"]
    glibc,
    || sorted_by("LOCALE 'en_US.UTF-8'")
);
