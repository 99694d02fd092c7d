//! The body, in the block that catches its `return` and `?`.

use proc_macro2::{Group, Ident, Span, TokenStream};
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
}

/// An expression that runs the body to its end and is what it returns.
pub(super) fn inner(Inner { function, plan }: &Inner<'_>) -> TokenStream {
    let krate = &plan.krate;
    let block = &without_lint(block(&function.body));
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
    let call = call();
    let always = plan.record == Record::Always;
    let run = match (asyncness, always) {
        (Some(asyncness), false) => quote!(#asyncness { #guide #block }.await),
        (Some(asyncness), true) => {
            let body = Ident::new("body", Span::mixed_site());
            quote! {{
                let mut #body = ::core::pin::pin!(#asyncness { #guide #block });
                ::core::future::poll_fn(|cx| #call.poll(::core::pin::Pin::as_mut(&mut #body), cx)).await
            }}
        }
        (None, false) => quote!(#krate::__private::call(move || { #guide #block })),
        (None, true) => quote!(#call.run(move || { #guide #block })),
    };
    let client = plan.client.as_ref();
    match client.and_then(|client| client.reborrowed.as_ref()) {
        // The body need not use it.
        Some(client) => quote!({ #[allow(unused_variables)] let #client = &mut *#client; #run }),
        None => run,
    }
}

/// The block, its braces in the same place, but of the macro's making: a function's braces are never superfluous, though those of a
/// block inside another one can seem so to the compiler.
fn without_lint(block: &Group) -> Group {
    let mut block = block.clone();
    block.set_span(block.span().resolved_at(Span::mixed_site()));
    block
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
            clippy::unreachable
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
