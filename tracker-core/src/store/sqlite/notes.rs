//! Notes about anything that may refuse some activities, although others can be written: [`read`].

use rusqlite::Connection;

/// Returns one sentence for each note.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut notes = connection.prepare(include_str!("sql/notes.sql"))?;
    let notes = notes.query_map([], |row| {
        let (kind, name, other): (String, String, String) =
            (row.get("kind")?, row.get("name")?, row.get("other")?);
        Ok(match &*kind {
            "trigger" => format!(
                "the trigger {name} may run for activities that are written: what it raises refuses one"
            ),
            _ => format!(
                "the foreign key of {name} refuses activities that refer to what is not in {other}: each is tried again \
                 for a while, 60 s unless set, and then given up"
            ),
        })
    })?;
    notes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_keys_and_triggers_of_others_are_named() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                CREATE TABLE projects (project_id TEXT PRIMARY KEY);
                CREATE TABLE project_actions (project_id TEXT REFERENCES projects);
                CREATE TRIGGER audit AFTER INSERT
                    ON project_actions BEGIN SELECT 1; END;
                CREATE TRIGGER kept BEFORE DELETE ON project_actions
                    BEGIN INSERT INTO projects VALUES (old.project_id); END;
                CREATE TRIGGER project_actions_own AFTER INSERT ON project_actions BEGIN SELECT 1; END;",
            )
            .unwrap();
        let notes = read(&connection).unwrap();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("the foreign key of project_id refuses"));
        assert!(notes[0].contains("not in projects"), "{notes:?}");
        assert!(notes[1].starts_with("the trigger audit"), "{notes:?}");
        connection
            .execute_batch("PRAGMA foreign_keys = OFF")
            .unwrap();
        assert_eq!(read(&connection).unwrap().len(), 1);
    }
}
