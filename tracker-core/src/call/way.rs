//! The ways in which texts of values are written: the text of a string is copied, and an integer's
//! is made without `fmt`. All others are written by their `Display`.
//!
//! The way is found by the value's type, when the user's code is compiled: called on a reference to
//! a [`Look`], `__tracked_way` finds [`CopiedWay`] first, and one reference further
//! [`DisplayedWay`].

use std::fmt;

use super::{line::Line, text::Text};
use crate::{
    draft::{Draft, Field},
    reference_ids::declared::ReferenceSink,
};

/// A value that is to be written.
pub struct Look<'a, T: ?Sized>(pub &'a T);

/// A value whose text is copied.
pub struct Copied<'a, T: ?Sized>(&'a T);

/// A value that has a text by its `Display`, or none.
pub struct Displayed<'a, T: ?Sized>(&'a T);

/// See [`Look`].
pub trait CopiedWay {
    /// The value, with its way.
    type Way;
    /// The value, with its way.
    fn __tracked_way(&self) -> Self::Way;
}

impl<'a, T: Plain + ?Sized> CopiedWay for Look<'a, T> {
    type Way = Copied<'a, T>;

    #[inline]
    fn __tracked_way(&self) -> Copied<'a, T> {
        Copied(self.0)
    }
}

/// See [`Look`].
pub trait DisplayedWay {
    /// The value, with its way.
    type Way;
    /// The value, with its way.
    fn __tracked_way(&self) -> Self::Way;
}

impl<'a, T: ?Sized> DisplayedWay for &Look<'a, T> {
    type Way = Displayed<'a, T>;

    #[inline]
    fn __tracked_way(&self) -> Displayed<'a, T> {
        Displayed(self.0)
    }
}

/// A type whose text is known without `fmt`.
pub trait Plain {
    /// Calls `f` with the text.
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R;
}

impl Plain for str {
    #[inline]
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        f(self)
    }
}

impl Plain for String {
    #[inline]
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        f(self)
    }
}

impl<T: Plain + ?Sized> Plain for &T {
    #[inline]
    fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
        (**self).with_text(f)
    }
}

macro_rules! plain_integers {
    ($($integer:ty),*) => {$(
        impl Plain for $integer {
            #[inline]
            fn with_text<R>(&self, f: impl FnOnce(&str) -> R) -> R {
                f(itoa::Buffer::new().format(*self))
            }
        }
    )*};
}

plain_integers!(
    i8, u8, i16, u16, i32, u32, i64, u64, i128, u128, isize, usize
);

// The methods are each type's own, so that the compiler's message names the value's type.

impl<T: Plain + ?Sized> Copied<'_, T> {
    /// Adds the text to a line.
    #[inline]
    #[must_use]
    pub fn add_to(self, mut line: Line<'_>) -> Line<'_> {
        self.0.with_text(|text| line.push_value(text));
        line
    }

    /// Sets a field to the text.
    #[inline]
    pub fn set(self, draft: &mut Draft, field: Field) {
        self.0.with_text(|text| draft.write_str(field, text));
    }

    /// Adds the text as a reference.
    #[inline]
    pub fn refer(self, sink: &mut dyn ReferenceSink, name: &'static str) {
        self.0
            .with_text(|text| sink.write_reference_str(name, text));
    }
}

impl<T: ?Sized> Displayed<'_, T> {
    /// Adds the text to a line.
    #[must_use]
    pub fn add_to(self, mut line: Line<'_>) -> Line<'_>
    where
        T: fmt::Display,
    {
        line.push_formatted(format_args!("{}", self.0));
        line
    }

    /// Sets a field to the text, if there is one.
    pub fn set<Kind>(self, draft: &mut Draft, field: Field)
    where
        T: Text<Kind>,
    {
        self.0.write(|text| draft.write(field, text));
    }

    /// Adds the text as a reference, if there is one.
    pub fn refer<Kind>(self, sink: &mut dyn ReferenceSink, name: &'static str)
    where
        T: Text<Kind>,
    {
        self.0.write(|text| sink.write_reference(name, text));
    }
}
