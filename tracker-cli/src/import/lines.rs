//! The lines of an import, each the JSON of an activity: [`Lines`].

use std::io::{self, BufRead, Read as _};

use super::entry::{BYTES_MAX, EntryError, Raw};

/// The byte order mark with which some programs begin a file of UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads line by line, in the memory of the longest line.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            line: Vec::new(),
        }
    }

    /// Returns the next line that is not blank, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Raw>> {
        loop {
            self.line.clear();
            let limit = BYTES_MAX as u64 + 1;
            let mut input = self.input.by_ref().take(limit);
            let bytes = input.read_until(b'\n', &mut self.line)?;
            if bytes == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes > BYTES_MAX && self.line.last() != Some(&b'\n') {
                self.input.skip_until(b'\n')?;
                return Ok(Some(Raw {
                    number: self.number,
                    json: Err(EntryError::TooLong),
                }));
            }
            // Files that each begin with a mark may have been concatenated.
            let text = self.line.strip_prefix(BYTE_ORDER_MARK);
            let text = text.unwrap_or(&self.line).trim_ascii();
            if !text.is_empty() {
                return Ok(Some(Raw {
                    number: self.number,
                    json: Ok(text.to_owned()),
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::entry::Entry, *};

    fn lines(input: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let mut lines = Lines::new(input);
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let line = Entry::read(line, None);
            let activity = line.activity.map(|activity| activity.action_id);
            found.push((line.number, activity.map_err(|error| error.to_string())));
        }
        found
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_passed_over() {
        let found = lines(b"{\"action_id\":\"a\",\"user_id\":\"u\"}\r\n\n  \n{\"action_id\":\"b\",\"user_id\":\"u\"}");
        assert_eq!(found, [(1, Ok("a".to_owned())), (4, Ok("b".to_owned()))]);
    }

    #[test]
    fn what_the_api_exports_is_taken_as_well() {
        let line = br#"{"action_id":"a","user_id":"u","action_label":"Deployment","created_at_rfc3339":null}"#;
        assert_eq!(lines(line), [(1, Ok("a".to_owned()))]);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_as_a_whole() {
        let mut input = vec![b'x'; 3 * BYTES_MAX];
        input.extend(b"\n{\"action_id\":\"a\",\"user_id\":\"u\"}\n");
        let found = lines(&input);
        assert_eq!(found.len(), 2);
        assert!(
            found[0]
                .1
                .as_ref()
                .is_err_and(|error| error.contains("1 MiB"))
        );
        assert_eq!(found[1], (2, Ok("a".to_owned())));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit() {
        let mut input = b"{\"action_id\":\"a\",\"user_id\":\"u\"".to_vec();
        input.resize(BYTES_MAX - 1, b' ');
        input.extend(b"}\n{\"action_id\":\"b\",\"user_id\":\"u\"}");
        assert_eq!(lines(&input).len(), 2);
        assert!(lines(&input).iter().all(|(_, line)| line.is_ok()));
    }
}
