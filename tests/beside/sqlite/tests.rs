//! The workspace's SQLite tests, unchanged, in one program.

#[path = "../../tests/journal.rs"]
mod journal;
#[path = "../../tests/journal_model.rs"]
mod journal_model;
#[path = "../../tests/journal_operations.rs"]
mod journal_operations;
#[path = "../../tests/journal_room.rs"]
mod journal_room;
#[path = "../../tests/journal_trouble.rs"]
mod journal_trouble;
#[path = "../../tests/sqlite_client.rs"]
mod sqlite_client;
#[path = "../../tests/sqlite_failures.rs"]
mod sqlite_failures;
#[path = "../../tests/sqlite_foreign_rows.rs"]
mod sqlite_foreign_rows;
#[path = "../../tests/sqlite_migrations.rs"]
mod sqlite_migrations;
#[path = "../../tests/store_suite.rs"]
mod store_suite;
