//! `#[tracked]`: [`parse`] reads the attribute, [`function`] the function, [`validate`] checks the
//! one against the other and decides when each value is read. What it decides is the [`plan`], by
//! which [`expand`] writes the result.

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

/// The expansion; on a mistake its error, and the item as it was, so that nothing else breaks.
pub(crate) fn tracked(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let expanded = || {
        // Errors of the item come first: its attribute may be perfect.
        let mut function = syn::parse2::<Function>(item.clone())?;
        let arguments = syn::parse2::<Arguments>(arguments)?;
        let plan = validate::validate(arguments, &function)?;
        if !cfg!(any(feature = "enable", test)) {
            // A parameter that is there to be recorded is no news either.
            return Ok(quote!(#[allow(unused_variables)] #item));
        }
        Ok(expand::expand(&mut function, &plan))
    };
    expanded().unwrap_or_else(|errors: syn::Error| {
        if neighbours::is_declared_again(item) {
            return item.clone();
        }
        let errors = errors.into_compile_error();
        // With the attribute goes what reads the parameters: that they are not used now is no news.
        quote!(#errors #[allow(unused_variables)] #item)
    })
}
