//! The statements about partitions, for a schema.

use super::super::identifier::quote_identifier;

/// Quotes a text as an SQL literal, for either value of `standard_conforming_strings`.
pub(super) fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    if text.contains('\\') {
        format!(" E'{}'", text.replace('\\', r"\\"))
    } else {
        format!("'{text}'")
    }
}

/// Replaces names in braces by their values. A value is never searched for names itself.
pub(super) fn fill(sql: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let value = values.iter().find(|(name, _)| {
            let inner = rest[1..].strip_prefix(name);
            inner.is_some_and(|behind| behind.starts_with('}'))
        });
        let (part, length) = match value {
            Some((name, value)) => (*value, name.len() + 2),
            None => ("{", 1),
        };
        filled.push_str(part);
        rest = &rest[length..];
    }
    filled + rest
}

/// The quotes of the functions' bodies in the `.sql` files.
const TAG: &str = "$project_actions$";

/// Fills in the schema: its name as an identifier and as a literal, and literals of the qualified
/// names of the table and of the partitioned one beside it.
pub(in crate::store::postgres) fn for_schema(sql: &str, schema: &str) -> String {
    let quoted = quote_identifier(schema);
    let table = literal(&format!("{quoted}.project_actions"));
    let parent = literal(&format!("{quoted}.project_actions_partitioned"));
    let values = [
        ("schema", &*quoted),
        ("table_literal", &table),
        ("parent_literal", &parent),
        ("schema_literal", &literal(schema)),
    ];
    // A tag that the schema's name contains would end the function's body early.
    let mut tag = TAG.to_owned();
    while schema.contains(&tag) {
        tag.insert(1, '_');
    }
    fill(&sql.replace(TAG, &tag), &values)
}

/// Returns the condition that skips two ranges of IDs; its bounds are four parameters from this
/// number on.
pub(in crate::store::postgres) fn excluded(first_parameter: usize) -> String {
    (1..=4).fold(
        include_str!("sql/excluded.sql").to_owned(),
        |sql, number| {
            let parameter = format!("${}", first_parameter + number - 1);
            sql.replace(&format!("{{{number}}}"), &parameter)
        },
    )
}

/// The statements that are used repeatedly.
#[derive(Debug)]
pub(in crate::store::postgres) struct PartitionStatements {
    pub(in crate::store::postgres) zones: String,
    pub(super) ensure: String,
    pub(super) prune: String,
    pub(in crate::store::postgres) held: String,
    pub(super) list: String,
}

impl PartitionStatements {
    pub(in crate::store::postgres) fn for_schema(schema: &str) -> Self {
        let sql = |text| for_schema(text, schema);
        Self {
            zones: sql(include_str!("sql/zones.sql")),
            ensure: sql(include_str!("sql/ensure.sql")),
            prune: sql(include_str!("sql/prune.sql")),
            held: sql(include_str!("sql/held.sql")),
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
        // A schema's name that looks like a placeholder is not filled in.
        let sql = for_schema("'{{}}' {schema} {table_literal}", "{table_literal}");
        assert_eq!(
            sql,
            r#"'{{}}' "{table_literal}" '"{table_literal}".project_actions'"#
        );
    }

    #[test]
    fn a_schema_that_looks_like_the_quotes_of_a_body_ends_none() {
        let sql = for_schema("$project_actions$ {schema} $project_actions$", TAG);
        assert_eq!(
            sql,
            r#"$_project_actions$ "$project_actions$" $_project_actions$"#
        );
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
