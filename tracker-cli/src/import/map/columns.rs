//! The columns of the rows that a map has read: [`Columns`].

use std::collections::{BTreeMap, BTreeSet};

use super::place::Row;

/// The most columns that are remembered because the map does not name them.
const UNUSED_MAX: usize = 100;

/// The columns that a map names, and those that it does not.
pub(super) struct Columns {
    /// True if a row had the column.
    named: BTreeMap<String, bool>,
    unused: BTreeSet<String>,
    has_rows: bool,
}

impl Columns {
    pub(super) fn new<'a>(named: impl Iterator<Item = &'a str>) -> Self {
        Self {
            named: named.map(|name| (name.to_owned(), false)).collect(),
            unused: BTreeSet::new(),
            has_rows: false,
        }
    }

    /// Returns the columns that the map names.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// Remembers the columns of a row.
    pub(super) fn see(&mut self, row: &Row<'_>) {
        self.has_rows = true;
        for column in row.keys() {
            if let Some(is_seen) = self.named.get_mut(column) {
                *is_seen = true;
            } else if self.unused.len() < UNUSED_MAX && !self.unused.contains(column) {
                self.unused.insert(column.clone());
            }
        }
    }

    /// Returns the columns that are not used, and those that no row has.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.unused.is_empty() {
            let names: Vec<_> = self.unused.iter().map(String::as_str).collect();
            let more = if names.len() < UNUSED_MAX {
                ""
            } else {
                ", and perhaps more"
            };
            notes.push(format!("the map does not use: {}{more}", names.join(", ")));
        }
        let unseen = self.named.iter().filter(|(_, is_seen)| !**is_seen);
        let unseen: Vec<_> = unseen.map(|(name, _)| name.as_str()).collect();
        if self.has_rows && !unseen.is_empty() {
            notes.push(format!(
                "the map names what no row has: {}",
                unseen.join(", ")
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn see(columns: &mut Columns, row: &str) {
        columns.see(&serde_json::from_str(row).unwrap());
    }

    #[test]
    fn columns_that_only_one_side_has_are_told_and_those_of_both_are_not() {
        let mut columns = Columns::new(["id", "event"].into_iter());
        assert!(columns.notes().is_empty());
        see(&mut columns, r#"{"id":1,"ip":2}"#);
        let named = "the map names what no row has: event";
        assert_eq!(columns.notes(), ["the map does not use: ip", named]);
        see(&mut columns, r#"{"event":null}"#);
        assert_eq!(columns.notes(), ["the map does not use: ip"]);
    }

    #[test]
    fn rows_with_ever_new_keys_take_no_more_memory() {
        let mut columns = Columns::new(std::iter::empty());
        for key in 0..10 * UNUSED_MAX {
            see(&mut columns, &format!("{{\"{key}\":1}}"));
        }
        assert_eq!(columns.unused.len(), UNUSED_MAX);
        assert!(columns.notes()[0].ends_with(", and perhaps more"));
    }
}
