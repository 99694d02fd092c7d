//! The migrations of Postgres.

use crate::store::migration::{Migration, migrations};

/// All migrations, in their order.
pub(in crate::store) const MIGRATIONS: [Migration; 17] = migrations!(
    "postgres",
    1 "create_project_actions",
    2 "add_reference_ids_and_drop_cost",
    3 "index_timeline",
    4 "index_reference_ids",
    5 "index_action_types",
    6 "index_created_at",
    7 "replica_identities",
    8 "index_requests",
    9 "count_activities",
    10 "index_seconds",
    11 "index_type_seconds",
    12 "index_request_seconds",
    13 "index_untimed",
    14 "analyze",
    15 "drop_timeline_index",
    16 "drop_action_types_index",
    17 "drop_requests_index",
);
