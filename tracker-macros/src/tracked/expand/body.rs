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
    /// What is done before the block takes its parameters.
    pub(super) reborrows: TokenStream,
}

/// An expression that runs the body to its end and is what it returns.
pub(super) fn inner(inner: &Inner<'_>) -> TokenStream {
    let Inner {
        function,
        plan,
        unpacked,
        reborrows,
    } = inner;
    let krate = &plan.krate;
    let block = block(&function.body);
    let output = match &function.body {
        Body::Async(_) | Body::Sync(_) => returns::inferable(&function.signature.output),
        Body::Future(body) => returns::inferable_type(&body.output),
    };
    let asyncness = match &function.body {
        // What is not moved into the block stays behind it.
        Body::Async(_) if plan.leaves_self() => Some(quote!(async)),
        Body::Async(_) => Some(quote!(async move)),
        Body::Sync(_) => None,
        Body::Future(body) => Some(body.asyncness.clone()),
    };
    let captured = match &function.body {
        Body::Async(_) | Body::Sync(_) => captured(function),
        Body::Future(_) => TokenStream::new(),
    };
    let guide = guide(&output, &captured);
    let body = if unpacked.is_empty() {
        guided(&guide, &quote!(#block), block.span())
    } else {
        let ended = ended(block, &output, krate);
        guided(&quote!(#guide #unpacked), &ended, block.span())
    };
    let call = call();
    let always = plan.record == Record::Always;
    let run = match (asyncness, always) {
        (Some(asyncness), false) => quote!(#asyncness #body.await),
        (Some(asyncness), true) => {
            let future = Ident::new("future", Span::mixed_site());
            quote! {{
                let #future = ::core::pin::pin!(#asyncness #body);
                #krate::__private::Watched::new(&mut #call, #future).await
            }}
        }
        // It can't return early, and in place it sees its caller.
        (None, false) if function.tracks_caller() => {
            let ended = ended(block, &output, krate);
            quote!({ #unpacked #ended })
        }
        (None, true) if function.tracks_caller() => {
            let ended = ended(block, &output, krate);
            quote!({ #krate::__private::Call::uncaught(&mut #call); #unpacked #ended })
        }
        (None, false) => quote!(#krate::__private::call(move || #body)),
        (None, true) => quote!(#krate::__private::Call::run(&mut #call, move || #body)),
    };
    if reborrows.is_empty() {
        run
    } else {
        quote!({ #reborrows #run })
    }
}

/// The guide and the body in braces of the body's own: with braces of the macro's, values made by the body's last expression would be dropped as
/// in the edition of this crate, and the body's braces would seem superfluous.
fn guided(guide: &TokenStream, body: &TokenStream, braces: Span) -> Group {
    let mut group = Group::new(Delimiter::Brace, quote!(#guide #body));
    group.set_span(braces);
    group
}

/// The body as an expression of its type whose last values are dropped at once, before what stands in front of it. It always comes to the
/// end, as far as the compiler knows, so that nothing behind it is called unreachable.
fn ended(block: &Group, output: &syn::Type, krate: &syn::Path) -> TokenStream {
    let value = Ident::new("value", Span::mixed_site());
    quote! {
        let #value: #output = if true #block else { #krate::__private::never() };
        #value
    }
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
