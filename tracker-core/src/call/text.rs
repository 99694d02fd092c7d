//! The texts of values: [`Text`], and [`Parameter`], which may have none.

use std::fmt;

use crate::bounded_text::to_bounded_string;

/// A value that can be recorded as text. The parameter keeps the implementations apart, as `Option`
/// might implement `Display` one day; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be recorded as text",
    label = "neither implements `Display` nor is an `Option` of something that does",
    note = "implement `std::fmt::Display` for it, or name a field or a method of it that has a text"
)]
pub trait Text<Kind> {
    /// Hands the text to `write`, if there is one.
    fn write(&self, write: impl FnOnce(fmt::Arguments<'_>));
}

/// Marks the implementation of [`Text`] for what implements `Display`.
pub enum Plain {}
/// Marks the implementation of [`Text`] for options.
pub enum Optional {}
/// Marks the implementation of [`Text`] for references to options.
pub enum OptionalRef {}

impl<T: fmt::Display + ?Sized> Text<Plain> for T {
    fn write(&self, write: impl FnOnce(fmt::Arguments<'_>)) {
        write(format_args!("{self}"));
    }
}

#[diagnostic::do_not_recommend]
impl<T: fmt::Display> Text<Optional> for Option<T> {
    fn write(&self, write: impl FnOnce(fmt::Arguments<'_>)) {
        if let Some(value) = self {
            Text::<Plain>::write(value, write);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: fmt::Display> Text<OptionalRef> for &Option<T> {
    fn write(&self, write: impl FnOnce(fmt::Arguments<'_>)) {
        Text::<Optional>::write(*self, write);
    }
}

/// The text of a value.
pub fn text<Kind, T: Text<Kind> + ?Sized>(value: &T) -> Option<String> {
    let mut string = None;
    value.write(|text| string = Some(to_bounded_string(text)));
    // Half an ID is none.
    string.and_then(|(string, is_whole)| is_whole.then_some(string))
}

/// A formatted text.
#[must_use]
pub fn format(text: fmt::Arguments<'_>) -> String {
    to_bounded_string(text).0
}

/// A parameter that is looked at when the attribute's own value is `None`. Called on a reference to
/// it, `__tracked_text` finds [`ParameterText`] and [`ParameterOption`] first, and for a parameter
/// that has no text [`ParameterWithoutText`].
pub struct Parameter<'a, T: ?Sized>(pub &'a T);

/// See [`Parameter`].
pub trait ParameterText {
    /// The parameter's text.
    fn __tracked_text(&self) -> Option<String>;
}

impl<T: fmt::Display + ?Sized> ParameterText for Parameter<'_, T> {
    fn __tracked_text(&self) -> Option<String> {
        text::<Plain, _>(self.0)
    }
}

/// See [`Parameter`].
pub trait ParameterOption {
    /// The parameter's text.
    fn __tracked_text(&self) -> Option<String>;
}

impl<T: fmt::Display> ParameterOption for Parameter<'_, Option<T>> {
    fn __tracked_text(&self) -> Option<String> {
        text::<Optional, _>(self.0)
    }
}

/// See [`Parameter`].
pub trait ParameterWithoutText {
    /// None.
    fn __tracked_text(&self) -> Option<String>;
}

impl<T: ?Sized> ParameterWithoutText for &Parameter<'_, T> {
    fn __tracked_text(&self) -> Option<String> {
        None
    }
}
