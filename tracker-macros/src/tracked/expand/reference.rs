//! References to values, with spans that make type errors point at the value.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Expr;

/// Returns `&value`. The `&` has the value's span, where an error about the value's type belongs.
pub(super) fn reference_to(value: &Expr) -> TokenStream {
    let (span, operand) = operand(value);
    quote_spanned!(span=> &#operand)
}

/// Returns `&mut value`. The `&mut` has the value's span.
pub(super) fn exclusive_reference_to(value: &Expr) -> TokenStream {
    let (span, operand) = operand(value);
    quote_spanned!(span=> &mut #operand)
}

/// Returns the span of the value's first token, and the value. The value is in parentheses if `&`
/// would otherwise apply to only a part of it.
fn operand(value: &Expr) -> (Span, TokenStream) {
    let tokens = value.to_token_stream();
    let first = tokens.clone().into_iter().next();
    let span = first.map_or_else(Span::call_site, |first| first.span());
    let operand = match value {
        // `&` applies to these as a whole, so parentheses would be superfluous.
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
