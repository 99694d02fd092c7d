//! Writes the tracked function.
//!
//! The function keeps its signature. Its body becomes a block that is run in place, awaited or called; before it stand the
//! values that have to be read there, after it the one call that records.

mod body;
mod recording;
mod values;

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use self::{
    body::{Inner, inner},
    recording::Recording,
};
use super::{
    function::{Body, Function},
    parse::Record,
    returns,
    validate::Plan,
};

/// The tracked function.
pub(super) fn expand(function: &mut Function, plan: &Plan) -> TokenStream {
    let never = returns::never(&function.signature.output);
    if never && plan.record == Record::Success {
        return untracked(function);
    }
    if !matches!(function.body, Body::Future(_)) {
        function.name_wildcards();
    }
    let head = function.head();
    let result = Ident::new("result", Span::mixed_site());
    let recording = Recording::new(plan, &result, &function.body);
    let Recording {
        entries,
        start,
        exit,
    } = &recording;
    if never {
        // It ends in a panic or by being dropped: there is nothing to wait for.
        let call = recording::call();
        let body = match &function.body {
            Body::Async(body) | Body::Sync(body) => quote!(#body),
            Body::Future(body) => {
                let (asyncness, block) = (&body.asyncness, &body.block);
                quote!(#asyncness #block.await)
            }
        };
        return quote!(#head { #start #call.uncaught(); #body });
    }
    let inner = inner(&Inner { function, plan });
    let tracked = quote! {
        #start
        let #result = #inner;
        #exit
        #result
    };
    match &function.body {
        Body::Async(_) | Body::Sync(_) => quote!(#head { #entries #tracked }),
        Body::Future(body) => {
            let before = &body.before;
            let future = quote!(async move { #tracked });
            let future = match body.parentheses {
                Some(span) => quote_spanned!(span=> (#future)),
                None => future,
            };
            quote!(#head { #entries #before #future })
        }
    }
}

/// The function as it was: it never returns, so there is never a success.
fn untracked(function: &Function) -> TokenStream {
    let head = function.head();
    let body: TokenStream = match &function.body {
        Body::Async(body) | Body::Sync(body) => quote!(#body),
        Body::Future(body) => {
            let (before, asyncness, block) = (&body.before, &body.asyncness, &body.block);
            let future = quote!(#asyncness #block);
            let future = match body.parentheses {
                Some(span) => quote_spanned!(span=> (#future)),
                None => future,
            };
            quote!({ #before #future })
        }
    };
    quote!(#head #body)
}

/// The block of the body.
fn block(body: &Body) -> &Group {
    match body {
        Body::Async(block) | Body::Sync(block) => block,
        Body::Future(body) => &body.block,
    }
}
