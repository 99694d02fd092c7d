//! A name in SQL.

/// `name` as an identifier of SQL, whatever is in it.
pub(super) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
