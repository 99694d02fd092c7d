//! Expansion of the body, inside a block that catches its `return` and `?`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::{
    super::{
        function::{Body, Function},
        parameters::{Access, Parameters, mentions},
        parse::Record,
        plan::Plan,
        returns,
    },
    recording::call,
};

pub(super) struct Inner<'a> {
    pub(super) function: &'a Function,
    pub(super) plan: &'a Plan,
    /// The first statements of the block.
    pub(super) unpacked: TokenStream,
    /// The statements before the block captures its parameters.
    pub(super) reborrows: TokenStream,
}

impl Inner<'_> {
    /// Returns an expression that runs the body to its end and has the value that the body returns.
    pub(super) fn run(&self) -> TokenStream {
        let plan = self.plan;
        let krate = &plan.krate;
        let call = call();
        let future = Ident::new("future", Span::mixed_site());
        let run = match (&self.function.body, plan.record) {
            (Body::Sync(_), Record::Success) => self.called(),
            // The body runs in place, because a closure would hide the caller's location from it.
            // It can't return early: parsing refuses `#[track_caller]` on a function that may.
            (Body::Sync(_), Record::Always) if self.function.tracks_caller() => {
                let body = self.in_place();
                quote!({ #krate::__private::Call::uncaught(&mut #call); #body })
            }
            (Body::Sync(_), Record::Always) => {
                let body = self.guided();
                quote!(#krate::__private::Call::run(&mut #call, move || #body))
            }
            (_, Record::Success) => {
                let body = self.future();
                quote!(#body.await)
            }
            (_, Record::Always) => {
                let body = self.future();
                quote! {{
                    let #future = ::core::pin::pin!(#body);
                    #krate::__private::Watched::new(&mut #call, #future).await
                }}
            }
        };
        let reborrows = &self.reborrows;
        if reborrows.is_empty() {
            run
        } else {
            quote!({ #reborrows #run })
        }
    }

    /// Returns the statement that makes a boxed future, if the body does not end in an async block.
    pub(super) fn made(&self) -> TokenStream {
        let Body::Boxed(_) = &self.function.body else {
            return TokenStream::new();
        };
        let (future, boxed, made) = (returned_future(), self.output(), self.called());
        quote!(let #future: #boxed = #made;)
    }

    fn future(&self) -> TokenStream {
        let asyncness = match &self.function.body {
            Body::Boxed(_) => return returned_future().to_token_stream(),
            // The recording uses `self` after the block, so the block borrows it.
            Body::Async(_) if self.plan.leaves_self() => quote!(async),
            Body::Async(_) | Body::Sync(_) => quote!(async move),
            Body::Future(body) => body.asyncness.clone(),
        };
        let body = self.guided();
        quote!(#asyncness #body)
    }

    fn called(&self) -> TokenStream {
        if self.function.tracks_caller() {
            let body = self.in_place();
            return quote!({ #body });
        }
        let (krate, body) = (&self.plan.krate, self.guided());
        quote!(#krate::__private::call(move || #body))
    }

    fn in_place(&self) -> TokenStream {
        let (unpacked, ended) = (&self.unpacked, self.ended());
        quote!(#unpacked #ended)
    }

    /// Returns the type of the block.
    fn output(&self) -> Type {
        match &self.function.body {
            Body::Async(_) | Body::Sync(_) | Body::Boxed(_) => {
                returns::inferable(&self.function.signature.output)
            }
            Body::Future(body) => returns::inferable_type(&body.output),
        }
    }

    /// Returns the guide and the body, in braces that have the span of the body.
    ///
    /// With braces of the macro's, the edition of this crate would decide when the temporaries of
    /// the body's last expression are dropped, and the compiler would call the body's braces
    /// superfluous.
    fn guided(&self) -> Group {
        let captured = match &self.function.body {
            Body::Async(_) | Body::Sync(_) | Body::Boxed(_) => captured(self.function),
            Body::Future(_) => TokenStream::new(),
        };
        let guide = guide(&self.output(), &captured);
        let unpacked = &self.unpacked;
        let block = self.function.body.block();
        let body = if unpacked.is_empty() {
            block.to_token_stream()
        } else {
            self.ended()
        };
        let mut group = Group::new(Delimiter::Brace, quote!(#guide #unpacked #body));
        group.set_span(block.span());
        group
    }

    /// Returns statements that bind the body's value to a variable, and end in that variable.
    ///
    /// The temporaries of the body's last expression are thereby dropped before the variables of
    /// the statements in front. The `else` branch never runs. Because of it, the compiler assumes
    /// that the body may come to its end, and does not call the code after it unreachable.
    fn ended(&self) -> TokenStream {
        let value = Ident::new("value", Span::mixed_site());
        let (output, krate) = (self.output(), &self.plan.krate);
        let block = self.function.body.block();
        quote! {
            let #value: #output = if true #block else { #krate::__private::never() };
            #value
        }
    }
}

/// Returns the name of the variable that holds the future that the body returns.
fn returned_future() -> Ident {
    Ident::new("returned", Span::mixed_site())
}

/// Returns code that never runs, but tells the compiler two things about the block.
///
/// The first is its type, so that coercions in the body work as in a function. The second is the
/// order of its captures: a block captures parameters in the order in which it first names them,
/// and drops them in that order at its end.
fn guide(ty: &Type, captured: &TokenStream) -> TokenStream {
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

/// Returns statements that name the parameters that may have something to drop. The last parameter
/// comes first, because a function drops them in that order. An unused parameter is left out, so
/// that the compiler can warn about it.
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
