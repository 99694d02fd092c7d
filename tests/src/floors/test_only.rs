//! Recognises items that are compiled for tests alone.

use syn::{Attribute, Meta, Token, punctuated::Punctuated};

/// Returns whether these attributes keep an item out of every build but that of tests.
pub(super) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        if path.is_ident("cfg") {
            attribute.parse_args().is_ok_and(|meta| needs_test(&meta))
        } else {
            path.is_ident("test")
        }
    })
}

/// Returns whether a predicate of `cfg` is false wherever `test` is.
fn needs_test(predicate: &Meta) -> bool {
    let Meta::List(list) = predicate else {
        return predicate.path().is_ident("test");
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let Ok(parts) = parts else {
        return false;
    };
    if list.path.is_ident("all") {
        parts.iter().any(needs_test)
    } else {
        list.path.is_ident("any") && !parts.is_empty() && parts.iter().all(needs_test)
    }
}
