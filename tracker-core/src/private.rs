//! What expanded code calls, and nothing else. No part of it is for people: it changes without notice.

use std::{
    fmt::{self, Write as _},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    Activity, Client, HasReferenceIds, ReferenceIds, Tracker, limits::DETAILS_CHARS_MAX,
    pipeline::writer::panic_message, store::BoxFuture, tracker::with_current,
};

/// What a tracked function returned. [`success`](Self::success) is `Ok`'s value of any `Result`, and through
/// [`ReturnedValue`] any value of another type: an inherent method is found before a trait's.
pub struct Returned<'a, T>(pub &'a T);

impl<'a, T, E> Returned<'a, Result<T, E>> {
    /// The value of `Ok`.
    #[must_use]
    pub fn success(self) -> Option<&'a T> {
        self.0.as_ref().ok()
    }
}

/// See [`Returned`].
pub trait ReturnedValue<'a> {
    /// The returned type.
    type Value;
    /// The value itself.
    fn success(self) -> Option<&'a Self::Value>;
}

impl<'a, T> ReturnedValue<'a> for Returned<'a, T> {
    type Value = T;

    fn success(self) -> Option<&'a T> {
        Some(self.0)
    }
}

/// A success value. Called on a reference to it, `add_reference_ids` finds [`WithReferenceIds`] first, and one
/// reference further [`WithoutReferenceIds`].
pub struct Output<'a, T>(pub &'a T);

/// See [`Output`].
pub trait WithReferenceIds {
    /// Adds what the value declares.
    fn add_reference_ids(&self, ids: &mut ReferenceIds);
}

impl<T: HasReferenceIds> WithReferenceIds for Output<'_, T> {
    fn add_reference_ids(&self, ids: &mut ReferenceIds) {
        self.0.add_reference_ids(ids);
    }
}

/// See [`Output`].
pub trait WithoutReferenceIds {
    /// Adds nothing.
    fn add_reference_ids(&self, ids: &mut ReferenceIds);
}

impl<T> WithoutReferenceIds for &Output<'_, T> {
    fn add_reference_ids(&self, _: &mut ReferenceIds) {}
}

/// `references(output)`: as [`Output`], but the value's type must declare reference IDs.
pub fn add_declared_reference_ids<T: HasReferenceIds>(output: &T, ids: &mut ReferenceIds) {
    output.add_reference_ids(ids);
}

/// `references(name = value)`.
pub fn add_reference_id(ids: &mut ReferenceIds, name: &'static str, id: Option<String>) {
    if let Some(id) = id {
        ids.insert(name, id);
    }
}

/// A value that can be recorded as text. The parameter keeps the implementations apart, as `Option` might
/// implement `Display` one day; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be recorded as text",
    label = "neither implements `Display` nor is an `Option` of something that does",
    note = "implement `std::fmt::Display` for it, or name a field or a method of it that has a text"
)]
pub trait Text<Kind> {
    /// The text; `None` is recorded as no value.
    fn text(&self) -> Option<String>;
}

/// Marks the implementation of [`Text`] for what implements `Display`.
pub enum Plain {}
/// Marks the implementation of [`Text`] for options.
pub enum Optional {}
/// Marks the implementation of [`Text`] for references to options.
pub enum OptionalRef {}

impl<T: fmt::Display + ?Sized> Text<Plain> for T {
    fn text(&self) -> Option<String> {
        Some(format(format_args!("{self}")))
    }
}

#[diagnostic::do_not_recommend]
impl<T: fmt::Display> Text<Optional> for Option<T> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(Text::<Plain>::text)
    }
}

#[diagnostic::do_not_recommend]
impl<T: fmt::Display> Text<OptionalRef> for &Option<T> {
    fn text(&self) -> Option<String> {
        Text::<Optional>::text(*self)
    }
}

/// The text of a value.
pub fn text<Kind, T: Text<Kind> + ?Sized>(value: &T) -> Option<String> {
    value.text()
}

/// Formats without panicking when a `Display` fails, and no further than a row can hold.
#[must_use]
pub fn format(arguments: fmt::Arguments<'_>) -> String {
    let mut bounded = Bounded(String::new());
    // What was written until then is kept.
    let _ = bounded.write_fmt(arguments);
    bounded.0
}

struct Bounded(String);

/// Enough that a text of more bytes is sure to have more characters than any limit of a row, and is cut visibly.
const BYTES_MAX: usize = 4 * (DETAILS_CHARS_MAX + 1);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = BYTES_MAX - self.0.len();
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(&text[..text.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

/// Reads values at the function's entry; a panic in it is logged and gives `None`.
pub fn capture<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        tracing::error!(
            panic = panic_message(&*panic),
            "a value is not recorded: reading it panicked"
        );
        None
    })
}

/// An activity of a call that has succeeded, with what `fill` sets; a panic in it is logged, and what
/// was set before it is kept.
fn activity(action: &'static str, fill: &mut dyn FnMut(&mut Activity)) -> Activity {
    let mut activity = Activity::named(action);
    capture(|| {
        fill(&mut activity);
        Some(())
    });
    activity
}

/// Records with the current tracker.
pub fn record(action: &'static str, fill: &mut dyn FnMut(&mut Activity)) {
    with_current(|tracker| record_with(tracker, action, fill));
}

/// Records with the tracker that the attribute names.
pub fn record_with(tracker: &Tracker, action: &'static str, fill: &mut dyn FnMut(&mut Activity)) {
    tracker.record(activity(action, fill));
}

/// Records on the caller's client, with the current tracker.
pub fn record_in<'a>(
    client: &'a dyn Client,
    action: &'static str,
    fill: &mut dyn FnMut(&mut Activity),
) -> BoxFuture<'a, ()> {
    let mut recording: BoxFuture<'a, ()> = Box::pin(std::future::ready(()));
    with_current(|tracker| recording = record_in_with(tracker, client, action, fill));
    recording
}

/// Records on the caller's client, with the tracker that the attribute names.
pub fn record_in_with<'a>(
    tracker: &Tracker,
    client: &'a dyn Client,
    action: &'static str,
    fill: &mut dyn FnMut(&mut Activity),
) -> BoxFuture<'a, ()> {
    tracker.record_in(client, activity(action, fill))
}
