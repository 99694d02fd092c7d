//! The names that the macros' expansion uses, and nothing else. No part of it is for people: it
//! changes without notice.
//!
//! Methods have names that no other trait in the user's scope is likely to have.

use std::{
    convert::Infallible,
    fmt,
    panic::{AssertUnwindSafe, Location, catch_unwind},
};

use crate::{
    Client, HasReferenceIds, RecordError, ReferenceIds, Tracker,
    draft::to_bounded_string,
    quietly::{panic_message, quietly},
    store::BoxFuture,
    tracker::with_current,
};
pub use crate::{
    call::Call,
    draft::{Draft, Field},
    recording::{Recording, Watched},
    tracker::Refusal,
};

/// What a tracked function returned. [`__tracked_outcome`](Self::__tracked_outcome) is that of any `Result`, and through
/// [`ReturnedValue`] the success of any value of another type: an inherent method is found before a trait's.
pub struct Returned<'a, T>(pub &'a T);

impl<'a, T, E> Returned<'a, Result<T, E>> {
    /// The value of `Ok` or of `Err`.
    ///
    /// # Errors
    ///
    /// The value of `Err`.
    pub fn __tracked_outcome(self) -> Result<&'a T, &'a E> {
        self.0.as_ref()
    }
}

/// See [`Returned`].
pub trait ReturnedValue<'a> {
    /// The returned type.
    type Value;
    /// The value itself.
    ///
    /// # Errors
    ///
    /// None.
    fn __tracked_outcome(self) -> Result<&'a Self::Value, &'a Infallible>;
}

impl<'a, T> ReturnedValue<'a> for Returned<'a, T> {
    type Value = T;

    fn __tracked_outcome(self) -> Result<&'a T, &'a Infallible> {
        Ok(self.0)
    }
}

/// A success value. Called on a reference to it, `__tracked_reference_ids` finds [`WithReferenceIds`] first, and one
/// reference further [`WithoutReferenceIds`].
pub struct Output<'a, T>(pub &'a T);

/// See [`Output`].
pub trait WithReferenceIds {
    /// Adds what the value declares.
    fn __tracked_reference_ids(&self, draft: &mut Draft);
}

impl<T: HasReferenceIds> WithReferenceIds for Output<'_, T> {
    fn __tracked_reference_ids(&self, draft: &mut Draft) {
        self.0.__tracked_write(draft);
    }
}

/// See [`Output`].
pub trait WithoutReferenceIds {
    /// Adds nothing.
    fn __tracked_reference_ids(&self, draft: &mut Draft);
}

impl<T> WithoutReferenceIds for &Output<'_, T> {
    fn __tracked_reference_ids(&self, _: &mut Draft) {}
}

/// `references(output)`: as [`Output`], but the value's type must declare reference IDs.
pub fn add_declared_reference_ids<T: HasReferenceIds>(draft: &mut Draft, output: &T) {
    output.__tracked_write(draft);
}

/// A marked field of a derive, or `references(name = value)`.
pub fn write_reference<Kind, T: Text<Kind> + ?Sized>(
    draft: &mut Draft,
    name: &'static str,
    id: &T,
) {
    id.write(|id| draft.write_reference(name, id));
}

/// `references(name = value)`, whose value was read before the body.
pub fn write_reference_text(draft: &mut Draft, name: &'static str, id: Option<String>) {
    if let Some(id) = id {
        draft.write_reference(name, format_args!("{id}"));
    }
}

/// [`add_reference_ids`](HasReferenceIds::add_reference_ids) of a derive.
pub fn add_written_reference_ids<T: HasReferenceIds + ?Sized>(value: &T, ids: &mut ReferenceIds) {
    Draft::with_new(|draft| {
        value.__tracked_write(draft);
        draft.add_references_to(ids);
    });
}

/// What a synchronous function returned. Called on a reference to it, `__tracked_kind` finds [`FutureKind`] first, and one reference further
/// [`ValueKind`].
pub struct Kind<'a, T: ?Sized>(pub &'a T);

/// The value is a future.
pub struct IsFuture;
/// The value is none.
pub struct IsValue;

/// See [`Kind`].
pub trait FutureKind {
    /// It is.
    fn __tracked_kind(&self) -> IsFuture;
}

impl<T: Future + ?Sized> FutureKind for Kind<'_, T> {
    fn __tracked_kind(&self) -> IsFuture {
        IsFuture
    }
}

/// See [`Kind`].
pub trait ValueKind {
    /// It is none.
    fn __tracked_kind(&self) -> IsValue;
}

impl<T: ?Sized> ValueKind for &Kind<'_, T> {
    fn __tracked_kind(&self) -> IsValue {
        IsValue
    }
}

/// What can be recorded when its function returns.
#[diagnostic::on_unimplemented(
    message = "this function returns a future, which would be recorded before it has run",
    label = "a future",
    note = "make it an `async fn`, end it in `async move {{ … }}` or `Box::pin(async move {{ … }})`, or spell its type as `Pin<Box<dyn Future<…>>>`; where it returns the handle of a task, put `#[tracked]` on the function that the task runs"
)]
pub trait Recordable {}

impl Recordable for IsValue {}

/// Refuses what is recorded too early.
pub fn demand_value<K: Recordable>(_: K) {}

/// A value that can be recorded as text. The parameter keeps the implementations apart, as `Option` might
/// implement `Display` one day; it is always inferred.
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

/// Says what was done: the name of an action type.
pub fn set_action(draft: &mut Draft, action: &'static str) {
    draft.set_action(action);
}

/// Sets a field to the text of a value.
pub fn set<Kind, T: Text<Kind> + ?Sized>(draft: &mut Draft, field: Field, value: &T) {
    value.write(|text| draft.write(field, text));
}

/// Sets a field to the value of a parameter whose type is spelled `&str`, which needs no formatting.
pub fn set_str(draft: &mut Draft, field: Field, text: &str) {
    draft.write_str(field, text);
}

/// Sets a field to a text that was read before the body.
pub fn set_text(draft: &mut Draft, field: Field, text: Option<String>) {
    if let Some(text) = text {
        draft.write_str(field, &text);
    }
}

/// A parameter that is looked at when the attribute's own value is `None`. Called on a reference to it, `__tracked_text` finds
/// [`ParameterText`] and [`ParameterOption`] first, and for a parameter that has no text [`ParameterWithoutText`].
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

/// Sets the details.
pub fn set_details(draft: &mut Draft, details: fmt::Arguments<'_>) {
    draft.write(Field::Details, details);
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

/// Reads values at the function's entry; a panic in it is logged and gives `None`.
#[track_caller]
pub fn capture<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    guarded(Location::caller(), read)
}

/// Where an attribute stands, for the log.
pub(crate) type Attribute = &'static Location<'static>;

fn guarded<T>(attribute: Attribute, read: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let panic = panic_message(panic);
        quietly(|| {
            tracing::error!(
                panic,
                %attribute,
                "a value is not recorded: reading it panicked"
            );
        });
        None
    })
}

/// What is read at the entry; `None` where nothing will be recorded.
pub type Entry<const N: usize> = Option<Box<[Option<String>; N]>>;

/// Takes a text that was read at the entry.
pub fn take<const N: usize>(entry: &mut Entry<N>, position: usize) -> Option<String> {
    entry.as_mut()?.get_mut(position)?.take()
}

/// Whether there may be a tracker to record with. It is asked before anything else is done, so that a program without one pays
/// for nothing more.
#[inline]
#[must_use]
pub fn may_record() -> bool {
    crate::tracker::may_record()
}

/// Whether there is a tracker to record with.
#[must_use]
pub fn is_recording() -> bool {
    crate::tracker::is_recording()
}

/// Stands where a body has not come to its end, which never happens.
#[cold]
#[must_use]
pub fn never<T>() -> T {
    unreachable!("the branch that is never taken")
}

/// Runs a synchronous body. The closure is a `FnOnce` whatever it captures, so that what it returns may borrow
/// from a `&mut` argument.
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}

/// Lets `fill` set what is known of a call; a panic in it is logged, and what was set before it is kept.
pub(crate) fn fill_in(draft: &mut Draft, fill: &mut dyn FnMut(&mut Draft), attribute: Attribute) {
    guarded(attribute, || {
        fill(draft);
        Some(())
    });
}

/// Lets `fill` set what is known of a call that has just succeeded.
fn with_filled<T>(
    fill: &mut dyn FnMut(&mut Draft),
    attribute: Attribute,
    record: impl FnOnce(&mut Draft) -> T,
) -> T {
    Draft::with_new(|draft| {
        fill_in(draft, fill, attribute);
        record(draft)
    })
}

/// Records a success with the current tracker.
#[track_caller]
pub fn record(fill: &mut dyn FnMut(&mut Draft)) {
    let attribute = Location::caller();
    with_current(|tracker| with_filled(fill, attribute, |draft| tracker.record_draft(draft)));
}

/// Records a success with the tracker that the attribute names.
#[track_caller]
pub fn record_with(tracker: &Tracker, fill: &mut dyn FnMut(&mut Draft)) {
    with_filled(fill, Location::caller(), |draft| {
        tracker.record_draft(draft);
    });
}

/// Records a success with the current tracker, and waits until it is durable.
#[track_caller]
pub fn record_durable(fill: &mut dyn FnMut(&mut Draft)) -> BoxFuture<'static, ()> {
    let attribute = Location::caller();
    let mut recording = None;
    with_current(|tracker| {
        let record = |draft: &mut Draft| tracker.record_draft_durable(draft);
        recording = Some(with_filled(fill, attribute, record));
    });
    recording.unwrap_or_else(nothing)
}

/// Records a success with the tracker that the attribute names, and waits until it is durable.
#[track_caller]
pub fn record_durable_with(
    tracker: &Tracker,
    fill: &mut dyn FnMut(&mut Draft),
) -> BoxFuture<'static, ()> {
    with_filled(fill, Location::caller(), |draft| {
        tracker.record_draft_durable(draft)
    })
}

/// Records a success on the caller's client, with the current tracker.
#[track_caller]
pub fn record_in<'a, C: Client + 'a>(
    client: C,
    refusal: Refusal,
    fill: &mut dyn FnMut(&mut Draft),
) -> InClient<'a> {
    let attribute = Location::caller();
    let mut recording = None;
    with_current(|tracker| {
        let record = |draft: &mut Draft| tracker.draft_on_client(draft, refusal);
        recording = Some(with_filled(fill, attribute, record));
    });
    match recording {
        Some(recording) => Box::pin(recording.insert(client)),
        None => not_installed(),
    }
}

/// Records a success on the caller's client, with the tracker that the attribute names.
#[track_caller]
pub fn record_in_with<'a, C: Client + 'a>(
    tracker: &Tracker,
    client: C,
    refusal: Refusal,
    fill: &mut dyn FnMut(&mut Draft),
) -> InClient<'a> {
    let record = |draft: &mut Draft| tracker.draft_on_client(draft, refusal);
    let recording = with_filled(fill, Location::caller(), record);
    Box::pin(recording.insert(client))
}

/// Begins a call that is recorded however it ends, with the current tracker.
#[track_caller]
pub fn start(fill: &mut dyn FnMut(&mut Draft)) -> Call {
    let attribute = Location::caller();
    let mut open = None;
    with_current(|tracker| {
        let mut draft = Draft::new();
        fill_in(&mut draft, fill, attribute);
        open = Some((tracker.clone(), draft));
    });
    Call::new(open, attribute)
}

/// Begins a call that is recorded however it ends, with the tracker that the attribute names.
#[track_caller]
pub fn start_with(tracker: &Tracker, fill: &mut dyn FnMut(&mut Draft)) -> Call {
    let attribute = Location::caller();
    let mut draft = Draft::new();
    fill_in(&mut draft, fill, attribute);
    Call::new(Some((tracker.clone(), draft)), attribute)
}

/// As [`start_with`], with a tracker that was read before; nothing is recorded if that panicked.
#[track_caller]
pub fn start_with_entry(tracker: Option<Tracker>, fill: &mut dyn FnMut(&mut Draft)) -> Call {
    match tracker {
        Some(tracker) => start_with(&tracker, fill),
        None => Call::new(None, Location::caller()),
    }
}

/// The end of recording on the caller's client.
pub type InClient<'a> = BoxFuture<'a, Result<(), RecordError>>;

/// Records nothing on the caller's client.
#[must_use]
pub fn not_installed<'a>() -> InClient<'a> {
    Box::pin(std::future::ready(Err(RecordError::NotInstalled)))
}

/// What a function returns that fails because its activity was not recorded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't say that an activity was not recorded",
    label = "no `Result`",
    note = "`required` makes the function return an error where its activity can't be written: return a `Result`, or remove `required`"
)]
pub trait Fallible {
    /// The error in place of what was returned.
    #[must_use]
    fn __tracked_refused(self, error: RecordError) -> Self;
}

impl<T, E: Untracked> Fallible for Result<T, E> {
    fn __tracked_refused(self, error: RecordError) -> Self {
        Err(E::__tracked_from(error))
    }
}

/// The error of a function that fails because its activity was not recorded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be made of a `RecordError`",
    label = "the function's error lacks `From<tracker_core::RecordError>`",
    note = "`required` makes the function return an error where its activity can't be written: implement `From<tracker_core::RecordError>` for `{Self}`, for instance by thiserror's `#[from]`, or return an error type of your own that has one"
)]
pub trait Untracked {
    /// By `From`.
    fn __tracked_from(error: RecordError) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<RecordError>> Untracked for E {
    fn __tracked_from(error: RecordError) -> Self {
        error.into()
    }
}

/// What a function returns that is `required` to be recorded and was not.
pub fn refused<R: Fallible>(returned: R, error: RecordError) -> R {
    returned.__tracked_refused(error)
}

/// Records nothing.
#[must_use]
pub fn nothing<'a>() -> BoxFuture<'a, ()> {
    Box::pin(std::future::ready(()))
}

pub use crate::{__call_site as call_site, action::check::check_action};
#[cfg(feature = "call-sites")]
pub use inventory;
