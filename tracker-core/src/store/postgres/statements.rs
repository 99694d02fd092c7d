//! The SQL of a store, for its schema: [`Statements`].

use super::{
    identifier::quote_identifier,
    page_statement::PageStatement,
    partitions::{PartitionStatements, excluded},
};

/// The placeholder of the quoted schema in the `.sql` files.
const PLACEHOLDER: &str = "{schema}";

/// The placeholders of the ten columns as they are read, and of a filter's conditions: the project
/// and the others.
const SHARED: [(&str, &str); 3] = [
    ("{columns}", include_str!("sql/row.sql")),
    ("{project}", include_str!("sql/project.sql")),
    ("{filter}", include_str!("sql/filter.sql")),
];

/// The placeholder of the request in the condition that a row is of it.
const REQUEST_ID: &str = "{id}";

/// The expressions that a statement compares with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Those of the indexes by project: texts in the order of their bytes, seconds of 1,024 ms, and
    /// hashes of requests. Rows with equal keys share an entry of the index. A comparison of two
    /// values is exact, and an index of the first serves it.
    Indexed,
    /// The columns, for all projects and for servers without hashes of texts.
    Columns,
}

impl Keys {
    /// Fills in the expressions.
    fn fill(self, text: &str) -> String {
        let request = match self {
            Self::Indexed => include_str!("sql/request.sql"),
            Self::Columns => include_str!("sql/request_of_columns.sql"),
        };
        let [of_filter, of_step] = ["$5", "request.id"].map(|id| request.replace(REQUEST_ID, id));
        let text = text
            .replace("{request_of_filter}", &of_filter)
            .replace("{request_of_step}", &of_step);
        let keys = match self {
            Self::Indexed => [
                ("{since}", "({second}, created_at) >= ($9 >> {shift}, $9)"),
                ("{until}", "({second}, created_at) < ($10 >> {shift}, $10)"),
                ("{project_id}", r#"project_id COLLATE "C""#),
                ("{request_id}", r#"request_id COLLATE "C""#),
                ("{action_type}", r#"action_type COLLATE "C""#),
                ("{second}", "(created_at >> 10)"),
                ("{shift}", "10"),
            ],
            Self::Columns => [
                ("{since}", "created_at >= $9"),
                ("{until}", "created_at < $10"),
                ("{project_id}", "project_id"),
                ("{request_id}", "request_id"),
                ("{action_type}", "action_type"),
                ("{second}", "created_at"),
                ("{shift}", "0"),
            ],
        };
        keys.iter()
            .fold(text, |text, (name, key)| text.replace(name, key))
    }
}

/// The placeholders of the condition that skips partitions; a timeline has both.
const PARTITIONS: &str = "{partitions}";
const UNTIMED_PARTITIONS: &str = "{untimed_partitions}";

/// The placeholders of a page's statement, and of the newest rows of a request.
const TIMELINE: &str = "{timeline}";
const STEPS: &str = "{steps}";

/// The placeholders of the newest row of a timeline, in the order of their parameters.
const TOP: [&str; 4] = [
    "{is_top_timed}",
    "{top_time}",
    "{top_id}",
    "{untimed_top_id}",
];

/// The placeholder of the identity that numbers the transactions, and within it that of the
/// server's identity.
const NUMBERING: &str = "{numbering}";
const CLUSTER: &str = "{cluster}";

/// The placeholder of the condition that a row came no later than a place.
const BEFORE: &str = "{before}";

/// The statements, made once when the store is built.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) copy: String,
    pub(super) insert_batch: String,
    pub(super) insert_values: String,
    pub(super) timeline_newest: PageStatement,
    pub(super) timeline_oldest: PageStatement,
    /// `None` where texts are read as bytes: two requests may then look the same.
    pub(super) blocks: Option<BlockStatements>,
    /// The newest rows of each of some requests.
    pub(super) requests: String,
    pub(super) activity: String,
    pub(super) projects: ProjectStatements,
    pub(super) count: String,
    pub(super) kept_counts: String,
    pub(super) fold_counts: String,
    pub(super) counts: String,
    pub(super) counts_before: String,
    pub(super) scan: String,
    pub(super) arrivals: String,
    /// The statements for servers that tell their cluster's identity, and for those that do not.
    pub(super) numbered: NumberedStatements,
    pub(super) numbered_plainly: NumberedStatements,
    pub(super) can_follow: String,
    pub(super) prune: PruneStatements,
    pub(super) count_before: String,
    pub(super) locks: LockStatements,
    pub(super) partitions: PartitionStatements,
}

/// The statements of a page of blocks, for a table that is not partitioned.
#[derive(Debug)]
pub(super) struct BlockStatements {
    pub(super) newest: PageStatement,
    pub(super) oldest: PageStatement,
}

/// The statements that list projects.
#[derive(Debug)]
pub(super) struct ProjectStatements {
    pub(super) ids: String,
    pub(super) ids_sorted: String,
    pub(super) counts: String,
    pub(super) last: String,
}

/// The statements that read the identity of the transactions' numbering.
#[derive(Debug)]
pub(super) struct NumberedStatements {
    pub(super) watermarks: String,
    pub(super) place: String,
}

/// The statements that remove rows older than a given time.
#[derive(Debug)]
pub(super) struct PruneStatements {
    pub(super) candidates: String,
    pub(super) candidates_behind: String,
    pub(super) delete: String,
    pub(super) left: String,
}

/// The statements for the table of locks.
#[derive(Debug)]
pub(super) struct LockStatements {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) take: String,
    pub(super) renew: String,
    pub(super) release: String,
}

impl Statements {
    pub(super) fn for_schema(schema: &str, keys: Keys) -> Self {
        let quoted = quote_identifier(schema);
        let sql = |text: &str| {
            let text = SHARED
                .iter()
                .fold(text.to_owned(), |text, (name, sql)| text.replace(name, sql));
            keys.fill(&text).replace(PLACEHOLDER, &quoted)
        };
        // The condition's parameters are the last of a statement, from this number on.
        let partitions =
            |text: &str, first: usize| sql(&text.replace(PARTITIONS, &excluded(first)));
        let timeline = |text: &str| {
            let text = text.replace(UNTIMED_PARTITIONS, &excluded(23));
            PageStatement::from(partitions(&text, 19))
        };
        let blocks = |timeline: &str| {
            let text = include_str!("sql/blocks.sql").replace(TIMELINE, timeline);
            let text = text.replace(UNTIMED_PARTITIONS, "true");
            PageStatement::from(sql(&text.replace(PARTITIONS, "true")))
        };
        let numbered = |cluster: &str| {
            let numbering = include_str!("sql/numbering.sql").replace(CLUSTER, cluster);
            let sql = |text: &str| sql(&text.replace(NUMBERING, &numbering));
            NumberedStatements {
                watermarks: sql(include_str!("sql/watermarks.sql")),
                place: sql(include_str!("sql/place.sql")),
            }
        };
        let counts = |before: &str, first: usize| {
            let text = include_str!("sql/counts.sql").replace(BEFORE, before);
            partitions(&text, first)
        };
        Self {
            copy: sql(include_str!("sql/copy.sql")),
            insert_batch: sql(include_str!("sql/insert_batch.sql")),
            insert_values: sql(include_str!("sql/insert_values.sql")),
            timeline_newest: timeline(include_str!("sql/timeline_newest.sql")),
            timeline_oldest: timeline(include_str!("sql/timeline_oldest.sql")),
            blocks: Some(BlockStatements {
                newest: blocks(include_str!("sql/timeline_newest.sql")),
                oldest: blocks(include_str!("sql/timeline_oldest.sql")),
            }),
            requests: partitions(&steps(include_str!("sql/requests.sql"), 13), 17),
            activity: sql(include_str!("sql/activity.sql")),
            projects: ProjectStatements {
                ids: partitions(include_str!("sql/project_ids.sql"), 3),
                ids_sorted: sql(include_str!("sql/project_ids_sorted.sql")),
                counts: partitions(include_str!("sql/project_counts.sql"), 4),
                last: partitions(include_str!("sql/project_last.sql"), 2),
            },
            count: partitions(include_str!("sql/count.sql"), 12),
            kept_counts: sql(include_str!("sql/kept_counts.sql")),
            fold_counts: sql(include_str!("sql/fold_counts.sql")),
            counts: counts("TRUE", 16),
            counts_before: counts(include_str!("sql/before_place.sql"), 19),
            scan: partitions(include_str!("sql/scan.sql"), 3),
            arrivals: partitions(include_str!("sql/arrivals.sql"), 10),
            numbered: numbered(include_str!("sql/cluster.sql")),
            numbered_plainly: numbered("NULL"),
            can_follow: sql(include_str!("sql/can_follow.sql")),
            prune: PruneStatements {
                candidates: partitions(include_str!("sql/prune_candidates.sql"), 3),
                candidates_behind: partitions(include_str!("sql/prune_candidates_behind.sql"), 4),
                delete: sql(include_str!("sql/prune.sql")),
                left: sql(include_str!("sql/prune_left.sql")),
            },
            count_before: partitions(include_str!("sql/count_before.sql"), 2),
            locks: LockStatements {
                schema: format!("CREATE SCHEMA IF NOT EXISTS {quoted}"),
                table: sql(include_str!("sql/lock_table.sql")),
                take: sql(include_str!("sql/lock_take.sql")),
                renew: sql(include_str!("sql/lock_renew.sql")),
                release: sql(include_str!("sql/lock_release.sql")),
            },
            partitions: PartitionStatements::for_schema(schema),
        }
    }
}

/// Fills in the newest rows of a request; the top is four parameters from this number on.
fn steps(text: &str, first_parameter: usize) -> String {
    let steps = include_str!("sql/block_steps.sql");
    let numbers = TOP.into_iter().zip(first_parameter..);
    let steps = numbers.fold(steps.to_owned(), |steps, (name, number)| {
        steps.replace(name, &format!("${number}"))
    });
    text.replace(STEPS, &steps)
}

/// Makes the insert of one row, for the caller's connection. It is made at each call, for the given
/// schema. It casts the reference IDs, because some drivers send them as text.
pub(super) fn insert_one(schema: &str) -> String {
    include_str!("sql/insert_one.sql").replace(PLACEHOLDER, &quote_identifier(schema))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_of_any_name_is_one_identifier() {
        assert_eq!(quote_identifier("turbobackend"), r#""turbobackend""#);
        assert_eq!(quote_identifier(r#"We"ird schema"#), r#""We""ird schema""#);
        assert!(
            insert_one(r#"x".y; --"#).starts_with(r#"INSERT INTO "x"".y; --".project_actions ("#)
        );
    }

    #[test]
    fn no_placeholder_is_left() {
        let statements = [Keys::Indexed, Keys::Columns]
            .map(|keys| format!("{:?}", Statements::for_schema("s", keys)))
            .concat();
        assert!(!statements.contains(PLACEHOLDER));
        for name in [
            PARTITIONS,
            UNTIMED_PARTITIONS,
            NUMBERING,
            CLUSTER,
            TIMELINE,
            STEPS,
            BEFORE,
            REQUEST_ID,
            "{request_of_filter}",
            "{request_of_step}",
            "{since}",
            "{until}",
            "{project_id}",
            "{request_id}",
            "{action_type}",
            "{second}",
            "{shift}",
        ] {
            assert!(!statements.contains(name), "{name}");
        }
        for name in TOP {
            assert!(!statements.contains(name), "{name}");
        }
        for (name, _) in SHARED {
            assert!(!statements.contains(name), "{name}");
        }
    }
}
