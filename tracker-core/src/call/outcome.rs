//! The outcome of a call, told apart by types: a success or a failure, a value or a future, and
//! the error of a function that fails with its activity.

use std::convert::Infallible;

use crate::{HasReferenceIds, RecordError, reference_ids::declared::ReferenceSink};

/// The value that a tracked function returned. [`__tracked_outcome`](Self::__tracked_outcome) is
/// that of any `Result`, and through [`ReturnedValue`] the success of any value of another type: an
/// inherent method is found before a trait's.
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

/// A success value. Called on a reference to it, `__tracked_reference_ids` finds
/// [`WithReferenceIds`] first, and one reference further [`WithoutReferenceIds`].
pub struct Output<'a, T>(pub &'a T);

/// See [`Output`].
pub trait WithReferenceIds<'t> {
    /// Adds what the value declares.
    fn __tracked_reference_ids(&self, sink: &mut dyn ReferenceSink<'t>);
}

impl<'t, T: HasReferenceIds> WithReferenceIds<'t> for Output<'t, T> {
    #[inline]
    fn __tracked_reference_ids(&self, sink: &mut dyn ReferenceSink<'t>) {
        self.0.__tracked_write(sink);
    }
}

/// See [`Output`].
pub trait WithoutReferenceIds {
    /// Adds nothing.
    fn __tracked_reference_ids(&self, sink: &mut dyn ReferenceSink<'_>);
}

impl<T> WithoutReferenceIds for &Output<'_, T> {
    #[inline]
    fn __tracked_reference_ids(&self, _: &mut dyn ReferenceSink<'_>) {}
}

/// The value that a synchronous function returned. Called on a reference to it, `__tracked_kind`
/// finds [`FutureKind`] first, and one reference further [`ValueKind`].
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

/// A value that can be recorded when its function returns.
#[diagnostic::on_unimplemented(
    message = "this function returns a future, which would be recorded before it has run",
    label = "a future",
    note = "make it an `async fn`, end it in `async move {{ … }}` or `Box::pin(async move {{ … }})`, or spell its type as `Pin<Box<dyn Future<…>>>`; where it returns the handle of a task, put `#[tracked]` on the function that the task runs"
)]
pub trait Recordable {}

impl Recordable for IsValue {}

/// Refuses what is recorded too early.
pub fn demand_value<K: Recordable>(_: K) {}

/// The returned type of a function that fails because its activity was not recorded.
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

/// The value to return in place of `returned`, of a call that is `required` to be recorded and was
/// not.
pub fn refused<R: Fallible>(returned: R, error: RecordError) -> R {
    returned.__tracked_refused(error)
}

/// Stands where a body has not come to its end, which never happens.
#[cold]
#[must_use]
pub fn never<T>() -> T {
    unreachable!("the branch that is never taken")
}

/// Runs a synchronous body. The closure is a `FnOnce` whatever it captures, so that what it returns
/// may borrow from a `&mut` argument.
pub fn call<T>(body: impl FnOnce() -> T) -> T {
    body()
}
