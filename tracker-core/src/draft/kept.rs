//! The memory that a thread keeps for its drafts.

use std::{cell::Cell, mem};

use super::Draft;

/// The largest buffer that a thread keeps, in bytes: many times what the usual IDs and a line of
/// details take.
const KEPT_BYTES_MAX: usize = 8_192;

thread_local! {
    static KEPT_TEXTS: Cell<String> = const { Cell::new(String::new()) };
    static KEPT: Cell<Option<Box<Draft<'static>>>> = const { Cell::new(None) };
}

impl Draft<'_> {
    /// The texts that were made, at whose end others can be written.
    pub(super) fn texts(&mut self) -> &mut String {
        if self.made.capacity() == 0 {
            // Taken, because what is written may record too.
            self.made = KEPT_TEXTS.try_with(Cell::take).unwrap_or_default();
        }
        &mut self.made
    }

    /// Has the thread keep the memory of the texts that were made.
    #[inline]
    pub(crate) fn keep_texts(&mut self) {
        if self.made.capacity() > 0 {
            keep(mem::take(&mut self.made));
        }
    }
}

impl Draft<'static> {
    /// A draft of which nothing is known, in the memory that the thread has kept. Nothing is lent
    /// to it, so it can outlive the function. Its time is that of its [end](Self::end).
    pub(crate) fn take() -> Box<Self> {
        // Taken, because what fills it in may record too.
        match KEPT.try_with(Cell::take).ok().flatten() {
            Some(mut draft) => {
                draft.reset();
                draft
            }
            None => Box::new(Self::at(0)),
        }
    }

    /// Has the thread keep the memory for its next draft.
    pub(crate) fn keep(self: Box<Self>) {
        if self.made.capacity() <= KEPT_BYTES_MAX {
            // A thread that is ending drops it.
            let _ = KEPT.try_with(|kept| kept.set(Some(self)));
        }
    }

    fn reset(&mut self) {
        let mut made = mem::take(&mut self.made);
        made.clear();
        *self = Self {
            made,
            ..Self::at(0)
        };
    }
}

fn keep(mut texts: String) {
    if texts.capacity() <= KEPT_BYTES_MAX {
        texts.clear();
        // A thread that is ending drops it.
        let _ = KEPT_TEXTS.try_with(|kept| kept.set(texts));
    }
}
