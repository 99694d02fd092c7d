//! Expansion of the tracked function.
//!
//! The function keeps its signature. Its body becomes a block that is run in place, awaited or
//! called. Statements before the block read the values that the body may move or change. One call
//! after the block records the activity.

mod action;
mod body;
mod recording;
mod reference;
mod values;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Path, ReturnType, spanned::Spanned};

use self::{action::Name, body::Inner, recording::Recording};
use super::{
    function::{Body, Function},
    parse::Record,
    plan::Plan,
    returns,
    unpack::{reborrow, unpack},
};

/// Returns the tracked function.
pub(super) fn expand(function: &mut Function, plan: &Plan) -> TokenStream {
    let never = returns::never(&function.signature.output);
    if never && plan.record == Record::Success {
        // The function never returns, so there is no success to record.
        let (head, body) = (function.head(), function.body.block());
        return quote!(#head #body);
    }
    let unpacked = unpack(function, plan);
    let reborrows = reborrow(function, plan);
    if !matches!(function.body, Body::Future(_)) {
        function.name_wildcards();
    }
    let head = function.head();
    let result = Ident::new("result", Span::mixed_site());
    let name = Name::of(&plan.action, &function.signature, &plan.krate);
    let items = action::items(&plan.action, &name, &function.signature, &plan.krate);
    let recording = Recording::new(plan, &name, &result, function);
    let Recording {
        entries,
        start,
        exit,
    } = &recording;
    if never {
        // The function ends only in a panic, or when its future is dropped. The call records both
        // when it is dropped itself, so no statement after the body is needed.
        let (krate, call) = (&plan.krate, recording::call());
        let body = function.body.block();
        return with_body(
            &head,
            function,
            quote!(#items #start #krate::__private::Call::uncaught(&mut #call); #body),
        );
    }
    let inner = Inner {
        function,
        plan,
        unpacked,
        reborrows,
    };
    let (made, run) = (inner.made(), inner.run());
    let demand = match function.body {
        Body::Sync(_) => demand_value(function, &result, &plan.krate),
        Body::Async(_) | Body::Future(_) | Body::Boxed(_) => TokenStream::new(),
    };
    let tracked = quote! {
        #start
        // The braces of a body that is one expression look superfluous inside those of the block.
        #[allow(unused_braces)]
        let #result = #run;
        #demand
        #exit
        #result
    };
    let before = quote!(#items #entries #made);
    with_body(&head, function, statements(function, &before, &tracked))
}

/// Returns all statements of the function: `before`, then `tracked`. A function that returns a
/// future has `tracked` inside that future.
fn statements(function: &Function, before: &TokenStream, tracked: &TokenStream) -> TokenStream {
    let (outside, inside) = if function.begins_inside() {
        (None, Some(before))
    } else {
        (Some(before), None)
    };
    match &function.body {
        Body::Async(_) | Body::Sync(_) => quote!(#outside #tracked),
        Body::Future(body) => {
            let (own, pin) = (&body.before, &body.pin);
            let mut tracked = Group::new(Delimiter::Brace, quote!(#inside #tracked));
            tracked.set_span(body.block.span());
            let future = quote!(async move #tracked);
            let future = match body.parentheses {
                Some(span) => quote_spanned!(span=> (#future)),
                None => future,
            };
            quote!(#outside #own #pin #future)
        }
        Body::Boxed(_) => {
            quote!(#outside ::std::boxed::Box::pin(async move { #inside #tracked }))
        }
    }
}

/// Returns statements that fail to compile if the function returns a future that its signature does
/// not spell.
fn demand_value(function: &Function, result: &Ident, krate: &Path) -> TokenStream {
    let ReturnType::Type(_, returned) = &function.signature.output else {
        return TokenStream::new();
    };
    // An error is located at the type, but the hygiene is that of generated code.
    let place = Span::mixed_site().located_at(returned.span());
    let kind = quote_spanned!(place=> (&#krate::__private::Kind(&#result)).__tracked_kind());
    quote! {{
        #[allow(unused_imports)]
        use #krate::__private::{FutureKind as _, ValueKind as _};
        #krate::__private::demand_value(#kind);
    }}
}

/// Returns the function with these statements as its body, in braces that have the span of the
/// original ones. With braces of the macro's, the compiler would treat the whole function as
/// generated code, and lints about it would be silent.
fn with_body(head: &TokenStream, function: &Function, statements: TokenStream) -> TokenStream {
    let mut body = Group::new(Delimiter::Brace, statements);
    body.set_span(match &function.body {
        Body::Async(block) | Body::Sync(block) | Body::Boxed(block) => block.span(),
        Body::Future(body) => body.braces,
    });
    quote!(#head #body)
}
