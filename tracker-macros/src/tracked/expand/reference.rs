//! References to values, with the span of the whole value.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

/// `&value`, all of it with the value's span: that is where an error about its type belongs.
pub(super) fn reference_to(value: &Expr) -> TokenStream {
    let (span, operand) = operand(value);
    quote_spanned!(span=> &#operand)
}

/// `&mut value`, likewise.
pub(super) fn exclusive_reference_to(value: &Expr) -> TokenStream {
    let (span, operand) = operand(value);
    quote_spanned!(span=> &mut #operand)
}

/// A value as `&` binds to it as a whole, and its span.
fn operand(value: &Expr) -> (Span, TokenStream) {
    let tokens = value.to_token_stream();
    let first = tokens.clone().into_iter().next();
    let span = first.map_or_else(Span::call_site, |first| first.span());
    let operand = match value {
        // Parentheses around these would be superfluous.
        Expr::Array(_)
        | Expr::Await(_)
        | Expr::Call(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Lit(_)
        | Expr::Macro(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Reference(_)
        | Expr::Struct(_)
        | Expr::Try(_)
        | Expr::Tuple(_) => tokens,
        _ => quote_spanned!(span=> (#tokens)),
    };
    (span, operand)
}
