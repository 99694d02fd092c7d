//! Encodes rows in the binary format of COPY.
//!
//! The driver has an encoder for values of any type, which takes several times as long.

use crate::{
    row::{IdBuffer, Row},
    store::Batch,
};

/// The signature, no flags, and no extension of the header.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The end of all rows, in place of a number of columns.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

const COLUMNS: [u8; 2] = 10_i16.to_be_bytes();
const NULL: [u8; 4] = (-1_i32).to_be_bytes();

/// The version of the binary format of JSONB.
const JSONB_VERSION: u8 = 1;

/// The bytes of a message, from which on it takes no more rows. A socket takes as much at once.
const PART_BYTES: usize = 64 << 10;

/// The room for the last row of a message: many times what the usual one takes.
const ROW_BYTES: usize = 4 << 10;

/// Returns the messages that have all rows of a batch, from the header to the trailer.
pub(super) fn parts(batch: &Batch) -> impl Iterator<Item = Vec<u8>> {
    let mut rows = batch.iter();
    let mut before = HEADER;
    std::iter::from_fn(move || {
        if before.is_empty() && rows.len() == 0 {
            return None;
        }
        let mut out = Vec::with_capacity(PART_BYTES + ROW_BYTES);
        out.extend_from_slice(std::mem::take(&mut before));
        while out.len() < PART_BYTES {
            let Some(row) = rows.next() else { break };
            write_row(&mut out, &row);
        }
        if rows.len() == 0 {
            out.extend_from_slice(&TRAILER);
        }
        Some(out)
    })
}

fn write_row(out: &mut Vec<u8>, row: &Row<'_>) {
    out.extend_from_slice(&COLUMNS);
    write_text(out, Some(row.action_id.text(&mut IdBuffer::default())));
    for text in row.texts() {
        write_text(out, text);
    }
    write_json(out, row);
    match row.created_at {
        None => out.extend_from_slice(&NULL),
        Some(ms) => {
            out.extend_from_slice(&length(size_of::<i64>()));
            out.extend_from_slice(&ms.to_be_bytes());
        }
    }
}

fn write_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => out.extend_from_slice(&NULL),
        Some(text) => {
            out.extend_from_slice(&length(text.len()));
            out.extend_from_slice(text.as_bytes());
        }
    }
}

fn write_json(out: &mut Vec<u8>, row: &Row<'_>) {
    let at = out.len();
    out.extend_from_slice(&NULL);
    let begin = out.len();
    out.push(JSONB_VERSION);
    row.reference_ids.write_json(out);
    let length = length(out.len() - begin);
    out[at..begin].copy_from_slice(&length);
}

/// Returns the length of a value as the format has it. No value within the limits is longer than it
/// can tell.
fn length(bytes: usize) -> [u8; 4] {
    i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes()
}
