//! A new journal in the place of a damaged one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    directory::{Slot, sync_entry},
    durability::Durability,
    error::JournalError,
    file::JournalFile,
    salvage::{self, Salvaged},
};
use crate::{clock::now_ms, panics::quietly};

/// The number of unusable journals that are skipped.
const UNUSABLE_MAX: usize = 16;

/// Takes the first journal that no process has and that can be used. Calls `pass_over` for each
/// that can't be.
pub(super) fn take_usable(
    directory: &Path,
    durability: Durability,
    bytes_max: u64,
    pass_over: impl Fn(&Slot, &JournalError),
) -> Result<(Slot, JournalFile), JournalError> {
    // The locks of those that can't be used are held until one is found that can.
    let mut unusable = Vec::new();
    loop {
        let slot = Slot::take(directory)?;
        match open_or_salvage(&slot, durability, bytes_max) {
            Ok(file) => return Ok((slot, file)),
            Err(error) if unusable.len() < UNUSABLE_MAX => {
                pass_over(&slot, &error);
                unusable.push(slot);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Opens a journal. Replaces a damaged one with a new one that has its readable content.
pub(super) fn open_or_salvage(
    slot: &Slot,
    durability: Durability,
    bytes_max: u64,
) -> Result<JournalFile, JournalError> {
    let path = slot.path();
    if salvage::salvaged(path).exists() {
        // A previous process ended before it put the salvaged file into place.
        put_salvaged_into_place(path)?;
    }
    match JournalFile::open(path, durability, bytes_max) {
        Err(error) if error.is_damage() => {}
        opened => return opened,
    }
    salvage_into_place(path, durability, |new| {
        let (salvaged, letters) =
            salvage::open(path, &mut |salvaged| new.append_all(salvaged.iter()))?;
        new.add_dead_letters(&letters, i64::MAX)?;
        Ok(salvaged)
    })?;
    JournalFile::open(path, durability, bytes_max)
}

/// Fills a new journal, sets the damaged one aside, and puts the new one in its place. A process
/// that ends at any point meanwhile leaves either the old one in its place, or the new one
/// complete.
pub(super) fn salvage_into_place(
    path: &Path,
    durability: Durability,
    fill: impl FnOnce(&mut JournalFile) -> Result<Salvaged, JournalError>,
) -> Result<Salvaged, JournalError> {
    let unfinished = path.with_extension("unfinished");
    salvage::remove_journal(&unfinished)?;
    let filled = JournalFile::open(&unfinished, durability, u64::MAX).and_then(|mut new| {
        let salvaged = fill(&mut new)?;
        new.close()?;
        Ok(salvaged)
    });
    if filled.is_err() {
        // This frees disk space for the next attempt.
        salvage::remove_journal(&unfinished)?;
    }
    let salvaged = filled?;
    fs::rename(&unfinished, salvage::salvaged(path))?;
    let aside = put_salvaged_into_place(path)?;
    report(Some(&aside), salvaged);
    Ok(salvaged)
}

fn put_salvaged_into_place(path: &Path) -> Result<PathBuf, JournalError> {
    let now = now_ms();
    let aside = salvage::set_aside(path, now)?;
    fs::rename(salvage::salvaged(path), path)?;
    sync_entry(path);
    Ok(aside)
}

pub(super) fn report(aside: Option<&Path>, salvaged: Salvaged) {
    let Salvaged { read, unreadable } = salvaged;
    quietly(|| {
        tracing::error!(
            read,
            unreadable,
            aside = aside.map(|aside| tracing::field::display(aside.display())),
            "a journal was damaged, or removed while it was in use: what could be read of it is in a new one"
        );
    });
}
