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

/// A value that a line of details can hold.
pub trait LineValue {
    /// Writes its text.
    fn write_to(self, line: &mut Line<'_>);
}

impl Line<'_> {
    /// Adds the text of a value.
    #[inline]
    #[must_use]
    pub fn value(mut self, value: impl LineValue) -> Self {
        value.write_to(&mut self);
        self
    }
}

impl<T: Plain + ?Sized> LineValue for Copied<'_, T> {
    #[inline]
    fn write_to(self, line: &mut Line<'_>) {
        self.0.with_text(|text| line.push_value(text));
    }
}

impl<T: fmt::Display + ?Sized> LineValue for Displayed<'_, T> {
    fn write_to(self, line: &mut Line<'_>) {
        line.push_formatted(format_args!("{}", self.0));
    }
}

/// A value that an ID can be made of. The parameter keeps the implementations apart; it is always
/// inferred.
pub trait IdValue<Kind> {
    /// Sets a field to its text.
    fn set(self, draft: &mut Draft, field: Field);
    /// Adds a reference.
    fn refer(self, sink: &mut dyn ReferenceSink, name: &'static str);
}

impl<T: Plain + ?Sized> IdValue<()> for Copied<'_, T> {
    #[inline]
    fn set(self, draft: &mut Draft, field: Field) {
        self.0.with_text(|text| draft.write_str(field, text));
    }

    #[inline]
    fn refer(self, sink: &mut dyn ReferenceSink, name: &'static str) {
        self.0
            .with_text(|text| sink.write_reference_str(name, text));
    }
}

#[diagnostic::do_not_recommend]
impl<Kind, T: Text<Kind> + ?Sized> IdValue<Kind> for Displayed<'_, T> {
    fn set(self, draft: &mut Draft, field: Field) {
        self.0.write(|text| draft.write(field, text));
    }

    fn refer(self, sink: &mut dyn ReferenceSink, name: &'static str) {
        self.0.write(|text| sink.write_reference(name, text));
    }
}
