//! A store of activities in an SQLite file: [`SqliteStore`].
//!
//! The file needs no server, `sqlite3` opens it, and any number of processes may write to it at
//! once. SQLite itself is compiled in.
//!
//! ```
//! use tracker_core::{ActionType, Activity, SqliteStore, Store, timeline::Query};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("tracker.db");
//! let store = SqliteStore::open(path)?;
//! store.migrate().await?;
//!
//! let activity = Activity::new(ActionType::Deployment).project_id("project_7");
//! store.write(vec![activity.clone()].into()).await?;
//!
//! let page = store.timeline(Query::project("project_7")).await?;
//! assert_eq!(page.activities, [activity]);
//! # Ok(())
//! # }
//! ```
//!
//! # Rows of other programs
//!
//! A column of an SQLite table holds values of any type, whatever its declaration says. All of them
//! can be read:
//!
//! | column | value | is read as |
//! | --- | --- | --- |
//! | text | a number | its decimal text |
//! | text | bytes that are not UTF-8 | text with U+FFFD in their place |
//! | `status` | an unknown text | [`Status::Other`](crate::Status::Other) |
//! | `reference_ids` | text that is not JSON | a JSON string of that text |
//! | `reference_ids` | SQLite's own JSONB | the JSON that it encodes |
//! | `created_at` | not an integer | no time; the row comes last |
//! | `reference_ids` | numbers of any length | every digit of them |
//! | `action_id` | not a text, or bytes that are not UTF-8 | the row is on no timeline, because no cursor can name it |
//!
//! # Looking up reference IDs
//!
//! SQLite has no index that finds a JSON object by its content: an index on `json_extract` serves
//! only one name, and the names are the caller's choice. A look-up by reference ID reads the rows
//! that the other conditions leave, for instance those of a project. Create an index for a name
//! that is looked up often:
//!
//! ```sql
//! CREATE INDEX deployments ON project_actions (reference_ids ->> 'deployment_id');
//! SELECT * FROM project_actions WHERE reference_ids ->> 'deployment_id' = 'deploy_xyz789';
//! ```

mod arrivals;
mod blocks;
mod builder;
pub(crate) mod client;
mod connections;
mod counts;
mod error;
mod filter;
mod handle;
pub(super) mod migrate;
mod notes;
#[cfg(any(feature = "sea-orm", feature = "sqlx-sqlite"))]
pub(crate) mod other_drivers;
mod projects;
mod prune;
mod statement;
mod store;
mod synchronous;
mod table_check;
mod timeline;
mod watch;
mod write;

/// The `rusqlite` crate whose connections and transactions are a [`Client`](crate::Client), in the
/// supported version.
#[doc(no_inline)]
pub use rusqlite;

pub use self::{builder::SqliteStoreBuilder, handle::SqliteStore, synchronous::Synchronous};
