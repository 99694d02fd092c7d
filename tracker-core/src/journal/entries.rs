//! The activities that wait in a journal, as they are read: [`Entries`].

use rusqlite::{Connection, params, types::ValueRef};

use crate::{
    Activity,
    row::{References, Row, RowId, is_plain_object},
    sqlite_rows as rows,
    store::{BATCH_BYTES, PackedRows},
};

/// Entries in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    rows: Vec<Entry>,
    /// The texts of all plain entries, one behind the other.
    texts: String,
    last: Option<i64>,
}

#[derive(Debug)]
enum Entry {
    Plain(Plain),
    /// An entry that is not as trackers write it.
    Activity(Box<Activity>),
}

/// An entry as trackers write them.
#[derive(Debug)]
struct Plain {
    /// The place in the buffer where its texts begin.
    begin: usize,
    /// The lengths of the texts, in the order of the columns.
    lengths: [Option<u32>; TEXTS],
    created_at: Option<i64>,
}

/// The columns that are texts, the reference IDs among them.
const TEXTS: usize = 9;

impl Entries {
    /// Reads the first entries after number `after`, up to and including `end`.
    ///
    /// Returns at most `max` entries, and stops once they fill a batch.
    pub(super) fn read(
        connection: &Connection,
        after: i64,
        end: i64,
        max: usize,
    ) -> rusqlite::Result<Self> {
        let mut next = connection.prepare(include_str!("sql/next.sql"))?;
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let mut rows = next.query(params![after, end, max])?;
        let (mut read, mut bytes) = (Self::default(), 0);
        while bytes < BATCH_BYTES
            && let Some(row) = rows.next()?
        {
            read.last = Some(row.get(10)?);
            bytes += read.push(row)?;
        }
        Ok(read)
    }

    /// Returns the number of the last entry.
    pub(crate) fn last(&self) -> Option<i64> {
        self.last
    }

    /// Appends an entry, and returns about how many bytes it has.
    fn push(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<usize> {
        let begin = self.texts.len();
        if let Some(plain) = self.plain(row)? {
            self.rows.push(Entry::Plain(plain));
            return Ok(self.texts.len() - begin);
        }
        self.texts.truncate(begin);
        let activity = rows::read(row)?;
        let bytes = activity.bytes();
        self.rows.push(Entry::Activity(Box::new(activity)));
        Ok(bytes)
    }

    /// Appends the texts of a plain entry; `None` if it is none.
    fn plain(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Plain>> {
        let begin = self.texts.len();
        let mut lengths = [None; TEXTS];
        for (column, length) in lengths.iter_mut().enumerate() {
            let text = match row.get_ref(column)? {
                ValueRef::Null => continue,
                ValueRef::Text(text) => str::from_utf8(text).ok(),
                _ => None,
            };
            let Some(text) = text else { return Ok(None) };
            self.texts.push_str(text);
            *length = u32::try_from(text.len()).ok();
        }
        let created_at = match row.get_ref(TEXTS)? {
            ValueRef::Integer(ms) => Some(ms),
            ValueRef::Null => None,
            _ => return Ok(None),
        };
        let plain = Plain {
            begin,
            lengths,
            created_at,
        };
        let [id, .., reference_ids] = plain.texts(&self.texts);
        let is_plain = id.is_some() && reference_ids.is_some_and(is_plain_object);
        Ok(is_plain.then_some(plain))
    }
}

impl Plain {
    fn texts<'a>(&self, buffer: &'a str) -> [Option<&'a str>; TEXTS] {
        let mut at = self.begin;
        self.lengths.map(|length| {
            let begin = at;
            at += length? as usize;
            buffer.get(begin..at)
        })
    }
}

impl PackedRows for Entries {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn row(&self, at: usize) -> Row<'_> {
        let plain = match &self.rows[at] {
            Entry::Activity(activity) => return Row::from(&**activity),
            Entry::Plain(plain) => plain,
        };
        let [
            action_id,
            project_id,
            user_id,
            request_id,
            action_type,
            action_details,
            status,
            environment,
            reference_ids,
        ] = plain.texts(&self.texts);
        Row {
            action_id: RowId::Text(action_id.unwrap_or_default()),
            project_id,
            user_id,
            request_id,
            action_type,
            action_details,
            status,
            environment,
            reference_ids: References::Json(reference_ids.unwrap_or_default()),
            created_at: plain.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActionType, ReferenceIds};

    #[test]
    fn entries_of_any_content_are_read_as_they_were_appended() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("sql/schema.sql"))
            .unwrap();
        let usual = Activity::new(ActionType::Deployment)
            .project_id("project_7")
            .details("überall 🚀")
            .reference("deployment_id", "deploy_1")
            .reference("a\"\n", "b");
        let few = Activity::empty("few".to_owned());
        let of_json = |json: &str| Activity {
            reference_ids: ReferenceIds::from_text(json),
            ..usual.clone()
        };
        let odd = [
            r#"{"a":"\u0001"}"#,
            r#""text""#,
            "[1]",
            r#"{"a":12345678901234567890123}"#,
        ];
        let mut appended = vec![usual.clone(), few];
        appended.extend(odd.map(of_json));
        let append = include_str!("sql/append.sql");
        rows::insert(&connection, append, appended.iter().map(Row::from)).unwrap();
        let tampered = "UPDATE activities SET reference_ids = '{\"a\":' WHERE action_id = 'few'";
        connection.execute(tampered, []).unwrap();
        appended[1].reference_ids = ReferenceIds::from_text("{\"a\":");

        let read = Entries::read(&connection, 0, i64::MAX, 100).unwrap();
        assert_eq!(read.last(), Some(6));
        let is_plain = |at| matches!(read.row(at).reference_ids, References::Json(_));
        let plain: Vec<_> = (0..read.len()).filter(|at| is_plain(*at)).collect();
        assert_eq!(plain, [0, 5]);
        for (at, activity) in appended.iter().enumerate() {
            let row = read.row(at);
            assert_eq!(&row.to_activity(), activity);
            assert_eq!(
                serde_json::to_string(&row).unwrap(),
                serde_json::to_string(activity).unwrap()
            );
        }
    }

    #[test]
    fn a_batch_is_full_by_its_bytes() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(include_str!("sql/schema.sql"))
            .unwrap();
        let long = Activity::new(ActionType::Deployment).details("x".repeat(BATCH_BYTES / 2));
        let append = include_str!("sql/append.sql");
        let appended = (0..4).map(|_| Row::from(&long));
        rows::insert(&connection, append, appended).unwrap();
        assert_eq!(Entries::read(&connection, 0, i64::MAX, 4).unwrap().len(), 2);
        assert_eq!(Entries::read(&connection, 0, 3, 1).unwrap().last(), Some(1));
    }
}
