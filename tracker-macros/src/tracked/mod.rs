//! `#[tracked]`: [`parse`] reads the attribute, and [`function`] the function. [`validate`] checks
//! them against each other and decides when each value is read. Its result is a [`plan`], from
//! which [`expand`] writes the tracked function.

mod action;
mod checks;
mod client;
mod details;
mod expand;
mod function;
mod future;
mod neighbours;
mod parameters;
mod parse;
mod pattern;
mod plan;
mod returns;
mod template;
mod unpack;
mod validate;
mod value;

use proc_macro2::TokenStream;
use quote::quote;

use self::{function::Function, parse::Arguments};

/// Returns the expansion. On a mistake, returns its error and the unchanged item, so that the rest
/// of the crate still compiles.
pub(crate) fn tracked(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let expanded = || {
        // Errors of the item come first, because its attribute may be correct.
        let mut function = syn::parse2::<Function>(item.clone())?;
        let arguments = syn::parse2::<Arguments>(arguments)?;
        let plan = validate::validate(arguments, &function)?;
        if !cfg!(any(feature = "enable", test)) {
            // A parameter may exist only to be recorded. It is not worth a warning.
            return Ok(quote!(#[allow(unused_variables)] #item));
        }
        Ok(expand::expand(&mut function, &plan))
    };
    expanded().unwrap_or_else(|errors: syn::Error| {
        if neighbours::is_declared_again(item) {
            return item.clone();
        }
        let errors = errors.into_compile_error();
        // Without the expansion nothing may read some parameters. They are not worth a warning.
        quote!(#errors #[allow(unused_variables)] #item)
    })
}
