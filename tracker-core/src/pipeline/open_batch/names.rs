//! Names that are constants, of which a row has the number alone: [`Names`].

use std::{num::NonZeroU16, ptr};

/// The number of names that are found again at once. A program with more of them at work has some
/// of them twice.
const PLACES: usize = 64;

/// The number of names that a batch can tell apart.
const NAMES_MAX: usize = u16::MAX as usize;

/// The number of a name in its batch, from one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name(NonZeroU16);

/// The names of a batch, told apart by where they are in memory.
#[derive(Debug)]
pub(super) struct Names {
    names: Vec<&'static str>,
    /// By the address of a name, the one that had this place last.
    last: [Name; PLACES],
}

impl Default for Names {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            last: [Name(NonZeroU16::MIN); PLACES],
        }
    }
}

impl Names {
    /// Returns whether there is room for so many more names.
    #[inline]
    pub(super) fn has_room_for(&self, names: usize) -> bool {
        self.names.len() + names <= NAMES_MAX
    }

    /// The number of a name, for which there is room.
    #[inline]
    pub(super) fn of(&mut self, name: &'static str) -> Name {
        // Constants lie one behind the other, so that a few bits tell them apart.
        let address = name.as_ptr().addr();
        let place = (address ^ address >> 6) % PLACES;
        let last = self.last[place];
        match self.names.get(last.position()) {
            Some(known) if ptr::eq(*known, name) => last,
            _ => self.add(name, place),
        }
    }

    #[cold]
    fn add(&mut self, name: &'static str, place: usize) -> Name {
        self.names.push(name);
        let number = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        let number = Name(NonZeroU16::new(number).unwrap_or(NonZeroU16::MIN));
        self.last[place] = number;
        number
    }

    pub(super) fn text(&self, name: Name) -> &'static str {
        self.names.get(name.position()).copied().unwrap_or_default()
    }

    /// All of them, in the order of their numbers.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn clear(&mut self) {
        self.names.clear();
    }
}

impl Name {
    /// Its place among all names.
    pub(super) fn position(self) -> usize {
        usize::from(self.0.get()) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_again_and_others_keep_theirs() {
        const TEXT: &str = "deployment_id, github_push_id, container_session_id, and many more: \
                            each piece of this text is a name of its own, whatever place it takes";
        let mut names = Names::default();
        let pieces: Vec<_> = (0..TEXT.len() - 3).map(|at| &TEXT[at..at + 3]).collect();
        for _ in 0..3 {
            let numbers: Vec<_> = pieces.iter().map(|piece| names.of(piece)).collect();
            for (piece, number) in pieces.iter().zip(numbers) {
                assert_eq!(names.text(number), *piece);
            }
        }
        let one = names.of(&TEXT[..3]);
        assert_eq!(names.of(&TEXT[..3]), one);
        assert_ne!(names.of(&TEXT[..4]), one);
        names.clear();
        assert_eq!(names.of(&TEXT[..4]), Name(NonZeroU16::MIN));
    }
}
