//! The SQL of a store, for its schema: [`Statements`].

/// What stands for the quoted schema in the `.sql` files.
const PLACEHOLDER: &str = "{schema}";

/// What stands for the ten columns as they are read, and for a filter's conditions.
const SHARED: [(&str, &str); 2] = [
    ("{columns}", include_str!("sql/row.sql")),
    ("{filter}", include_str!("sql/filter.sql")),
];

/// The statements, made once when the store is set up.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) copy: String,
    pub(super) insert_batch: String,
    pub(super) timeline_newest: String,
    pub(super) timeline_oldest: String,
    pub(super) activity: String,
    pub(super) count: String,
    pub(super) days: String,
    pub(super) rows: String,
    pub(super) arrived: String,
    pub(super) arrivals: String,
    pub(super) prune: String,
    pub(super) count_before: String,
}

impl Statements {
    pub(super) fn for_schema(schema: &str) -> Self {
        let quoted = quote_identifier(schema);
        let sql = |text: &str| {
            let text = SHARED
                .iter()
                .fold(text.to_owned(), |text, (name, sql)| text.replace(name, sql));
            text.replace(PLACEHOLDER, &quoted)
        };
        Self {
            copy: sql(include_str!("sql/copy.sql")),
            insert_batch: sql(include_str!("sql/insert_batch.sql")),
            timeline_newest: sql(include_str!("sql/timeline_newest.sql")),
            timeline_oldest: sql(include_str!("sql/timeline_oldest.sql")),
            activity: sql(include_str!("sql/activity.sql")),
            count: sql(include_str!("sql/count.sql")),
            days: sql(include_str!("sql/days.sql")),
            rows: sql(include_str!("sql/rows.sql")),
            arrived: sql(include_str!("sql/arrived.sql")),
            arrivals: sql(include_str!("sql/arrivals.sql")),
            prune: sql(include_str!("sql/prune.sql")),
            count_before: sql(include_str!("sql/count_before.sql")),
        }
    }
}

/// The insert of one row, which is made for the schema at each call: it runs on the caller's connection.
pub(super) fn insert_one(schema: &str) -> String {
    include_str!("sql/insert_one.sql").replace(PLACEHOLDER, &quote_identifier(schema))
}

/// `name` as an identifier of SQL, whatever is in it.
pub(super) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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
        let statements = format!("{:?}", Statements::for_schema("s"));
        assert!(!statements.contains(PLACEHOLDER));
        for (name, _) in SHARED {
            assert!(!statements.contains(name), "{name}");
        }
    }
}
