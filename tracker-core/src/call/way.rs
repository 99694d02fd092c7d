//! The ways in which texts of values are taken: the text of a string is lent or copied, and an
//! integer's is made without `fmt`. All others are written by their `Display`.
//!
//! The way is found by the value's type, when the user's code is compiled. `__tracked_way`, called
//! on two references to a [`Place`], finds [`LentWay`] first, then [`CopiedWay`], and in the end
//! [`DisplayedWay`]. Called on a reference to a [`Look`], it finds [`CopiedWay`] first, and one
//! reference further [`DisplayedWay`].

use std::{borrow::Cow, fmt, rc::Rc, sync::Arc};

use super::text::Text;
use crate::{
    draft::{Draft, Field},
    reference_ids::declared::ReferenceSink,
};

/// A value whose text outlives the record.
pub struct Place<'t, T: ?Sized>(pub &'t T);

/// A value that may end before the record.
pub struct Look<'a, T: ?Sized>(pub &'a T);

/// A text that is lent.
#[derive(Default)]
pub struct Lent<'t>(pub &'t str);

/// A value whose text is copied.
pub struct Copied<'a, T: ?Sized>(pub &'a T);

impl Default for Copied<'_, str> {
    fn default() -> Self {
        Self("")
    }
}

/// A value that has a text by its `Display`, or none.
pub struct Displayed<'a, T: ?Sized>(&'a T);

/// See [`Place`].
pub trait LentWay {
    /// The text.
    type Way;
    /// The text.
    fn __tracked_way(&self) -> Self::Way;
}

macro_rules! lent {
    ($($place:lifetime $text:ty;)*) => {$(
        impl<'t> LentWay for &Place<$place, $text> {
            type Way = Lent<'t>;

            #[inline]
            fn __tracked_way(&self) -> Lent<'t> {
                Lent(self.0)
            }
        }
    )*};
}

// A reference lends for as long as it lasts, wherever it is itself.
lent! {
    't str;
    '_ &'t str;
    't String;
    '_ &'t String;
    't Box<str>;
    '_ &'t Box<str>;
    't Arc<str>;
    '_ &'t Arc<str>;
    't Rc<str>;
    '_ &'t Rc<str>;
    't Cow<'_, str>;
    '_ &'t Cow<'_, str>;
}

/// See [`Place`] and [`Look`].
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

impl<'a, T: Plain + ?Sized> CopiedWay for &&Place<'a, T> {
    type Way = Copied<'a, T>;

    #[inline]
    fn __tracked_way(&self) -> Copied<'a, T> {
        Copied(self.0)
    }
}

/// See [`Place`] and [`Look`].
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

impl<'a, T: ?Sized> DisplayedWay for Place<'a, T> {
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

impl<'t> Lent<'t> {
    /// Adds the text to the values of the details.
    #[inline]
    pub fn add_to(self, draft: &mut Draft<'t>) {
        draft.lend_value(self.0);
    }

    /// Sets a field to the text.
    #[inline]
    pub fn set(self, draft: &mut Draft<'t>, field: Field) {
        draft.lend(field, self.0);
    }

    /// Adds the text as a reference.
    #[inline]
    pub fn refer(self, sink: &mut dyn ReferenceSink<'t>, name: &'static str) {
        sink.lend_reference(name, self.0);
    }
}

impl<T: Plain + ?Sized> Copied<'_, T> {
    /// Adds the text to the values of the details.
    #[inline]
    pub fn add_to(self, draft: &mut Draft<'_>) {
        self.0.with_text(|text| draft.copy_value(text));
    }

    /// Sets a field to the text.
    #[inline]
    pub fn set(self, draft: &mut Draft<'_>, field: Field) {
        self.0.with_text(|text| draft.copy(field, text));
    }

    /// Adds the text as a reference.
    #[inline]
    pub fn refer(self, sink: &mut dyn ReferenceSink<'_>, name: &'static str) {
        self.0.with_text(|text| sink.copy_reference(name, text));
    }
}

impl<T: ?Sized> Displayed<'_, T> {
    /// Adds the text to the values of the details.
    pub fn add_to(self, draft: &mut Draft<'_>)
    where
        T: fmt::Display,
    {
        draft.write_value(format_args!("{}", self.0));
    }

    /// Sets a field to the text, if there is one.
    pub fn set<Kind>(self, draft: &mut Draft<'_>, field: Field)
    where
        T: Text<Kind>,
    {
        self.0.write(|text| draft.write(field, text));
    }

    /// Adds the text as a reference, if there is one.
    pub fn refer<Kind>(self, sink: &mut dyn ReferenceSink<'_>, name: &'static str)
    where
        T: Text<Kind>,
    {
        self.0.write(|text| sink.write_reference(name, text));
    }
}
