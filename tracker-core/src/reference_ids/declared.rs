//! The reference IDs that a value declares: [`HasReferenceIds`].

use std::fmt;

use super::{Content, ReferenceIds};
use crate::bounded_text::to_bounded_string;

/// A receiver of the reference IDs that a value declares: a map of them, or the record of a tracked
/// function, which outlives no text that is lent for `'t`.
#[doc(hidden)]
pub trait ReferenceSink<'t> {
    /// Adds an ID. One whose `Display` fails is left out: half an ID is none.
    fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>);

    /// Adds a copy of an ID that is a text.
    fn copy_reference(&mut self, name: &'static str, id: &str) {
        self.write_reference(name, format_args!("{id}"));
    }

    /// Adds an ID that is a text, which is lent.
    fn lend_reference(&mut self, name: &'static str, id: &'t str) {
        self.copy_reference(name, id);
    }

    /// Adds the entries of a map.
    fn add_references(&mut self, ids: ReferenceIds);
}

/// A value that provides the IDs of records that resulted from the work, such as the return value
/// of a tracked function.
///
/// `#[derive(ReferenceIds)]` implements it. Each field marked `#[reference]` adds its value under
/// the field's name, or under another one with `#[reference(rename = "…")]`. A field's type is
/// anything that implements [`Display`](fmt::Display), or an `Option` of it, which adds nothing if
/// it is `None`.
///
/// ```
/// use tracker_core::{HasReferenceIds, ReferenceIds};
///
/// #[derive(ReferenceIds)]
/// struct Deployment {
///     #[reference(rename = "deployment_id")]
///     id: String,
///     #[reference]
///     container_session_id: Option<u64>,
///     url: String,
/// }
///
/// let deployment = Deployment {
///     id: "deploy_xyz789".into(),
///     container_session_id: None,
///     url: "https://example.org".into(),
/// };
/// assert_eq!(
///     deployment.reference_ids(),
///     ReferenceIds::from_iter([("deployment_id", "deploy_xyz789")]),
/// );
/// # let _ = deployment.url;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` declares no reference IDs",
    label = "returned as `output`, which `references(output)` takes the reference IDs of",
    note = "add `#[derive(tracker_core::ReferenceIds)]` to `{Self}` and `#[reference]` to each of its fields that holds an ID"
)]
pub trait HasReferenceIds {
    /// Adds this value's IDs to `ids`.
    fn add_reference_ids(&self, ids: &mut ReferenceIds);

    /// Returns this value's IDs.
    fn reference_ids(&self) -> ReferenceIds {
        let mut ids = ReferenceIds::new();
        self.add_reference_ids(&mut ids);
        ids
    }

    /// Adds this value's IDs to the record of a tracked function. The derived implementation does
    /// so without a map.
    #[doc(hidden)]
    fn __tracked_write<'t>(&'t self, sink: &mut dyn ReferenceSink<'t>) {
        sink.add_references(self.reference_ids());
    }
}

/// Adds the entries of the map.
impl HasReferenceIds for ReferenceIds {
    fn add_reference_ids(&self, ids: &mut ReferenceIds) {
        if let Content::Object(entries) = &self.0 {
            for (name, id) in entries {
                ids.insert_id(name.clone(), id.clone());
            }
        }
    }
}

impl ReferenceSink<'_> for ReferenceIds {
    fn write_reference(&mut self, name: &'static str, id: fmt::Arguments<'_>) {
        if let (id, true) = to_bounded_string(id) {
            self.insert_string(name, id);
        }
    }

    fn add_references(&mut self, ids: ReferenceIds) {
        ids.add_reference_ids(self);
    }
}

/// Adds nothing if it is `None`.
impl<T: HasReferenceIds> HasReferenceIds for Option<T> {
    fn add_reference_ids(&self, ids: &mut ReferenceIds) {
        if let Some(value) = self {
            value.add_reference_ids(ids);
        }
    }

    fn __tracked_write<'t>(&'t self, sink: &mut dyn ReferenceSink<'t>) {
        if let Some(value) = self {
            value.__tracked_write(sink);
        }
    }
}

macro_rules! delegate {
    ($($pointer:ty),*) => {$(
        impl<T: HasReferenceIds + ?Sized> HasReferenceIds for $pointer {
            fn add_reference_ids(&self, ids: &mut ReferenceIds) {
                (**self).add_reference_ids(ids);
            }

            fn __tracked_write<'t>(&'t self, sink: &mut dyn ReferenceSink<'t>) {
                (**self).__tracked_write(sink);
            }
        }
    )*};
}

delegate!(&T, &mut T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);
