//! The macros of [`tracker-core`](https://docs.rs/tracker-core), which re-exports and documents
//! them. Depend on that crate instead of this one.
//!
//! The expansion of `#[tracked]` has three steps: `parse`, `validate` and `expand`. None of them
//! parses the function's body. Its tokens are passed on unchanged.
//!
//! # Features
//!
//! - `enable`: `#[tracked]` records. Without it the attribute checks its arguments and leaves the
//!   function as it was.

mod action_set;
mod arguments;
mod diagnostics;
mod reference_ids;
#[cfg(test)]
mod tests;
mod tracked;

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "documented where tracker-core re-exports it")]
#[proc_macro_attribute]
pub fn tracked(arguments: TokenStream, item: TokenStream) -> TokenStream {
    tracked::tracked(arguments.into(), &item.into()).into()
}

#[expect(missing_docs, reason = "documented where tracker-core re-exports it")]
#[proc_macro_derive(ReferenceIds, attributes(reference))]
pub fn derive_reference_ids(item: TokenStream) -> TokenStream {
    reference_ids::derive(item.into()).into()
}

#[expect(missing_docs, reason = "documented where tracker-core re-exports it")]
#[proc_macro_derive(ActionSet, attributes(action))]
pub fn derive_action_set(item: TokenStream) -> TokenStream {
    action_set::derive(item.into()).into()
}
