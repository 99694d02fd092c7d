//! The statements about partitions, for a schema.

use super::super::statements::quote_identifier;

/// What stands in a `.sql` file for the quoted schema, the schema as a text, and the table as a text that names it.
const SCHEMA: &str = "{schema}";
const SCHEMA_LITERAL: &str = "{schema_literal}";
const TABLE_LITERAL: &str = "{table_literal}";

/// A text as SQL has it, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    if text.contains('\\') {
        format!(" E'{}'", text.replace('\\', r"\\"))
    } else {
        format!("'{text}'")
    }
}

/// The SQL of a file, for the schema.
pub(super) fn for_schema(sql: &str, schema: &str) -> String {
    let quoted = quote_identifier(schema);
    let table = format!("{quoted}.project_actions");
    sql.replace(SCHEMA, &quoted)
        .replace(SCHEMA_LITERAL, &literal(schema))
        .replace(TABLE_LITERAL, &literal(&table))
}

/// The condition that passes over two ranges of IDs, whose bounds are four parameters from this number on.
pub(in crate::store::postgres) fn excluded(first_parameter: usize) -> String {
    (1..=4).fold(
        include_str!("sql/excluded.sql").to_owned(),
        |sql, number| {
            let parameter = format!("${}", first_parameter + number - 1);
            sql.replace(&format!("{{{number}}}"), &parameter)
        },
    )
}

/// Those that are used again and again.
#[derive(Debug)]
pub(in crate::store::postgres) struct PartitionStatements {
    pub(in crate::store::postgres) zones: String,
    pub(super) ensure: String,
    pub(super) prune: String,
    pub(super) list: String,
}

impl PartitionStatements {
    pub(in crate::store::postgres) fn for_schema(schema: &str) -> Self {
        let sql = |text| for_schema(text, schema);
        Self {
            zones: sql(include_str!("sql/zones.sql")),
            ensure: sql(include_str!("sql/ensure.sql")),
            prune: sql(include_str!("sql/prune.sql")),
            list: sql(include_str!("sql/list.sql")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_of_any_name_is_one_identifier_or_one_text() {
        let sql = for_schema("{schema} {schema_literal} {table_literal}", r#"a"b'c"#);
        assert_eq!(sql, r#""a""b'c" 'a"b''c' '"a""b''c".project_actions'"#);
    }

    #[test]
    fn a_backslash_is_itself_in_a_text_of_either_kind() {
        assert_eq!(literal(r"a\b'c"), r" E'a\\b''c'");
    }

    #[test]
    fn the_four_bounds_are_parameters_in_a_row() {
        let sql = excluded(19);
        assert!((19..=22).all(|number| sql.contains(&format!("${number}"))));
        assert!(!sql.contains('{'));
    }
}
