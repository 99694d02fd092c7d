//! The SQL of a store, for its schema: [`Statements`].

/// What stands for the quoted schema in the `.sql` files, and the only thing there that is replaced.
const PLACEHOLDER: &str = "{schema}";

/// The statements, made once when the store is set up.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) copy: String,
    pub(super) insert_batch: String,
    pub(super) timeline_first: String,
    pub(super) timeline_after: String,
    pub(super) timeline_after_untimed: String,
}

impl Statements {
    pub(super) fn for_schema(schema: &str) -> Self {
        let quoted = quote_identifier(schema);
        let sql = |text: &str| text.replace(PLACEHOLDER, &quoted);
        Self {
            copy: sql(include_str!("sql/copy.sql")),
            insert_batch: sql(include_str!("sql/insert_batch.sql")),
            timeline_first: sql(include_str!("sql/timeline_first.sql")),
            timeline_after: sql(include_str!("sql/timeline_after.sql")),
            timeline_after_untimed: sql(include_str!("sql/timeline_after_untimed.sql")),
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
    }
}
