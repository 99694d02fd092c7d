//! The body, in the block that catches its `return` and `?`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    super::{
        function::{Body, Function},
        parameters::{Access, Parameters, mentions},
        parse::Record,
        returns,
        validate::Plan,
    },
    block,
    recording::call,
};

pub(super) struct Inner<'a> {
    pub(super) function: &'a Function,
    pub(super) plan: &'a Plan,
    /// What the block does first.
    pub(super) unpacked: TokenStream,
}

/// An expression that runs the body to its end and is what it returns.
pub(super) fn inner(inner: &Inner<'_>) -> TokenStream {
    let Inner {
        function,
        plan,
        unpacked,
    } = inner;
    let krate = &plan.krate;
    let block = block(&function.body);
    let (asyncness, guide) = match &function.body {
        Body::Async(_) => (
            Some(quote!(async move)),
            guide(
                &returns::inferable(&function.signature.output),
                &captured(function),
            ),
        ),
        Body::Sync(_) => (
            None,
            guide(
                &returns::inferable(&function.signature.output),
                &captured(function),
            ),
        ),
        Body::Future(body) => (
            Some(body.asyncness.clone()),
            guide(&body.output, &TokenStream::new()),
        ),
    };
    let body = guided(&quote!(#guide #unpacked), block);
    let call = call();
    let always = plan.record == Record::Always;
    let run = match (asyncness, always) {
        (Some(asyncness), false) => quote!(#asyncness #body.await),
        (Some(asyncness), true) => {
            let future = Ident::new("future", Span::mixed_site());
            quote! {{
                let mut #future = ::core::pin::pin!(#asyncness #body);
                ::core::future::poll_fn(|cx| {
                    #krate::__private::Call::poll(&mut #call, ::core::pin::Pin::as_mut(&mut #future), cx)
                }).await
            }}
        }
        // It can't return early, and in place it sees its caller.
        (None, false) if function.tracks_caller() => quote!(#block),
        (None, false) => quote!(#krate::__private::call(move || #body)),
        (None, true) => quote!(#krate::__private::Call::run(&mut #call, move || #body)),
    };
    let client = plan.client.as_ref();
    match client.and_then(|client| client.reborrowed.as_ref()) {
        // The body need not use it.
        Some(client) => quote!({ #[allow(unused_variables)] let #client = &mut *#client; #run }),
        None => run,
    }
}

/// The guide and the body in braces of the body's own: with braces of the macro's, values made by the body's last expression would be dropped as
/// in the edition of this crate, and the body's braces would seem superfluous.
fn guided(guide: &TokenStream, block: &Group) -> Group {
    let mut group = Group::new(Delimiter::Brace, quote!(#guide #block));
    group.set_span(block.span());
    group
}

/// What is never run, but tells the compiler two things: the type of the block, so that coercions in the body work as
/// in a function, and which parameters the block takes. It takes them in the order in which they are named first, and drops
/// them in that order in the end.
fn guide(ty: &syn::Type, captured: &TokenStream) -> TokenStream {
    let never = Ident::new("never", Span::mixed_site());
    quote! {
        #[allow(
            unknown_lints,
            unreachable_code,
            clippy::diverging_sub_expression,
            clippy::empty_loop,
            clippy::let_unit_value,
            clippy::let_with_type_underscore,
            clippy::needless_return,
            clippy::unreachable,
            clippy::used_underscore_binding
        )]
        if false {
            #captured
            let #never: #ty = loop {};
            return #never;
        }
    }
}

/// Names the parameters that have something to drop, the last one first, as a function drops them. One that is not used is
/// left alone, so that the compiler can say so.
fn captured(function: &Function) -> TokenStream {
    let parameters = Parameters::of(&function.signature);
    let body = function.body.tokens();
    let captured = parameters.iter().rev().filter(|parameter| {
        parameter.access == Access::Moved
            && (parameter.name.to_string().starts_with('_')
                || mentions(body.clone(), &parameter.name))
    });
    captured
        .map(|parameter| {
            let (name, cfg) = (&parameter.name, &parameter.cfg);
            let span = name.span().resolved_at(Span::mixed_site());
            quote_spanned!(span=> #(#cfg)* let _ = &#name;)
        })
        .collect()
}
