//! A JSON array of activities: [`Array`].

use std::io::{self, BufRead};

use super::{
    entry::{BYTES_MAX, EntryError, Raw},
    lines::BYTE_ORDER_MARK,
    recognise::FileError,
};

/// Reads element by element, in the memory of the largest element.
pub(super) struct Array<R> {
    input: R,
    /// The number of elements that have begun.
    number: u64,
    at: Place,
    element: Vec<u8>,
}

/// The place up to which an array was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Begin,
    /// Before the first element, which may be missing.
    First,
    Element,
    AfterElement,
    End,
}

/// The state within an element.
#[derive(Default)]
struct Scan {
    depth: usize,
    is_text: bool,
    is_escaped: bool,
}

impl Scan {
    /// Returns true if the byte ends the element, and is no part of it.
    fn is_end(&mut self, byte: u8) -> bool {
        if self.is_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.is_text = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b'}' | b']' if self.depth == 0 => return true,
            b'}' | b']' => self.depth -= 1,
            _ => {}
        }
        false
    }
}

impl<R: BufRead> Array<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            number: 0,
            at: Place::Begin,
            element: Vec::new(),
        }
    }

    /// Returns the next element, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Raw>> {
        loop {
            let Some(byte) = self.token()? else {
                return match self.at {
                    Place::End => Ok(None),
                    _ => Err(FileError::Unended.into()),
                };
            };
            self.at = match (self.at, byte) {
                (Place::Begin, b'[') => Place::First,
                (Place::First | Place::AfterElement, b']') => Place::End,
                (Place::AfterElement, b',') => Place::Element,
                (Place::First | Place::Element, _) => return self.element(byte).map(Some),
                _ => return Err(FileError::NoArray.into()),
            };
        }
    }

    /// Takes the next byte that is not blank.
    fn token(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(byte) = self.peek()? else {
                return Ok(None);
            };
            self.input.consume(1);
            let is_mark = self.at == Place::Begin && BYTE_ORDER_MARK.contains(&byte);
            if !byte.is_ascii_whitespace() && !is_mark {
                return Ok(Some(byte));
            }
        }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    /// Reads the element that begins with this byte. The byte that ends it is left.
    fn element(&mut self, first: u8) -> io::Result<Raw> {
        self.number += 1;
        self.at = Place::AfterElement;
        self.element.clear();
        let mut scan = Scan::default();
        let mut is_too_long = false;
        if scan.is_end(first) {
            // There is nothing between two commas.
            return Err(FileError::NoArray.into());
        }
        self.element.push(first);
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Err(FileError::Unended.into());
            }
            let end = buffer.iter().position(|byte| scan.is_end(*byte));
            let taken = end.unwrap_or(buffer.len());
            is_too_long |= self.element.len() + taken > BYTES_MAX;
            if !is_too_long {
                self.element.extend_from_slice(&buffer[..taken]);
            }
            self.input.consume(taken);
            if end.is_some() {
                break;
            }
        }
        let json = if is_too_long {
            Err(EntryError::TooLong)
        } else {
            Ok(self.element.trim_ascii().to_owned())
        };
        Ok(Raw {
            number: self.number,
            json,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::{super::entry::Entry, *};

    /// Returns the IDs of the elements, or the error of the first that is none or of the array.
    fn ids(text: &[u8]) -> Result<Vec<String>, String> {
        // Buffers of one byte, and of all.
        let [short, long] = [1, text.len() + 1].map(|capacity| {
            let mut array = Array::new(BufReader::with_capacity(capacity, text));
            let mut ids = Vec::new();
            while let Some(entry) = array.next().map_err(|error| error.to_string())? {
                let activity = Entry::read(entry, None).activity;
                let activity = activity.map_err(|error| error.to_string())?;
                ids.push(activity.action_id);
            }
            Ok(ids)
        });
        assert_eq!(short, long);
        long
    }

    #[test]
    fn elements_are_told_apart_whatever_is_in_them() {
        let odd = r#"a]},{[\"\\"#;
        let text = format!(
            "\u{FEFF} [ {{\"action_id\" : \"{odd}\", \"reference_ids\":{{\"a\":[1,[2]]}}}}\n,\n{{\"action_id\":\"b\",\"user_id\":\"u\"}} ]\n"
        );
        assert_eq!(ids(text.as_bytes()).unwrap(), [r#"a]},{["\"#, "b"]);
        assert_eq!(ids(b"[]").unwrap(), [""; 0]);
    }

    #[test]
    fn what_is_no_array_says_so() {
        let element = r#"{"action_id":"a","user_id":"u"}"#;
        for (text, says) in [
            (format!("[{element}"), "the array does not end"),
            (format!("[{element},"), "the array does not end"),
            ("[{\"action_id".to_owned(), "the array does not end"),
            ("[".to_owned(), "the array does not end"),
            (format!("[{element}]{element}"), "no JSON array"),
            (format!("[{element},,{element}]"), "no JSON array"),
            (format!("[{element},]"), "no JSON array"),
            ("[1]".to_owned(), "no JSON object"),
            (format!("[{element} {element}]"), "no JSON object"),
        ] {
            let error = ids(text.as_bytes()).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn an_element_that_is_too_large_is_passed_over_as_a_whole() {
        let long = "x".repeat(2 * BYTES_MAX);
        let text = format!("[\"{long}\",{{\"action_id\":\"b\",\"user_id\":\"u\"}}]");
        let mut array = Array::new(text.as_bytes());
        let first = array.next().unwrap().unwrap();
        assert!(matches!(first.json, Err(EntryError::TooLong)));
        let second = array.next().unwrap().unwrap();
        assert_eq!(Entry::read(second, None).activity.unwrap().action_id, "b");
        assert!(array.next().unwrap().is_none());
    }
}
